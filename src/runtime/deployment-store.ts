import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import {
  type Access,
  claimName,
  type LosingKey,
  type NameTaken,
  normaliseName,
  type Origin,
  releaseName,
  type WithdrawName,
  withdrawFromNobody,
} from '#profile/index.ts'
import { assertRoom, type DeploymentTable, type Store } from '#store/index.ts'
import { type Clock, LIMITS, newId, Problem } from '#std/index.ts'
import type { DeploymentRecord, LaunchSpec } from './model.ts'

export interface DeploymentInput {
  /** Any text; it is normalised, and kept as the title unless there is one. */
  readonly name: string
  readonly spec: LaunchSpec
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Default: `granted`. */
  readonly access?: Access | undefined
  readonly deadlineMs?: number | undefined
  readonly startDeadlineMs?: number | undefined
  /** Default: `strict`. */
  readonly headersMode?: DeploymentRecord['headersMode'] | undefined
  readonly origin?: Origin | undefined
}

/** What may change. A member left out stays as it is; a new specification needs a new approval. */
export type DeploymentChange = Partial<Omit<DeploymentInput, 'name' | 'origin'>>

export interface DeploymentStore {
  /** Not approved yet. Rejects with `invalid-input` for a name that cannot be, `conflict` for one that is taken. */
  create(tenant: string, input: DeploymentInput, onLosing?: (keys: readonly LosingKey[]) => void): Promise<DeploymentRecord>
  /** Those of one tenant, or all, by name. */
  list(tenant?: string): Promise<readonly DeploymentRecord[]>
  get(tenant: string, name: string): Promise<DeploymentRecord | null>
  /** Rejects with `not-found`. */
  update(tenant: string, name: string, change: DeploymentChange): Promise<DeploymentRecord>
  /** Approves exactly the specification with this digest (R24). Rejects with `not-found`, or `conflict` when it has changed since. */
  approve(tenant: string, name: string, digest: string): Promise<DeploymentRecord>
  /** Answers with the keys that lost the name. Rejects with `not-found`. */
  remove(tenant: string, name: string): Promise<readonly LosingKey[]>
}

export interface DeploymentStoreOptions {
  readonly store: Store
  readonly now: Clock
  readonly isTaken?: NameTaken
  readonly withdraw?: WithdrawName
}

/** The deployments made over the API. Declared ones never stand in the database. */
export function createDeploymentStore({
  store,
  now,
  isTaken = () => false,
  withdraw = withdrawFromNobody,
}: DeploymentStoreOptions): DeploymentStore {
  const get = (tenant: string, name: string): Promise<DeploymentRecord | null> => getDeployment(store, tenant, name)
  return {
    get,

    async create(tenant, input, onLosing) {
      const row = newRow(tenant, input, now())
      const losing = await store.transaction(async (transaction) => {
        await assertRoom(transaction, 'deployment', tenant, 'deploymentsPerTenantMax')
        const keys = await claimName(transaction, tenant, row.name, 'deployment', isTaken, withdraw)
        await transaction.insertInto('deployment').values(row).execute()
        return keys
      })
      onLosing?.(losing)
      return recordOf(row)
    },

    async list(tenant) {
      const query = store.db.selectFrom('deployment').selectAll().orderBy('tenant').orderBy('name')
      const rows = await (tenant === undefined ? query : query.where('tenant', '=', tenant)).execute()
      return rows.map(recordOf)
    },

    async update(tenant, name, change) {
      const row = await store.db
        .updateTable('deployment')
        .set({ updated_at_ms: now(), ...columnsOf(change) })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) throw unknownDeployment(name)
      return recordOf(row)
    },

    async approve(tenant, name, digest) {
      const row = await store.db
        .updateTable('deployment')
        .set({ approved_digest: digest, updated_at_ms: now() })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .where('digest', '=', digest)
        .returningAll()
        .executeTakeFirst()
      if (row !== undefined) return recordOf(row)
      if ((await get(tenant, name)) === null) throw unknownDeployment(name)
      throw new Problem('conflict', `The launch specification of ${name} is not the one that was to be approved.`, {
        remedy: 'Look at it again and approve what it is now.',
      })
    },

    async remove(tenant, name) {
      return store.transaction(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('deployment')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .executeTakeFirst()
        if (numDeletedRows === 0n) throw unknownDeployment(name)
        return releaseName(transaction, tenant, name, withdraw)
      })
    },
  }
}

async function getDeployment({ db }: Store, tenant: string, name: string): Promise<DeploymentRecord | null> {
  const row = await db.selectFrom('deployment').selectAll().where('tenant', '=', tenant).where('name', '=', name).executeTakeFirst()
  return row === undefined ? null : recordOf(row)
}

/** SHA-256 (hex) of the launch specification as canonical JSON: equal for equal meaning, whatever the order of its keys. */
export function specDigest(spec: LaunchSpec): string {
  return createHash('sha256').update(JSON.stringify(spec, sortKeys)).digest('hex')
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

const unknownDeployment = (name: string): Problem => new Problem('not-found', `There is no deployment ${name}.`)

function newRow(tenant: string, input: DeploymentInput, atMs: number): Selectable<DeploymentTable> {
  const name = normaliseName(input.name)
  if (!name.ok) throw new Problem('invalid-input', `${name.error}.`)
  return {
    id: newId('dep', atMs),
    tenant,
    name: name.value,
    title: input.title ?? input.name,
    description: input.description ?? '',
    access: input.access ?? 'granted',
    deadline_ms: input.deadlineMs ?? LIMITS.deadlineMsDefault,
    start_deadline_ms: input.startDeadlineMs ?? LIMITS.startDeadlineMsDefault,
    headers_mode: input.headersMode ?? 'strict',
    spec: JSON.stringify(input.spec),
    digest: specDigest(input.spec),
    approved_digest: null,
    origin: JSON.stringify(input.origin ?? { kind: 'api' }),
    created_at_ms: atMs,
    updated_at_ms: atMs,
  }
}

function columnsOf({ title, description, access, deadlineMs, startDeadlineMs, headersMode, spec }: DeploymentChange) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(access === undefined ? {} : { access }),
    ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
    ...(startDeadlineMs === undefined ? {} : { start_deadline_ms: startDeadlineMs }),
    ...(headersMode === undefined ? {} : { headers_mode: headersMode }),
    ...(spec === undefined ? {} : { spec: JSON.stringify(spec), digest: specDigest(spec) }),
  }
}

function recordOf(row: Selectable<DeploymentTable>): DeploymentRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    title: row.title,
    description: row.description,
    access: row.access as Access,
    deadlineMs: row.deadline_ms,
    startDeadlineMs: row.start_deadline_ms,
    headersMode: row.headers_mode as DeploymentRecord['headersMode'],
    spec: JSON.parse(row.spec) as LaunchSpec,
    origin: JSON.parse(row.origin) as Origin,
    digest: row.digest,
    approvedDigest: row.approved_digest,
  }
}
