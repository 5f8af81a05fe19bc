import { ChevronRight, Route } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { cn } from '@/lib/cn.ts'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { isForOthers } from '@/lib/row-click.ts'
import { copyText, type JsonMore, type JsonNode, pathText } from './json-tree.ts'

interface JsonRowProps {
  readonly row: JsonNode
  /** The one row that the Tab key reaches. */
  readonly isStop: boolean
  readonly onFocus: () => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly onToggle: () => void
}

const rowClass =
  'group/row relative flex min-h-5 scroll-my-8 items-start gap-1 rounded-sm pr-1 hover:bg-hover focus-visible:outline-offset-[-2px]'
const indent = (depth: number) => ({ paddingLeft: `${Math.min(depth, 24) * 1.125}rem` })

/** One key and its value. */
export function JsonRow({ row, isStop, onFocus, onKeyDown, onToggle }: JsonRowProps) {
  const [isHovered, setIsHovered] = useState(false)
  const mayOpen = row.size > 0
  const key = row.path.at(-1)
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={false}
      aria-expanded={mayOpen ? row.isOpen : undefined}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      onClick={(event) => mayOpen && !isForOthers(event) && onToggle()}
      onPointerEnter={() => setIsHovered(true)}
      onPointerLeave={() => setIsHovered(false)}
      className={cn(rowClass, mayOpen && 'cursor-pointer')}
      style={indent(row.depth)}
    >
      <span aria-hidden className="grid h-5 w-4 shrink-0 place-items-center text-faint">
        {mayOpen && <ChevronRight className={cn('size-3 transition-transform', row.isOpen && 'rotate-90')} />}
      </span>
      <span className="min-w-0 grow break-words">
        {key !== undefined && (
          <>
            <span className={typeof key === 'number' ? 'text-faint' : 'text-text'}>
              {typeof key === 'number' ? key : key === '' ? '""' : inertLine(key, 200)}
            </span>
            <span className="text-faint">: </span>
          </>
        )}
        <Value row={row} />
      </span>
      {(isStop || isHovered) && (
        <span className="absolute -top-0.5 right-0 flex h-6 items-center rounded-sm bg-hover opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100">
          <CopyButton text={() => copyText(row.value)} label="Copy the value" className="size-6 [&_svg]:size-3" />
          <CopyButton text={pathText(row.path)} label="Copy the path" icon={<Route />} className="size-6 [&_svg]:size-3" />
        </span>
      )}
    </div>
  )
}

const COLORS = {
  string: 'text-ok',
  number: 'text-accent-text',
  boolean: 'text-warn',
  null: 'text-faint italic',
  other: 'text-faint italic',
} as const

function Value({ row }: { readonly row: JsonNode }) {
  const { kind, value, size } = row
  if (kind === 'object' || kind === 'array') {
    const [left, right, noun] = kind === 'array' ? ['[', ']', 'item'] : ['{', '}', 'key']
    if (size === 0) return <span className="text-faint">{left + right}</span>
    return (
      <span className="text-faint">
        {row.isOpen ? '' : `${left}…${right} `}
        {exact(size)} {size === 1 ? noun : `${noun}s`}
      </span>
    )
  }
  if (kind !== 'string') return <span className={COLORS[kind]}>{String(value)}</span>
  return (
    <span className={COLORS.string}>
      <span aria-hidden className="text-faint">
        &quot;
      </span>
      <Untrusted text={value as string} lengthMax={400} className="wrap-anywhere!" />
      <span aria-hidden className="text-faint">
        &quot;
      </span>
    </span>
  )
}

interface JsonMoreRowProps {
  readonly row: JsonMore
  readonly isStop: boolean
  readonly onFocus: () => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly onMore: () => void
}

/** Stands for the members that are not drawn yet. */
export function JsonMoreRow({ row, isStop, onFocus, onKeyDown, onMore }: JsonMoreRowProps) {
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={false}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      onClick={onMore}
      className={cn(rowClass, 'cursor-pointer text-accent-text')}
      style={indent(row.depth)}
    >
      <span className="pl-5">Show more ({exact(row.left)} left)</span>
    </div>
  )
}
