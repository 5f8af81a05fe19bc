import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { copyOut } from '@/lib/clipboard.ts'
import { cn } from '@/lib/cn.ts'
import { copyText, idOf, type JsonMore, type JsonNode, PAGE_SIZE, rowsOf } from './json-tree.ts'
import { JsonMoreRow, JsonRow } from './json-row.tsx'

interface JsonViewProps {
  readonly value: unknown
  readonly label: string
  readonly className?: string
}

/** Shown more at a time each time one asks. */
const GROWTH = 4

/**
 * Any JSON as a tree. Keys and texts come from strangers: shown as the characters they are, bounded in length. Arrows
 * move, Enter opens and closes, Ctrl C copies the value of the row.
 */
export function JsonView({ value, label, className }: JsonViewProps) {
  const tree = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [shown, setShown] = useState<ReadonlyMap<string, number>>(new Map())
  const [activeId, setActiveId] = useState(idOf([]))
  const rows = useMemo(() => rowsOf(value, { open, shown }), [value, open, shown])
  const stop = rows.some(({ id }) => id === activeId) ? activeId : idOf([])

  const toggle = (row: JsonNode): void => setOpen(new Map(open).set(row.id, !row.isOpen))
  const showMore = (row: JsonMore): void => {
    const now = shown.get(row.parentId) ?? PAGE_SIZE
    setShown(new Map(shown).set(row.parentId, now * GROWTH))
  }
  const focus = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]!
    setActiveId(row.id)
    tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[rows.indexOf(row)]?.focus()
  }

  return (
    <div
      ref={tree}
      role="tree"
      aria-label={label}
      dir="ltr"
      className={cn('min-w-0 overflow-hidden font-mono text-xs leading-5', className)}
    >
      {rows.map((row, index) => {
        const place = {
          isStop: row.id === stop,
          onFocus: () => setActiveId(row.id),
          onKeyDown: (event: KeyboardEvent<HTMLElement>) => onTreeKey(event, rows, index, { toggle, showMore, focus }),
        }
        return row.kind === 'more' ? (
          <JsonMoreRow key={row.id} row={row} {...place} onMore={() => showMore(row)} />
        ) : (
          <JsonRow key={row.id} row={row} {...place} onToggle={() => toggle(row)} />
        )
      })}
    </div>
  )
}

interface TreeActions {
  readonly toggle: (row: JsonNode) => void
  readonly showMore: (row: JsonMore) => void
  readonly focus: (index: number) => void
}

function onTreeKey(
  event: KeyboardEvent<HTMLElement>,
  rows: readonly (JsonNode | JsonMore)[],
  index: number,
  { toggle, showMore, focus }: TreeActions,
): void {
  const row = rows[index]!
  // Buttons inside a row have keys of their own.
  if (event.target !== event.currentTarget) return
  const isNode = row.kind !== 'more'
  if (event.key === 'c' && (event.ctrlKey || event.metaKey)) {
    if (!isNode || (window.getSelection()?.toString() ?? '') !== '') return
    void copyOut(copyText(row.value))
  } else if (event.ctrlKey || event.metaKey || event.altKey) return
  else if (event.key === 'ArrowDown') focus(index + 1)
  else if (event.key === 'ArrowUp') focus(index - 1)
  else if (event.key === 'Home') focus(0)
  else if (event.key === 'End') focus(rows.length - 1)
  else if (event.key === 'Enter' || event.key === ' ') {
    if (!isNode) showMore(row)
    else if (row.size > 0) toggle(row)
  } else if (event.key === 'ArrowRight' && isNode && row.size > 0) {
    if (row.isOpen) focus(index + 1)
    else toggle(row)
  } else if (event.key === 'ArrowLeft') {
    if (isNode && row.isOpen) toggle(row)
    else focus(rows.slice(0, index).findLastIndex(({ depth }) => depth < row.depth))
  } else return
  event.preventDefault()
}
