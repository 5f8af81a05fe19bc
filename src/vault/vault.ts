import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { assertRoom, ensurePrivateFile, readPrivateFile, type Store } from '#store/index.ts'
import { type Clock, LIMITS, Problem } from '#std/index.ts'
import { contextOf, KEY_BYTES, seal, unseal } from './cipher.ts'
import { createSealedReader, type SealedReader, sealText } from './sealed-text.ts'

/** What may be told about a secret. */
export interface SecretEntry {
  readonly name: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export interface Vault extends SealedReader {
  /** Seals and stores; replaces what stood under the name. Names look like `deployment/{name}/{header|env}/{key}`. */
  put(tenant: string, name: string, text: string): Promise<void>
  /** Rejects with `not-found`, or with `secret-unreadable` when the row was changed, moved or sealed by another key. */
  get(tenant: string, name: string): Promise<string>
  /** True when there was one. */
  delete(tenant: string, name: string): Promise<boolean>
  /** By name, all that start with `prefix`. Never a value. */
  list(tenant: string, prefix?: string): Promise<readonly SecretEntry[]>
  /** Seals for memory and snapshots instead of the database. */
  sealText(tenant: string, name: string, text: string): string
  /** What `createSealedReader` takes. */
  readerKey(): Buffer
  /** 32 bytes for a purpose outside the vault; the same after every start. */
  deriveKey(purpose: string): Buffer
}

export interface VaultOptions {
  readonly store: Store
  /** Holds the 32 random bytes that everything else depends on. Made at the first start, mode 0600. */
  readonly keyFile: string
  readonly now: Clock
}

/** Rejects with `unsafe-file` when the key file is readable by others, damaged, or missing although secrets are stored. */
export async function openVault({ store, keyFile, now }: VaultOptions): Promise<Vault> {
  const root = await rootKey(store, keyFile)
  const derive = (info: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `sallyport/${info}`, KEY_BYTES))
  const wrappingKey = derive('vault/wrap')
  const textKey = derive('vault/text')
  const kid = createHash('sha256').update(derive('vault/kid')).digest('hex').slice(0, 16)

  return {
    ...createSealedReader(textKey),
    sealText: (tenant, name, text) => sealText(textKey, tenant, name, text),
    readerKey: () => Buffer.from(textKey),
    deriveKey: (purpose) => derive(`use/${purpose}`),
    put: (tenant, name, text) => putSecret({ store, now, wrappingKey, kid }, tenant, name, text),

    async get(tenant, name) {
      const row = await store.db.selectFrom('secret').selectAll().where('tenant', '=', tenant).where('name', '=', name).executeTakeFirst()
      if (row === undefined) throw new Problem('not-found', `There is no secret ${name}.`)
      const context = contextOf(tenant, name, row.version)
      try {
        return unseal(unseal(wrappingKey, context, row.wrapped_key), context, row.sealed).toString()
      } catch (cause) {
        const why = row.kid === kid ? 'was changed or moved in the database' : 'was sealed by another key'
        throw new Problem('secret-unreadable', `The secret ${name} ${why}.`, {
          remedy: 'Set it again, or restore the key file that belongs to this database.',
          cause,
        })
      }
    },

    async delete(tenant, name) {
      const { numDeletedRows } = await store.db
        .deleteFrom('secret')
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    async list(tenant, prefix = '') {
      const rows = await store.db
        .selectFrom('secret')
        .select(['name', 'created_at_ms as createdAtMs', 'updated_at_ms as updatedAtMs'])
        .where('tenant', '=', tenant)
        .orderBy('name')
        .execute()
      return rows.filter((row) => row.name.startsWith(prefix))
    },
  }
}

interface Sealing {
  readonly store: Store
  readonly now: Clock
  readonly wrappingKey: Buffer
  readonly kid: string
}

/** A fresh data key for every write, so that none ever seals two texts; the root key can be exchanged without touching `sealed`. */
async function putSecret({ store, now, wrappingKey, kid }: Sealing, tenant: string, name: string, text: string): Promise<void> {
  const plain = Buffer.from(text)
  if (plain.length > LIMITS.secretBytesMax) throw new Problem('invalid-input', `A secret has at most ${LIMITS.secretBytesMax} bytes.`)
  await store.transaction(async (transaction) => {
    const last = await transaction
      .selectFrom('secret')
      .select('version')
      .where('tenant', '=', tenant)
      .where('name', '=', name)
      .executeTakeFirst()
    if (last === undefined) await assertRoom(transaction, 'secret', tenant, 'secretsPerTenantMax')
    const version = (last?.version ?? 0) + 1
    const context = contextOf(tenant, name, version)
    const dataKey = randomBytes(KEY_BYTES)
    const row = {
      version,
      kid,
      wrapped_key: seal(wrappingKey, context, dataKey),
      sealed: seal(dataKey, context, plain),
      updated_at_ms: now(),
    }
    await transaction
      .insertInto('secret')
      .values({ tenant, name, created_at_ms: row.updated_at_ms, ...row })
      .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(row))
      .execute()
  })
}

async function rootKey(store: Store, keyFile: string): Promise<Buffer> {
  if (readPrivateFile(keyFile) === null) {
    const sealed = await store.db.selectFrom('secret').select('name').limit(1).executeTakeFirst()
    if (sealed !== undefined) {
      throw new Problem('unsafe-file', `${keyFile} is missing, but the database holds secrets that only it opens.`, {
        remedy: 'Restore the file from the back-up. If it is lost, delete the rows of the table "secret" and set the secrets again.',
      })
    }
  }
  const key = ensurePrivateFile(keyFile, () => randomBytes(KEY_BYTES))
  if (key.length === KEY_BYTES) return key
  throw new Problem('unsafe-file', `${keyFile} holds ${key.length} bytes instead of ${KEY_BYTES}: it is not a key file, or damaged.`, {
    remedy: 'Restore the file from the back-up.',
  })
}
