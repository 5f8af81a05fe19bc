import { useNavigate } from '@tanstack/react-router'
import { EyeOff, FileJson, FlaskConical } from 'lucide-react'
import { useMemo } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Button } from '@/components/ui/button.tsx'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { replaySearch } from '@/features/playground/hand-over.ts'
import type { ResponseOf } from '@/lib/api.ts'
import { dateTime } from '@/lib/format.ts'
import { isRecord } from '@/lib/mcp-request.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct, useApi } from '@/lib/queries.ts'
import type { ActivityDetail } from './activity-search.ts'
import { EventPart } from './event-part.tsx'

type Bodies = ResponseOf<'getActivityBodies'>

/** Arguments and result, redacted. Reading them is recorded, so nothing is fetched before somebody asks for it. */
export function EventBodies({ event }: { readonly event: ActivityDetail }) {
  const { data: me } = useApi('whoami', {}, { staleTime: 60_000 })
  const read = useAct('getActivityBodies')
  const isOwner = me?.kind === 'owner'
  return (
    <EventPart title="Arguments and result">
      {read.data === undefined ? (
        <div className="flex flex-wrap items-center gap-3">
          {isOwner || me === undefined ? (
            <>
              <Button disabled={me === undefined} isBusy={read.isPending} onClick={() => read.mutate({ params: { id: event.id } })}>
                {!read.isPending && <FileJson />} Show arguments and result
              </Button>
              <p className="text-sm text-faint">Redacted; reading them is recorded.</p>
            </>
          ) : (
            <p className="text-sm text-soft">Only owners may read what was sent. Sign in with an owner key to see it.</p>
          )}
        </div>
      ) : (
        <Shown event={event} bodies={read.data} />
      )}
      {read.error !== null && <ProblemNote problem={asProblem(read.error)} />}
    </EventPart>
  )
}

function Shown({ event, bodies }: { readonly event: ActivityDetail; readonly bodies: Bodies }) {
  const { recording, redactions, keptUntil } = bodies
  if (bodies.arguments === null && bodies.result === null)
    return recording === 'off' ? (
      <Off />
    ) : (
      <p className="text-sm text-soft">
        Nothing is kept of this call: it came before recording was switched on, had no body, or its time is over.
      </p>
    )
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Body title="Arguments" body={bodies.arguments} />
      <Body title="Result" body={bodies.result} />
      <ReplayArguments event={event} body={bodies.arguments} />
      <p className="text-xs text-faint">
        {redactions === 0 ? 'Nothing had to be taken out.' : `${redactions} ${redactions === 1 ? 'value was' : 'values were'} taken out.`}
        {keptUntil !== null && ` Kept until ${dateTime(keptUntil)}.`}
      </p>
    </div>
  )
}

/** Repeats the call with what was sent; values that were taken out stand there as `[redacted: …]` and want filling in. */
function ReplayArguments({ event, body }: { readonly event: ActivityDetail; readonly body: Bodies['arguments'] }) {
  const navigate = useNavigate()
  const args = parsed(body?.text)
  if (body === null || body.isCut || !isRecord(args) || event.method !== 'tools/call') return null
  return (
    <div>
      <Button onClick={() => void navigate({ to: '/app/playground', search: replaySearch(event.endpoint, event.target, args) })}>
        <FlaskConical /> Replay with these arguments
      </Button>
    </div>
  )
}

function Off() {
  return (
    <div className="flex flex-col gap-2 rounded-md border border-dashed p-3 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <EyeOff aria-hidden className="size-4 text-faint" /> Arguments and results are not kept
      </p>
      <p className="text-soft">To keep them, redacted and sealed, for the calls to come, start the server with this setting.</p>
      <CodeBlock text="SALLYPORT_RECORD_BODIES=redacted" label="Setting that switches recording on" />
    </div>
  )
}

function Body({ title, body }: { readonly title: string; readonly body: Bodies['arguments'] }) {
  const value = useMemo(() => parsed(body?.text), [body])
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h4 className="text-xs font-medium text-faint">{title}</h4>
      {body === null ? (
        <p className="text-sm text-faint">None</p>
      ) : value === undefined ? (
        <Untrusted text={body.text} lengthMax={2_000} className="rounded-md border bg-sunken p-3 font-mono text-xs" />
      ) : (
        <JsonView value={value} label={title} />
      )}
      {body?.isCut === true && <p className="text-xs text-faint">Something was left out because it was too long.</p>}
    </div>
  )
}

/** Undefined when it is no JSON, as after it was cut. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
