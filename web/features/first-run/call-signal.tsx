import { CircleCheck, CloudOff, Radio } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'
import { duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { FirstCall } from './use-first-call.ts'

/** The live line: waits, says when a client comes, turns green with the first call. */
export function CallSignal({ first, children }: { readonly first: FirstCall; readonly children?: ReactNode }) {
  const { call, visitor, stream } = first
  const isCut = call === null && (stream === 'waiting' || stream === 'ended')
  const Icon = call !== null ? CircleCheck : isCut ? CloudOff : Radio
  return (
    <div
      className={cn(
        'flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border px-4 py-2.5',
        call !== null ? 'border-ok/30 bg-ok-soft' : 'bg-surface',
      )}
    >
      <Icon
        aria-hidden
        className={cn('size-5 shrink-0', call !== null ? 'text-ok' : isCut ? 'text-warn' : 'animate-pulse-soft text-accent')}
      />
      <p role="status" className="min-w-0 grow break-words">
        {call !== null ? (
          <>
            <strong className="font-semibold">It works.</strong>{' '}
            <span className="text-soft">
              {inertLine(call.actor.name, 60)} called <code className="font-mono text-xs">{inertLine(call.target, 130)}</code> in{' '}
              <span data-tabular>{duration(call.us)}</span>.
            </span>
          </>
        ) : isCut ? (
          'The connection to the server is cut; this line goes on by itself.'
        ) : visitor !== null ? (
          <>
            <strong className="font-semibold">{inertLine(visitor.actor.name, 60)} is here.</strong>{' '}
            <span className="text-soft">It asked for the tools; now let it use one.</span>
          </>
        ) : (
          <span className="text-soft">Waiting for the first call…</span>
        )}
      </p>
      {children}
    </div>
  )
}
