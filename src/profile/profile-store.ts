import type { Selectable } from 'kysely'
import { assertRoom, type ProfileTable, type Store } from '#store/index.ts'
import { type Clock, newId, Problem } from '#std/index.ts'
import { claimName, type LosingKey, type NameTaken, releaseName, type WithdrawName, withdrawFromNobody } from './claim-name.ts'
import { type Access, NO_TOOL_RULES, type Origin, type ProfileRecord, type ToolRules } from './model.ts'
import { normaliseName } from './names.ts'

export interface ProfileInput {
  /** Any text; it is normalised, and kept as the title unless there is one. */
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Default: `granted`. */
  readonly access?: Access | undefined
  readonly servers?: readonly string[] | undefined
  readonly tools?: ToolRules | undefined
  readonly origin?: Origin | undefined
}

/** What may change. A member left out stays as it is. */
export type ProfileChange = Omit<ProfileInput, 'name' | 'origin'>

export interface ProfileStore {
  /**
   * Rejects with `invalid-input` for a name that cannot be, `conflict` for one that is taken. `onLosing` hears of keys that
   * were restricted to something of this name before.
   */
  create(tenant: string, input: ProfileInput, onLosing?: (keys: readonly LosingKey[]) => void): Promise<ProfileRecord>
  /** Those of one tenant, or all, by name. */
  list(tenant?: string): Promise<readonly ProfileRecord[]>
  get(tenant: string, name: string): Promise<ProfileRecord | null>
  /** Rejects with `not-found`. */
  update(tenant: string, name: string, change: ProfileChange): Promise<ProfileRecord>
  /** Answers with the keys that lost the name. Rejects with `not-found`. */
  remove(tenant: string, name: string): Promise<readonly LosingKey[]>
}

export interface ProfileStoreOptions {
  readonly store: Store
  readonly now: Clock
  readonly isTaken?: NameTaken
  readonly withdraw?: WithdrawName
}

/** The profiles made over the API. Declared ones never stand in the database. */
export function createProfileStore({
  store,
  now,
  isTaken = () => false,
  withdraw = withdrawFromNobody,
}: ProfileStoreOptions): ProfileStore {
  return {
    async create(tenant, input, onLosing) {
      const name = normaliseName(input.name)
      if (!name.ok) throw new Problem('invalid-input', `${name.error}.`)
      const atMs = now()
      const row: Selectable<ProfileTable> = {
        id: newId('prf', atMs),
        tenant,
        name: name.value,
        title: input.title ?? input.name,
        description: input.description ?? '',
        access: input.access ?? 'granted',
        servers: JSON.stringify(input.servers ?? []),
        tools: JSON.stringify(input.tools ?? NO_TOOL_RULES),
        origin: JSON.stringify(input.origin ?? { kind: 'api' }),
        created_at_ms: atMs,
        updated_at_ms: atMs,
      }
      const losing = await store.transaction(async (transaction) => {
        await assertRoom(transaction, 'profile', tenant, 'profilesPerTenantMax')
        const keys = await claimName(transaction, tenant, row.name, 'profile', isTaken, withdraw)
        await transaction.insertInto('profile').values(row).execute()
        return keys
      })
      onLosing?.(losing)
      return recordOf(row)
    },

    async list(tenant) {
      const query = store.db.selectFrom('profile').selectAll().orderBy('tenant').orderBy('name')
      const rows = await (tenant === undefined ? query : query.where('tenant', '=', tenant)).execute()
      return rows.map(recordOf)
    },

    async get(tenant, name) {
      const row = await store.db.selectFrom('profile').selectAll().where('tenant', '=', tenant).where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : recordOf(row)
    },

    async update(tenant, name, change) {
      const row = await store.db
        .updateTable('profile')
        .set({ updated_at_ms: now(), ...columnsOf(change) })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) throw unknownProfile(name)
      return recordOf(row)
    },

    async remove(tenant, name) {
      return store.transaction(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('profile')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .executeTakeFirst()
        if (numDeletedRows === 0n) throw unknownProfile(name)
        return releaseName(transaction, tenant, name, withdraw)
      })
    },
  }
}

function columnsOf({ title, description, access, servers, tools }: ProfileChange) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(access === undefined ? {} : { access }),
    ...(servers === undefined ? {} : { servers: JSON.stringify(servers) }),
    ...(tools === undefined ? {} : { tools: JSON.stringify(tools) }),
  }
}

const unknownProfile = (name: string): Problem => new Problem('not-found', `There is no profile ${name}.`)

function recordOf(row: Selectable<ProfileTable>): ProfileRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    title: row.title,
    description: row.description,
    access: row.access as Access,
    servers: JSON.parse(row.servers) as string[],
    // Rules that were kept before a member existed say nothing of it.
    tools: { ...NO_TOOL_RULES, ...(JSON.parse(row.tools) as Partial<ToolRules>) },
    origin: JSON.parse(row.origin) as Origin,
  }
}
