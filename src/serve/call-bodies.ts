import type { RecordedBodies } from '#gateway/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { createSealedReader, sealText, type Vault } from '#vault/index.ts'

const DAY_MS = 24 * 3_600_000

/** What was kept of a call. */
export type KeptBodies = Pick<RecordedBodies, 'arguments' | 'result' | 'redactions'> & { readonly keptUntilMs: number }

/** Redacted bodies of calls, sealed at rest, bounded in number and age. They are no evidence: losing one is no fault. */
export interface CallBodies {
  keep(batch: readonly RecordedBodies[]): Promise<void>
  /** Null: none was kept, or not any more. Rejects with `secret-unreadable` for a row that was changed or moved. */
  get(tenant: string, id: string): Promise<KeptBodies | null>
  /** Removes what is too old or too much. */
  sweep(): Promise<void>
  close(): Promise<void>
}

export interface CallBodiesOptions {
  readonly store: Store
  readonly vault: Pick<Vault, 'deriveKey'>
  readonly now: () => number
  readonly onError: (error: unknown) => void
  /** Default: `LIMITS.callBodiesPerTenantMax`. */
  readonly perTenantMax?: number | undefined
}

export function createCallBodies({
  store,
  vault,
  now,
  onError,
  perTenantMax = LIMITS.callBodiesPerTenantMax,
}: CallBodiesOptions): CallBodies {
  // A key for each day: no key may ever seal so much that two nonces could meet (NIST SP 800-38D §8.3).
  const keyOf = (atMs: number): Buffer => vault.deriveKey(`call-bodies/${Math.floor(atMs / DAY_MS)}`)
  let unswept = 0
  let sweeping: Promise<void> | null = null

  const sweep = (): Promise<void> => {
    unswept = 0
    sweeping ??= removeExcess(store, now() - LIMITS.callBodyAgeMsMax, perTenantMax).finally(() => (sweeping = null))
    return sweeping
  }
  // Also where nothing is recorded any more: what was kept before grows old all the same.
  const timer = setInterval(() => void sweep().catch(onError), LIMITS.callBodySweepMs).unref()

  return {
    sweep,

    async keep(batch) {
      if (batch.length === 0) return
      const rows = batch.map(({ id, tenant, atMs, arguments: given, result, redactions }) => ({
        tenant,
        id,
        at_ms: atMs,
        sealed: sealText(keyOf(atMs), tenant, placeOf(id), JSON.stringify({ arguments: given, result, redactions })),
      }))
      await store.db
        .insertInto('call_body')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      unswept += rows.length
      if (unswept >= LIMITS.callBodySweepRows) await sweep()
    },

    async get(tenant, id) {
      const row = await store.db.selectFrom('call_body').selectAll().where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
      const keptUntilMs = (row?.at_ms ?? 0) + LIMITS.callBodyAgeMsMax
      if (row === undefined || keptUntilMs <= now()) return null
      const text = createSealedReader(keyOf(row.at_ms)).openText(tenant, placeOf(id), row.sealed)
      const { arguments: given, result, redactions } = JSON.parse(text) as KeptBodies
      return { arguments: given, result, redactions, keptUntilMs }
    },

    async close() {
      clearInterval(timer)
      await sweeping?.catch(onError)
    },
  }
}

/** Part of what the seal covers: a row that is moved to another call or tenant does not open. */
const placeOf = (id: string): string => `call-body/${id}`

async function removeExcess({ db }: Store, beforeMs: number, perTenantMax: number): Promise<void> {
  await db.deleteFrom('call_body').where('at_ms', '<=', beforeMs).execute()
  const tenants = await db
    .selectFrom('call_body')
    .select('tenant')
    .groupBy('tenant')
    .having((having) => having(having.fn.countAll(), '>', perTenantMax))
    .execute()
  for (const { tenant } of tenants) {
    // Ids begin with their time: the newest that are one too many, and all before it.
    const excess = await db
      .selectFrom('call_body')
      .select('id')
      .where('tenant', '=', tenant)
      .orderBy('id', 'desc')
      .offset(perTenantMax)
      .limit(1)
      .executeTakeFirst()
    if (excess !== undefined) await db.deleteFrom('call_body').where('tenant', '=', tenant).where('id', '<=', excess.id).execute()
  }
}

/** A promise that ends in time: whoever waits for a database or another process must not wait for ever. */
export async function withinTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Problem('store-unavailable', `Bodies of calls were not stored within ${timeoutMs} ms.`)),
    timeoutMs,
  )
  try {
    await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
