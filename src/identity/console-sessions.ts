import { assertRoom, type Store } from '#store/index.ts'
import { LIMITS, newId, newSecret, Problem } from '#std/index.ts'
import { sha256Of } from './key-text.ts'
import type { KeyRecord } from './model.ts'

/** A session as it begins. The two halves exist nowhere else. */
export interface NewConsoleSession {
  readonly id: string
  /** Travels as a cookie that no script can read. Worth nothing alone. */
  readonly cookie: string
  /** Travels in a header that only pages of this origin can send. Worth nothing alone. */
  readonly proof: string
  readonly expiresAtMs: number
}

/** The key that a session gets its rights from. */
export interface SessionKey {
  readonly id: string
  readonly tenant: string
  /** Its whole text. */
  readonly text: string
  /** Null or Infinity: never. */
  readonly expiresAtMs: number | null
}

/** Both halves as one bearer credential. The edge puts them together (`src/edge/session-credential.ts`). */
const credentialOf = (cookie: string, proof: string): string => `${cookie}.${proof}`

/** Begins a session of a key. The oldest of too many makes room; what has expired goes. */
export async function insertConsoleSession(store: Store, key: SessionKey, nowMs: number): Promise<NewConsoleSession> {
  // The prefixes make the halves known to whoever searches for leaked credentials, our own log among them.
  const session = {
    id: newId('ses', nowMs),
    cookie: `spc_${newSecret()}`,
    proof: `spp_${newSecret()}`,
    expiresAtMs: Math.min(nowMs + LIMITS.consoleSessionMsMax, key.expiresAtMs ?? Infinity),
  }
  const keySha256 = sha256Of(key.text)
  await store.transaction(async (transaction) => {
    await transaction.deleteFrom('console_session').where('expires_at_ms', '<=', nowMs).execute()
    const surplus = await transaction
      .selectFrom('console_session')
      .select('id')
      .where('tenant', '=', key.tenant)
      .where('key_sha256', '=', keySha256)
      .orderBy('id', 'desc')
      .offset(LIMITS.consoleSessionsPerKeyMax - 1)
      .limit(LIMITS.consoleSessionsPerKeyMax)
      .execute()
    for (const { id } of surplus) await transaction.deleteFrom('console_session').where('id', '=', id).execute()
    await assertRoom(transaction, 'console_session', key.tenant, 'consoleSessionsPerTenantMax')
    await transaction
      .insertInto('console_session')
      .values({
        id: session.id,
        tenant: key.tenant,
        sha256: sha256Of(credentialOf(session.cookie, session.proof)),
        key_id: key.id,
        key_sha256: keySha256,
        created_at_ms: nowMs,
        expires_at_ms: session.expiresAtMs,
      })
      .execute()
  })
  return session
}

/** Ends a session. Rejects with `not-found`, also for a session of another tenant. */
export async function deleteConsoleSession(store: Store, tenant: string, id: string): Promise<void> {
  const ended = await store.db
    .deleteFrom('console_session')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  if (ended === undefined) throw new Problem('not-found', `There is no session ${id}.`)
}

/**
 * One more record for each live session of these keys, with the rights of its key. A session whose key is not among
 * them gets none: it ended with its key.
 */
export async function sessionRecords(store: Store, keys: readonly KeyRecord[], nowMs: number): Promise<readonly KeyRecord[]> {
  const rows = await store.db
    .selectFrom('console_session')
    .select(['id', 'tenant', 'sha256', 'key_sha256', 'expires_at_ms'])
    .where('expires_at_ms', '>', nowMs)
    .orderBy('id')
    .execute()
  const bySha256 = new Map(keys.map((key) => [key.sha256, key]))
  return rows.flatMap(({ id, tenant, sha256, key_sha256, expires_at_ms }) => {
    const key = bySha256.get(key_sha256)
    if (key === undefined || key.tenant !== tenant) return []
    return [{ ...key, sha256, expiresAtMs: Math.min(expires_at_ms, key.expiresAtMs ?? Infinity), sessionId: id }]
  })
}
