import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDownToLine } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { exact, timeOfDay } from '@/lib/format.ts'
import type { ShownLine } from './log-buffer.ts'

const ROW_HEIGHT = 20
/** How near to the end counts as the end, in pixels. */
const NEAR = 32

interface LogViewProps {
  readonly lines: readonly ShownLine[]
  /** Lower-case text that is marked in each line. */
  readonly mark: string
  readonly onReading: (isReading: boolean) => void
  readonly empty: string
}

interface StickOptions {
  readonly box: RefObject<HTMLDivElement | null>
  readonly newest: number
  readonly height: number
  readonly onReading: (isReading: boolean) => void
}

/** Stays at the end of what grows, until somebody goes up; `unseen` counts what came since. */
function useStick({ box, newest, height, onReading }: StickOptions) {
  const [isAtEnd, setIsAtEnd] = useState(true)
  const [lastSeen, setLastSeen] = useState(-1)
  const lastTop = useRef(0)
  const toEnd = (): void => {
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }
  useEffect(() => {
    if (isAtEnd) toEnd()
  }, [isAtEnd, newest, height])
  const stay = (isEnd: boolean): void => {
    setIsAtEnd(isEnd)
    if (!isEnd && isAtEnd) setLastSeen(newest)
    onReading(!isEnd)
    if (isEnd) toEnd()
  }
  useEffect(() => {
    const element = box.current!
    const canScroll = (): boolean => element.scrollHeight > element.clientHeight
    const onScroll = (): void => {
      const { scrollTop, scrollHeight, clientHeight } = element
      const isNear = scrollHeight - scrollTop - clientHeight < NEAR
      // Only the way down leads back: the first steps upwards are near the end too.
      if (isNear !== isAtEnd && scrollTop > lastTop.current === isNear) stay(isNear)
      lastTop.current = scrollTop
    }
    // By the time a scroll is told a fast log has grown: keys and wheel say themselves what is meant.
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'End') {
        event.preventDefault()
        stay(true)
      } else if (['Home', 'PageUp', 'ArrowUp'].includes(event.key) && canScroll()) stay(false)
    }
    const onWheel = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0 && canScroll()) stay(false)
    }
    element.addEventListener('scroll', onScroll)
    element.addEventListener('keydown', onKey)
    element.addEventListener('wheel', onWheel, { passive: true })
    return () => {
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('keydown', onKey)
      element.removeEventListener('wheel', onWheel)
    }
  })
  return { isAtEnd, unseen: isAtEnd ? 0 : newest - lastSeen, goToEnd: () => stay(true) }
}

/** Lines of a log: only those in sight are drawn; it stays at the end until somebody scrolls up. */
export function LogView({ lines, mark, onReading, empty }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- nothing here is compiled, and its functions go nowhere else
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => lines[index]!.id,
    overscan: 20,
  })
  const height = virtual.getTotalSize()
  const { isAtEnd, unseen, goToEnd } = useStick({ box, newest: lines.at(-1)?.id ?? -1, height, onReading })
  return (
    <div className="relative">
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Lines of the log"
        tabIndex={0}
        className="h-[min(32rem,60vh)] overflow-y-auto rounded-b-lg bg-sunken py-2 font-mono text-xs leading-5 -outline-offset-2 [overflow-anchor:none]"
      >
        {lines.length === 0 && <p className="px-4 py-10 text-center font-sans text-sm text-faint">{empty}</p>}
        <div className="relative w-full" style={{ height }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line line={lines[index]!} mark={mark} />
            </div>
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <Button size="sm" className="absolute right-4 bottom-3 shadow-float" onClick={goToEnd}>
          <ArrowDownToLine /> {unseen > 0 ? `${exact(unseen)} new` : 'To the end'}
        </Button>
      )}
    </div>
  )
}

function Line({ line: { at, text, isGap }, mark }: { readonly line: ShownLine; readonly mark: string }) {
  if (isGap)
    return <p className="border-y border-dashed px-3 text-center font-sans text-faint">The connection was cut here; lines may be missing</p>
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-3 px-3 hover:bg-hover">
      <time dateTime={at} title={at} className="text-faint select-none">
        {timeOfDay(at)}
      </time>
      <span dir="ltr" className="break-all whitespace-pre-wrap [unicode-bidi:isolate]">
        <Marked text={text} mark={mark} />
      </span>
    </div>
  )
}

const MARKS_MAX = 50

/** The text with each place of `mark` standing out. */
function Marked({ text, mark }: { readonly text: string; readonly mark: string }) {
  if (mark === '') return text
  const lower = text.toLowerCase()
  const parts: ReactNode[] = []
  let from = 0
  // Where lower case has another length the places would be wrong; such a line is shown without marks.
  if (lower.length !== text.length) return text
  for (let at = lower.indexOf(mark); at >= 0 && parts.length < MARKS_MAX * 2; at = lower.indexOf(mark, from)) {
    parts.push(
      text.slice(from, at),
      <mark key={at} className="rounded-sm bg-accent-soft text-accent-text">
        {text.slice(at, at + mark.length)}
      </mark>,
    )
    from = at + mark.length
  }
  return [...parts, text.slice(from)]
}
