import type { Transaction } from 'kysely'
import type { Database, Dialect } from '#store/index.ts'

/** A key that was restricted to an endpoint which is gone. */
export interface NarrowedKey {
  readonly id: string
  readonly name: string
  /** It had nothing else, so it is worth nothing any more. */
  readonly isRevoked: boolean
}

/**
 * Takes a name that is being removed out of the keys that are restricted to it: whatever gets the name next was granted to
 * nobody. A key without another name is revoked, for an empty list would look like a mistake. Runs in the transaction that
 * removes the name.
 */
export async function withdrawEndpoint(
  transaction: Transaction<Database>,
  tenant: string,
  endpoint: string,
  nowMs: number,
  dialect: Dialect,
): Promise<readonly NarrowedKey[]> {
  const restricted = transaction
    .selectFrom('api_key')
    .select(['id', 'name', 'endpoints'])
    .where('tenant', '=', tenant)
    .where('revoked_at_ms', 'is', null)
    .where('endpoints', 'is not', null)
    .orderBy('id')
  // Of two names that go at the same time, each would otherwise write down the other one again. SQLite has one writer.
  const rows = await (dialect === 'postgres' ? restricted.forUpdate() : restricted).execute()
  const narrowed: NarrowedKey[] = []
  for (const { id, name, endpoints } of rows) {
    const before = JSON.parse(endpoints ?? '[]') as readonly string[]
    if (!before.includes(endpoint)) continue
    const after = before.filter((one) => one !== endpoint)
    const isRevoked = after.length === 0
    const change = isRevoked ? { revoked_at_ms: nowMs } : { endpoints: JSON.stringify(after) }
    await transaction.updateTable('api_key').set(change).where('id', '=', id).execute()
    narrowed.push({ id, name, isRevoked })
  }
  return narrowed
}
