import { Pause, Play } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { cn } from '@/lib/cn.ts'
import type { TailState } from './use-live-tail.ts'

interface LiveToggleProps {
  readonly state: TailState
  readonly isPaused: boolean
  /** The time that is shown has ended: nothing new can belong to it. */
  readonly isClosedRange: boolean
  readonly onChange: (isPaused: boolean) => void
}

const LABELS: Readonly<Record<TailState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  ended: 'Not live',
  off: 'Paused',
}

export function LiveToggle({ state, isPaused, isClosedRange, onChange }: LiveToggleProps) {
  const isLive = state === 'live'
  return (
    <Button
      aria-pressed={!isPaused && !isClosedRange}
      aria-label={isPaused ? 'Paused: follow what happens' : `${LABELS[state]}: pause`}
      disabled={isClosedRange}
      title={isClosedRange ? 'The time that is shown has ended; remove “until” to follow what happens' : undefined}
      className="w-32"
      onClick={() => onChange(!isPaused)}
    >
      <span
        aria-hidden
        className={cn('size-2 rounded-full', isLive ? 'animate-pulse-soft bg-ok' : state === 'off' ? 'bg-line-strong' : 'bg-warn')}
      />
      <span className="grow text-left">{isClosedRange ? 'Not live' : LABELS[state]}</span>
      {isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
    </Button>
  )
}
