import type { Selectable, Transaction } from 'kysely'
import { type ApiKeyTable, assertRoom, type Database, type Store } from '#store/index.ts'
import { type Clock, LIMITS, newId, Problem } from '#std/index.ts'
import { newKeyText, sha256Of } from './key-text.ts'
import { type KeyRecord, type Scope, SCOPES } from './model.ts'

/** A key as its owner sees it. */
export interface ApiKey {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly kind: 'owner' | 'key'
  readonly scopes: readonly Scope[]
  readonly endpoints: readonly string[] | null
  readonly tools: readonly string[] | null
  readonly expiresAtMs: number | null
  readonly createdAtMs: number
  /** Id of the caller who made it. */
  readonly createdBy: string
  readonly lastUsedAtMs: number | null
  readonly revokedAtMs: number | null
}

export interface KeyInput {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Names of profiles and deployments it may use; null or absent: all. */
  readonly endpoints?: readonly string[] | null | undefined
  readonly tools?: readonly string[] | null | undefined
  readonly expiresAtMs?: number | null | undefined
}

export interface NewKey {
  readonly record: ApiKey
  /** The key itself, which exists nowhere else: to be shown once. */
  readonly key: string
}

/** Newest first. */
export interface KeyPage {
  readonly limit?: number | undefined
  /** Id of the last key of the page before. */
  readonly after?: string | undefined
}

export interface KeyUse {
  readonly id: string
  readonly atMs: number
}

/** Adds a key within a transaction. Throws `invalid-input`. */
export async function insertKey(
  transaction: Transaction<Database>,
  tenant: string,
  kind: ApiKey['kind'],
  input: KeyInput,
  createdBy: string,
  nowMs: number,
): Promise<NewKey> {
  checkInput(input, nowMs)
  await assertRoom(transaction, 'api_key', tenant, 'keysPerTenantMax')
  const key = newKeyText()
  const row = await transaction
    .insertInto('api_key')
    .values({
      id: newId('key', nowMs),
      tenant,
      name: input.name,
      kind,
      sha256: sha256Of(key),
      scopes: JSON.stringify(input.scopes),
      endpoints: jsonOrNull(input.endpoints),
      tools: jsonOrNull(input.tools),
      expires_at_ms: input.expiresAtMs ?? null,
      created_at_ms: nowMs,
      created_by: createdBy,
      revoked_at_ms: null,
      last_used_at_ms: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { record: apiKeyOf(row), key }
}

export async function listKeys(
  store: Store,
  tenant: string,
  { limit = LIMITS.pageSizeDefault, after }: KeyPage,
): Promise<readonly ApiKey[]> {
  let query = store.db
    .selectFrom('api_key')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('id', 'desc')
    .limit(Math.min(limit, LIMITS.pageSizeMax))
  if (after !== undefined) query = query.where('id', '<', after)
  return (await query.execute()).map(apiKeyOf)
}

/** Revoking twice keeps the first time. */
export async function revokeKey(store: Store, tenant: string, id: string, now: Clock): Promise<ApiKey> {
  return store.transaction(async (transaction) => {
    const row = await transaction
      .updateTable('api_key')
      .set((set) => ({ revoked_at_ms: set.fn.coalesce('revoked_at_ms', set.val(now())) }))
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) throw new Problem('not-found', `There is no key ${id}.`)
    // They are worth nothing any more, and would only take the place of others.
    await transaction.deleteFrom('console_session').where('tenant', '=', tenant).where('key_id', '=', id).execute()
    return apiKeyOf(row)
  })
}

/** What the snapshot carries: keys of all tenants that are neither revoked nor expired. */
export async function keyRecords(store: Store, nowMs: number): Promise<readonly KeyRecord[]> {
  const rows = await store.db
    .selectFrom('api_key')
    .selectAll()
    .where('revoked_at_ms', 'is', null)
    .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', nowMs)]))
    .orderBy('id')
    .execute()
  return rows.map(({ id, tenant, name, kind, sha256, scopes, endpoints, tools, expires_at_ms }) => ({
    id,
    tenant,
    name,
    kind,
    sha256,
    scopes: JSON.parse(scopes) as Scope[],
    endpoints: parseOrNull(endpoints),
    tools: parseOrNull(tools),
    expiresAtMs: expires_at_ms,
  }))
}

/** Notes when keys were used. A use that is older than the one known changes nothing; unknown ids are passed over. */
export async function touchKeys(store: Store, uses: readonly KeyUse[]): Promise<void> {
  if (uses.length === 0) return
  await store.transaction(async (transaction) => {
    // In the order of ids, so that two nodes that touch the same keys never wait for each other.
    for (const { id, atMs } of uses.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
      await transaction
        .updateTable('api_key')
        .set({ last_used_at_ms: atMs })
        .where('id', '=', id)
        .where((where) => where.or([where('last_used_at_ms', 'is', null), where('last_used_at_ms', '<', atMs)]))
        .execute()
    }
  })
}

function checkInput({ name, scopes, expiresAtMs }: KeyInput, nowMs: number): void {
  if (name.trim() === '' || name.length > LIMITS.titleLengthMax)
    throw new Problem('invalid-input', `A key needs a name of 1 to ${LIMITS.titleLengthMax} characters.`)
  if (scopes.length === 0) throw new Problem('invalid-input', `A key needs at least one scope: ${SCOPES.join(', ')}.`)
  const unknown = scopes.find((scope) => !SCOPES.includes(scope))
  if (unknown !== undefined)
    throw new Problem('invalid-input', `${JSON.stringify(unknown)} is not a scope; those are ${SCOPES.join(', ')}.`)
  if (typeof expiresAtMs === 'number' && expiresAtMs <= nowMs) throw new Problem('invalid-input', 'A key cannot expire in the past.')
}

function apiKeyOf(row: Selectable<ApiKeyTable>): ApiKey {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    kind: row.kind,
    scopes: JSON.parse(row.scopes) as Scope[],
    endpoints: parseOrNull(row.endpoints),
    tools: parseOrNull(row.tools),
    expiresAtMs: row.expires_at_ms,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  }
}

const jsonOrNull = (names: readonly string[] | null = null): string | null => (names === null ? null : JSON.stringify(names))
const parseOrNull = (text: string | null): string[] | null => (text === null ? null : (JSON.parse(text) as string[]))
