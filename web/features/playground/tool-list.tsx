import { Link } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { cn } from '@/lib/cn.ts'
import { count } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { McpTool } from '@/lib/mcp-answer.ts'
import { ToolChips } from './tool-chips.tsx'

const SHOWN_STEP = 200

interface ToolListProps {
  readonly tools: readonly McpTool[]
  /** The endpoint as it stands in the address. */
  readonly place: string
  readonly chosen: string | undefined
}

/** The tools of an endpoint, found by name and description. Each is a link: it can be shared and opened beside. */
export function ToolList({ tools, place, chosen }: ToolListProps) {
  const [query, setQuery] = useState('')
  const [shownMax, setShownMax] = useState(SHOWN_STEP)
  const list = useRef<HTMLUListElement>(null)
  const wanted = useDeferredValue(query.trim().toLowerCase())
  const found = useMemo(() => tools.filter((tool) => matches(tool, wanted)), [tools, wanted])
  useEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[aria-current]')
    if (row && list.current) list.current.scrollTop = Math.max(0, row.offsetTop - list.current.clientHeight / 2)
  }, [chosen])
  const walk = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('a') ?? [])]
    const at = rows.indexOf(document.activeElement as HTMLElement)
    const next = rows[event.key === 'ArrowDown' ? at + 1 : at - 1]
    if (next === undefined) return
    event.preventDefault()
    next.focus()
  }
  return (
    <div role="search" className="flex min-h-0 flex-col gap-2">
      <SearchField
        label="Search the tools"
        placeholder={`Search ${count(tools.length)} ${tools.length === 1 ? 'tool' : 'tools'}`}
        value={query}
        onChange={setQuery}
        onKeyDown={walk}
        className="grow-0 sm:max-w-none"
      />
      <ul ref={list} aria-label="Tools" className="relative flex max-h-72 flex-col overflow-y-auto lg:max-h-[calc(100dvh-15rem)]">
        {found.slice(0, shownMax).map((tool) => (
          <ToolRow key={tool.name} tool={tool} place={place} isChosen={tool.name === chosen} onWalk={walk} />
        ))}
        {found.length > shownMax && (
          <li className="p-2">
            <Button size="sm" onClick={() => setShownMax(shownMax + SHOWN_STEP)}>
              Show more tools ({count(found.length - shownMax)} left)
            </Button>
          </li>
        )}
      </ul>
      <p role="status" className={cn('px-2 text-sm text-faint', found.length > 0 && 'sr-only')}>
        {found.length === 0 ? 'No tool matches.' : wanted === '' ? '' : `${found.length} found`}
      </p>
    </div>
  )
}

interface ToolRowProps {
  readonly tool: McpTool
  readonly place: string
  readonly isChosen: boolean
  readonly onWalk: (event: KeyboardEvent) => void
}

function ToolRow({ tool, place, isChosen, onWalk }: ToolRowProps) {
  return (
    <li>
      <Link
        to="/app/playground"
        search={{ endpoint: place, tool: tool.name }}
        resetScroll={false}
        onKeyDown={onWalk}
        aria-current={isChosen ? 'true' : undefined}
        className={cn(
          'flex flex-col gap-0.5 rounded-md border-l-2 border-transparent px-2 py-1.5 -outline-offset-2 hover:bg-hover',
          isChosen && 'border-accent bg-accent-soft hover:bg-accent-soft',
        )}
      >
        <span className="truncate font-mono text-[0.8125rem] font-medium">{inertLine(tool.name, 128)}</span>
        {tool.description !== undefined && tool.description !== '' && (
          <span className="truncate text-xs text-soft">{inertLine(tool.description, 160)}</span>
        )}
        <ToolChips tool={tool} isShort />
      </Link>
    </li>
  )
}

const SEARCHED_LENGTH_MAX = 2_000

const matches = ({ name, title = '', description = '' }: McpTool, wanted: string): boolean =>
  wanted === '' || `${name} ${title} ${description.slice(0, SEARCHED_LENGTH_MAX)}`.toLowerCase().includes(wanted)
