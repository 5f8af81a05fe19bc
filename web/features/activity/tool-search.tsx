import { Autocomplete } from '@base-ui/react/autocomplete'
import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { controlClass } from '@/components/ui/field.tsx'
import { SearchKey } from '@/components/ui/search-field.tsx'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
const SHOWN_MAX = 8

/** Looks for the events of one tool; suggests those called in the last week. */
export function ToolSearch({ onPick }: { readonly onPick: (tool: string) => void }) {
  const [text, setText] = useState('')
  const [wasUsed, setWasUsed] = useState(false)
  const names = useToolNames(wasUsed)
  const pick = (tool: string): void => {
    if (tool.trim() === '') return
    onPick(tool.trim())
    setText('')
  }
  return (
    <Autocomplete.Root
      items={names}
      value={text}
      limit={SHOWN_MAX}
      onValueChange={(value, { reason }) => (reason === 'item-press' ? pick(value) : setText(value))}
    >
      <div className="relative w-60 max-sm:w-full">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
        <Autocomplete.Input
          data-search
          aria-label="Tool name"
          placeholder="Tool name"
          maxLength={256}
          spellCheck={false}
          className={cn(controlClass, 'h-8 pr-9 pl-8')}
          onFocus={() => setWasUsed(true)}
          onKeyDown={({ key, currentTarget }) => {
            // With a suggestion highlighted, the press of the item comes instead.
            if (key === 'Enter' && !currentTarget.hasAttribute('aria-activedescendant')) pick(text)
          }}
        />
        {text === '' && <SearchKey />}
      </div>
      <Autocomplete.Portal>
        <Autocomplete.Positioner sideOffset={4} align="start" className="z-60 data-empty:hidden">
          <Autocomplete.Popup className="popup-motion max-h-80 min-w-(--anchor-width) overflow-y-auto rounded-md border bg-surface p-1 shadow-float data-empty:hidden">
            <Autocomplete.List>
              {(name: string) => (
                <Autocomplete.Item
                  key={name}
                  value={name}
                  className="flex h-8 max-w-96 cursor-default items-center rounded-sm px-2 font-mono text-xs outline-none data-highlighted:bg-hover"
                >
                  <span className="truncate">{inertLine(name, 120)}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  )
}

function useToolNames(isNeeded: boolean): string[] {
  // To the hour, so that the answer is kept.
  const [since] = useState(() => new Date(Math.floor((Date.now() - WEEK_MS) / HOUR_MS) * HOUR_MS).toISOString())
  const { data } = useApi('getInsights', { query: { since } }, { enabled: isNeeded, staleTime: 60_000 })
  return useMemo(() => [...new Set(data?.tools.map(({ tool }) => tool) ?? [])], [data])
}
