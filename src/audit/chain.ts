import { hash as digest } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { AuditEventTable } from '#store/index.ts'
import { LIMITS } from '#std/index.ts'
import type { DecodedEvent } from './event-text.ts'

/** What the first event of a tenant is chained to: 64 zeros. */
export const GENESIS = '0'.repeat(64)

/**
 * The link of one event: lower-case hex of SHA-256 over the UTF-8 bytes of
 * `previous "|" tenant "|" seq "|" at "|" body`, where `previous` is the link before it (`GENESIS` for seq 1), `seq` is
 * decimal, `at` is the event's time as it stands in the body (ISO 8601, milliseconds, Z) and `body` is its canonical JSON.
 */
export function chainHash(previous: string, tenant: string, seq: number, at: string, body: string): string {
  return digest('sha256', `${previous}|${tenant}|${seq}|${at}|${body}`, 'hex')
}

const UNSTORABLE = /[\0\ud800-\udfff]/

/** The columns that events are searched by; each repeats what the body says. */
export type FilterColumns = Omit<Insertable<AuditEventTable>, 'tenant' | 'seq' | 'body' | 'hash'>

export function filterColumns({ event }: DecodedEvent): FilterColumns {
  return {
    id: columnText(event.id),
    at_ms: event.atMs,
    kind: columnText(event.kind),
    actor_id: columnText(event.actorId),
    actor_name: columnText(event.actorName),
    endpoint: columnText(event.endpoint),
    deployment: columnText(event.deployment),
    method: columnText(event.method),
    target: columnText(event.target),
    verdict: columnText(event.verdict),
    outcome: columnText(event.outcome),
    us: event.us,
  }
}

/**
 * A text as a column holds it: without what PostgreSQL cannot store (NUL, lone surrogates), and short enough for an
 * index entry. The body keeps the text as it was.
 */
export function columnText(text: string): string {
  if (text.length <= LIMITS.auditColumnLengthMax && !UNSTORABLE.test(text)) return text
  return text.slice(0, LIMITS.auditColumnLengthMax).toWellFormed().replaceAll('\0', '\ufffd')
}
