import { Play, Square } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { Kbd } from '@/components/ui/layout.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { useNow } from '@/lib/use-now.ts'
import type { Running } from './use-tool-run.ts'

/** How far a call is: what the tool reports, and the time that passed. */
export function RunProgress({ running, onCancel }: { readonly running: Running; readonly onCancel: () => void }) {
  const nowMs = useNow(100)
  const { startedMs, progress } = running
  const part = progress?.total === null || progress === null ? null : Math.min(1, Math.max(0, progress.progress / progress.total))
  const elapsed = (Math.max(0, nowMs - startedMs) / 1_000).toFixed(1)
  return (
    <div className="flex flex-col gap-2 rounded-md border bg-sunken px-3 py-2.5">
      <div className="flex items-center gap-3">
        <span className="min-w-0 grow truncate text-sm">
          {progress?.message === null || progress === null ? 'Waiting for the answer' : <Untrusted text={progress.message.slice(0, 200)} />}
        </span>
        <span data-tabular className="shrink-0 text-sm text-soft">
          {part !== null && `${progress!.progress} of ${progress!.total} · `}
          {elapsed} s
        </span>
        <Button size="sm" onClick={onCancel}>
          <Square /> Cancel
        </Button>
      </div>
      <div
        role="progressbar"
        aria-label="Progress of the call"
        aria-valuenow={part === null ? undefined : Math.round(part * 100)}
        className="h-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className={part === null ? 'h-full w-full animate-pulse-soft bg-accent' : 'h-full bg-accent transition-[width] duration-150'}
          style={part === null ? undefined : { width: `${part * 100}%` }}
        />
      </div>
    </div>
  )
}

interface RunButtonProps {
  readonly isRunning: boolean
  readonly isBlocked: boolean
  readonly onRun: () => void
}

export const isMac = navigator.userAgent.includes('Mac')

export function RunButton({ isRunning, isBlocked, onRun }: RunButtonProps) {
  return (
    <>
      <Button variant="primary" isBusy={isRunning} disabled={isBlocked} onClick={onRun} aria-keyshortcuts="Meta+Enter Control+Enter">
        {!isRunning && <Play />} Run tool
      </Button>
      <span className="hidden items-center gap-1 text-xs text-faint sm:inline-flex">
        <Kbd>{isMac ? '⌘' : 'Ctrl'}</Kbd>
        <Kbd>↵</Kbd>
      </span>
    </>
  )
}
