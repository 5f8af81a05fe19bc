import type { ActivitySubscription, AuditRecord, EventFilters } from '#audit/index.ts'
import { Problem } from '#std/index.ts'
import type { QueryOf, ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { acceptsEvents, type StreamEvent } from './event-stream.ts'
import type { Handlers } from './handler.ts'
import { timeText } from './pages.ts'
import { notFound } from './records.ts'

type ActivityHandlers = Handlers<'listActivity' | 'streamActivity' | 'getActivity' | 'verifyAudit'>
type Filter = QueryOf<'streamActivity'>

export function activityHandlers(deps: ApiDeps): ActivityHandlers {
  return {
    async listActivity({ caller, query: { since, until, limit, cursor, ...filter } }) {
      const filters: EventFilters = {
        ...given(filter),
        ...(since === undefined ? {} : { fromMs: Date.parse(since) }),
        ...(until === undefined ? {} : { toMs: Date.parse(until) }),
      }
      const { events, nextCursor } = await deps.audit.list(caller.tenant, { filters, limit, ...(cursor === undefined ? {} : { cursor }) })
      return { items: events.map(itemView), nextCursor }
    },

    async streamActivity({ caller, query, accept, stream }) {
      if (!acceptsEvents(accept)) throw new Problem('not-acceptable', 'This is an event stream; send Accept: text/event-stream.')
      const subscription = deps.audit.feed.subscribe(caller.tenant)
      return stream(matching(subscription, query), () => subscription.close())
    },

    async getActivity({ caller, params }) {
      const record = (await deps.audit.get(caller.tenant, params.id)) ?? notFound('event', params.id)
      const { bodySha256, steps } = record.event
      return { ...itemView(record), bodySha256, steps: steps.map((step) => ({ ...step })), sequence: record.seq, hash: record.hash }
    },

    async verifyAudit({ caller }) {
      const { ok, checked, isComplete, head, findings } = await deps.audit.verify(caller.tenant)
      const shown = findings.map(({ seq, id, problem, detail }) => ({ sequence: seq, id, problem, detail }))
      return { isIntact: ok, checked, isComplete, head: { sequence: head.seq, hash: head.hash }, findings: shown }
    },
  }
}

/** The live tail, filtered; a listener that was too slow is told how much it missed. */
async function* matching(subscription: ActivitySubscription, filter: Filter): AsyncGenerator<StreamEvent> {
  for await (const item of subscription) {
    if (item.kind === 'dropped') yield { event: 'dropped', data: { count: item.count } }
    else if (matches(item.record, filter)) yield { event: 'activity', id: item.record.event.id, data: itemView(item.record) }
  }
}

function matches({ event }: AuditRecord, { actor, ...filter }: Filter): boolean {
  if (actor !== undefined && event.actorId !== actor) return false
  return Object.entries(filter).every(([name, value]) => value === undefined || event[name as keyof typeof filter] === value)
}

function given(filter: Filter): EventFilters {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

function itemView({ event }: AuditRecord): ResponseOf<'listActivity'>['items'][number] {
  const { atMs, actorId, actorKind, actorName, tenant: _, bodySha256: __, steps: ___, ...rest } = event
  return { ...rest, at: timeText(atMs), actor: { id: actorId, kind: actorKind, name: actorName } }
}
