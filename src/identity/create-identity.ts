import type { Store } from '#store/index.ts'
import { type Clock, LIMITS, newSecret, Problem } from '#std/index.ts'
import {
  type ApiKey,
  insertKey,
  type KeyInput,
  type KeyPage,
  keyRecords,
  type KeyUse,
  listKeys,
  type NewKey,
  revokeKey,
  touchKeys,
} from './api-keys.ts'
import { deleteConsoleSession, insertConsoleSession, type NewConsoleSession, type SessionKey, sessionRecords } from './console-sessions.ts'
import { sha256Of } from './key-text.ts'
import { DEFAULT_TENANT, type KeyRecord, SCOPES } from './model.ts'

export interface Identity {
  /** `createdBy` is the id of the caller who asks. Rejects with `invalid-input`. */
  createKey(tenant: string, input: KeyInput, createdBy: string): Promise<NewKey>
  listKeys(tenant: string, page?: KeyPage): Promise<readonly ApiKey[]>
  /** Rejects with `not-found`. */
  revokeKey(tenant: string, id: string): Promise<ApiKey>
  /** What the snapshot carries: keys of all tenants that are neither revoked nor expired. */
  keyRecords(): Promise<readonly KeyRecord[]>
  /** These keys, followed by the live sessions of the console that have their rights. */
  withSessions(keys: readonly KeyRecord[]): Promise<readonly KeyRecord[]>
  /** Begins a session of the console with the rights of a key. */
  createSession(key: SessionKey): Promise<NewConsoleSession>
  /** Ends a session. Rejects with `not-found`. */
  endSession(tenant: string, id: string): Promise<void>
  /** Notes when keys were used. A use that is older than the one known changes nothing. */
  touchKeys(uses: readonly KeyUse[]): Promise<void>
  /** The token of a link that makes an owner: good once, for `LIMITS.ownerLinkMsMax`. Every older link dies. */
  createOwnerLink(): Promise<string>
  /** Whether a token would be redeemed now; uses nothing up. */
  isOwnerLinkGood(token: string): Promise<boolean>
  /** Makes a key with owner's rights. Rejects with `unauthenticated` for a token that is unknown, used or too old. */
  redeemOwnerLink(token: string): Promise<NewKey>
  /** Whether a key with owner's rights is in the database. */
  hasOwner(): Promise<boolean>
}

export interface IdentityOptions {
  readonly store: Store
  readonly now: Clock
}

export function createIdentity({ store, now }: IdentityOptions): Identity {
  return {
    createKey: (tenant, input, createdBy) =>
      store.transaction((transaction) => insertKey(transaction, tenant, 'key', input, createdBy, now())),
    listKeys: (tenant, page = {}) => listKeys(store, tenant, page),
    revokeKey: (tenant, id) => revokeKey(store, tenant, id, now),
    keyRecords: () => keyRecords(store, now()),
    withSessions: async (keys) => [...keys, ...(await sessionRecords(store, keys, now()))],
    createSession: (key) => insertConsoleSession(store, key, now()),
    endSession: (tenant, id) => deleteConsoleSession(store, tenant, id),
    touchKeys: (uses) => touchKeys(store, uses),

    async createOwnerLink() {
      const token = newSecret()
      const nowMs = now()
      await store.transaction(async (transaction) => {
        await transaction.deleteFrom('owner_link').where('tenant', '=', DEFAULT_TENANT).execute()
        await transaction
          .insertInto('owner_link')
          .values({
            sha256: sha256Of(token),
            tenant: DEFAULT_TENANT,
            created_at_ms: nowMs,
            expires_at_ms: nowMs + LIMITS.ownerLinkMsMax,
            redeemed_at_ms: null,
          })
          .execute()
      })
      return token
    },

    isOwnerLinkGood: (token) => isLinkGood(store, token, now()),

    redeemOwnerLink(token) {
      return store.transaction(async (transaction) => {
        const nowMs = now()
        // One statement decides: of two that come together, the second finds the row redeemed.
        const link = await transaction
          .updateTable('owner_link')
          .set({ redeemed_at_ms: nowMs })
          .where('sha256', '=', sha256Of(token))
          .where('redeemed_at_ms', 'is', null)
          .where('expires_at_ms', '>', nowMs)
          .returning('tenant')
          .executeTakeFirst()
        if (link === undefined) {
          throw new Problem('unauthenticated', 'This link is unknown, was used, or is older than 30 minutes.', {
            remedy: 'Run `sallyport owner link` on the machine of the server.',
          })
        }
        return insertKey(transaction, link.tenant, 'owner', { name: 'Owner', scopes: SCOPES }, 'owner-link', nowMs)
      })
    },

    async hasOwner() {
      const row = await store.db
        .selectFrom('api_key')
        .select('id')
        .where('kind', '=', 'owner')
        .where('revoked_at_ms', 'is', null)
        .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', now())]))
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

async function isLinkGood({ db }: Store, token: string, nowMs: number): Promise<boolean> {
  const row = await db
    .selectFrom('owner_link')
    .select('sha256')
    .where('sha256', '=', sha256Of(token))
    .where('redeemed_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()
  return row !== undefined
}
