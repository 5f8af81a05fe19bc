import { useEffect, useState } from 'react'
import type { StreamDataOf } from '#api/contract.ts'
import { follow, type StreamState } from '@/lib/event-stream.ts'
import { useApi } from '@/lib/queries.ts'

export type ActivityEvent = StreamDataOf<'streamActivity'>

export interface FirstCall {
  /** The newest call of a tool at the endpoint that succeeded. */
  readonly call: ActivityEvent | null
  /** Somebody else than this page has been there, without calling anything yet. */
  readonly visitor: ActivityEvent | null
  readonly stream: StreamState
}

const CALL = 'tools/call'
const VISITS: ReadonlySet<string> = new Set(['initialize', 'server/discover', 'tools/list', CALL])

/** Waits for the first call at an endpoint: looks whether there was one, then follows what happens. */
export function useFirstCall(endpoint: string | null): FirstCall {
  const { data: who } = useApi('whoami', {}, { staleTime: 60_000 })
  const query = { kind: 'call' as const, ...(endpoint === null ? {} : { endpoint }) }
  const { data: earlier } = useApi('listActivity', { query: { ...query, method: CALL, outcome: 'ok', limit: 1 } }, { staleTime: 0 })
  const [seen, setSeen] = useState<{ call: ActivityEvent | null; visitor: ActivityEvent | null }>({ call: null, visitor: null })
  const [stream, setStream] = useState<StreamState>('connecting')
  const me = who?.id
  useEffect(() => {
    setSeen({ call: null, visitor: null })
    return follow(
      'streamActivity',
      { query: { kind: 'call', endpoint: endpoint ?? undefined } },
      {
        onState: setStream,
        onEvent: ({ event, data }) => {
          if (event !== 'activity') return
          const item = JSON.parse(data) as ActivityEvent
          if (item.method === CALL && item.outcome === 'ok') setSeen((known) => ({ ...known, call: item }))
          else if (VISITS.has(item.method) && item.actor.id !== me) setSeen((known) => ({ ...known, visitor: item }))
        },
      },
    )
  }, [endpoint, me])
  return { call: seen.call ?? earlier?.items[0] ?? null, visitor: seen.visitor, stream }
}
