import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Kbd, Skeleton } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { type PaletteItem, usePaletteItems } from './palette-items.tsx'
import { findBest } from './palette-match.ts'

/** Shown at a time; whoever wants more types. */
const SHOWN_MAX = 40

/** Goes anywhere and starts anything, by typing. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <Dialog.Root defaultOpen onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-60 bg-veil transition-opacity duration-100 data-starting-style:opacity-0" />
        <Dialog.Popup
          initialFocus={field}
          className="popup-motion fixed inset-x-0 top-[min(14vh,8rem)] z-70 mx-auto flex max-h-[min(28rem,72vh)] w-[min(36rem,calc(100vw-1.5rem))] flex-col overflow-hidden rounded-lg border bg-surface shadow-float outline-none"
        >
          <Dialog.Title className="sr-only">Search and actions</Dialog.Title>
          <Finder field={field} onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface FinderProps {
  readonly field: React.RefObject<HTMLInputElement | null>
  readonly onClose: () => void
}

function Finder({ field, onClose }: FinderProps) {
  const id = useId()
  const { items, isLoading } = usePaletteItems()
  const [search, setSearch] = useState('')
  const [active, setActive] = useState(0)
  const found = findBest(items, search, SHOWN_MAX)
  // What follows one another in the same group stands under one heading; the best answer stays on top.
  const shown = search.trim() === '' ? found : groupByBest(found)
  const at = Math.min(active, Math.max(0, shown.length - 1))
  const run = (item: PaletteItem | undefined): void => {
    if (item === undefined) return
    onClose()
    item.run()
  }
  return (
    <>
      <label className="flex h-12 shrink-0 items-center gap-2.5 border-b px-4 text-faint">
        <Search aria-hidden className="size-4" />
        <span className="sr-only">Search pages, deployments, profiles, keys, tools and actions</span>
        <input
          ref={field}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value)
            setActive(0)
          }}
          onKeyDown={(event) => onFieldKey(event, { at, last: shown.length - 1, setActive, run: () => run(shown[at]) })}
          placeholder="Search or do something"
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={shown.length === 0 ? undefined : `${id}-${at}`}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className="h-full grow bg-transparent text-base text-text outline-none placeholder:text-faint"
        />
        <Kbd>Esc</Kbd>
      </label>
      <Found id={id} items={shown} at={at} onPoint={setActive} onRun={run} />
      {isLoading && (
        <div className="flex flex-col gap-2 px-4 pb-3">
          <Skeleton className="h-4 w-40" />
        </div>
      )}
      {shown.length === 0 && !isLoading && (
        <p role="status" className="px-6 py-8 text-center text-sm break-words text-soft">
          Nothing is called “{inertLine(search, 60)}”. Try a part of the name.
        </p>
      )}
    </>
  )
}

/** Groups in the order of their best answer. */
function groupByBest(items: readonly PaletteItem[]): readonly PaletteItem[] {
  return [...Map.groupBy(items, ({ group }) => group).values()].flat()
}

interface FieldKeys {
  readonly at: number
  readonly last: number
  readonly setActive: (index: number) => void
  readonly run: () => void
}

function onFieldKey(event: KeyboardEvent, { at, last, setActive, run }: FieldKeys): void {
  if (event.nativeEvent.isComposing) return
  if (event.key === 'ArrowDown') setActive(at >= last ? 0 : at + 1)
  else if (event.key === 'ArrowUp') setActive(at <= 0 ? Math.max(0, last) : at - 1)
  else if (event.key === 'PageDown') setActive(Math.min(last, at + 8))
  else if (event.key === 'PageUp') setActive(Math.max(0, at - 8))
  else if (event.key === 'Enter') run()
  else return
  event.preventDefault()
}

interface FoundProps {
  readonly id: string
  readonly items: readonly PaletteItem[]
  readonly at: number
  readonly onPoint: (index: number) => void
  readonly onRun: (item: PaletteItem) => void
}

function Found({ id, items, at, onPoint, onRun }: FoundProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // What it returns differs between browsers.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at, items.length])
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label="Found"
      className={cn('min-h-0 scroll-py-8 overflow-y-auto', items.length > 0 && 'p-1.5')}
    >
      {items.map((item, index) => (
        <div key={item.id} role="presentation">
          {item.group !== items[index - 1]?.group && (
            <p role="presentation" className="px-2.5 pt-2 pb-1 text-xs font-medium text-faint">
              {item.group}
            </p>
          )}
          {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field keeps the focus and takes the keys */}
          <div
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerMove={() => index !== at && onPoint(index)}
            onClick={() => onRun(item)}
            className={cn(
              'flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm select-none [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint',
              index === at && 'bg-hover',
            )}
          >
            {item.icon}
            <span className="truncate">{item.label}</span>
            {item.hint !== undefined && <span className="truncate text-xs text-faint">{item.hint}</span>}
            {item.keys !== undefined && (
              <span aria-hidden className="ml-auto flex gap-0.5 max-sm:hidden">
                {item.keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </span>
            )}
          </div>
        </div>
      ))}
    </div>
  )
}
