import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { createClient } from '@redis/client'
import { PGliteDialect } from 'kysely'
import pg from 'pg'
import { expect, onTestFinished } from 'vitest'
import type { Clock, ProblemType } from '#std/index.ts'
import { migratePostgres, openStore, postgresStoreOver } from './open-store.ts'
import { refusingDialect } from './postgres-dialect.ts'
import type { Store } from './store.ts'

// For tests only: the databases that a contract is run over. Nothing of the program imports this file.

export interface TestStoreOptions {
  readonly now?: Clock
}

export interface TestStore {
  readonly name: 'sqlite' | 'pglite' | 'postgres'
  /** A store with fresh tables, for the running test: closed and wiped when the test has finished. */
  readonly open: (options?: TestStoreOptions) => Promise<Store>
  /** Another store over the database that `open` made last in this file, as a second process would have; not with SQLite. */
  readonly reopen: (() => Promise<Store>) | null
}

const url = process.env['SALLYPORT_TEST_DATABASE_URL'] ?? ''

/** The address of a real PostgreSQL with a schema of its own for the running test; null when no server may be used. */
export const freshPostgresUrl = url === '' ? null : createSchema

/** SQLite and PGlite always, a real PostgreSQL when SALLYPORT_TEST_DATABASE_URL names one. */
export function openTestStores(): readonly TestStore[] {
  return [sqlite, pglite, ...(freshPostgresUrl === null ? [] : [postgres(freshPostgresUrl)])]
}

const redisUrl = process.env['SALLYPORT_TEST_REDIS_URL'] ?? ''

export interface TestRedis {
  readonly url: string
  /** What all keys and channels of the running test begin with. */
  readonly prefix: string
  /** A connection that is nobody's: what another program does with the same Redis. */
  readonly stranger: ReturnType<typeof createClient>
  /** Lets whatever has an expiry age. */
  readonly pass: (ms: number) => Promise<void>
}

/** A real Redis with a prefix of its own for the running test, wiped when it has finished; null when no server may be used. */
export const freshRedis = redisUrl === '' ? null : openRedis
export const NO_REDIS = 'SALLYPORT_TEST_REDIS_URL names no server'

/** What a test expects to be thrown: a problem of this type whose detail holds `text`. */
export function problem(type: ProblemType, text = ''): Error {
  return expect.objectContaining({ name: 'Problem', type, message: expect.stringContaining(text) as unknown }) as Error
}

const START_MS = Date.UTC(2026, 0, 1)
const standing: Clock = () => START_MS

/** A folder for the running test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const sqlite: TestStore = {
  name: 'sqlite',
  async open({ now = standing } = {}) {
    const store = await openStore({ file: join(temporaryFolder(), 'sallyport.db'), now })
    onTestFinished(() => store.close())
    return store
  },
  reopen: null,
}

// One engine per test file: it takes seconds and some hundred megabytes to start.
let engine: Promise<PGlite> | undefined

const pglite: TestStore = {
  name: 'pglite',
  async open({ now = standing } = {}) {
    engine ??= import('@electric-sql/pglite').then((module) => module.PGlite.create())
    const database = await engine
    await database.exec('drop schema public cascade; create schema public')
    await migratePostgres(pgliteDialect(database), now)
    return pglite.reopen!()
  },
  async reopen() {
    const store = postgresStoreOver(pgliteDialect(await engine!))
    onTestFinished(() => store.close())
    return store
  },
}

/** Closing a store leaves the engine running for the next test. */
function pgliteDialect(database: PGlite) {
  const shared = {
    closed: false,
    ready: true,
    waitReady: Promise.resolve(),
    query: database.query.bind(database),
    transaction: database.transaction.bind(database),
    close: async () => undefined,
  }
  return refusingDialect(new PGliteDialect({ pglite: shared }))
}

function postgres(freshUrl: () => Promise<string>): TestStore {
  let last = ''
  const reopen = async (now = standing): Promise<Store> => {
    const store = await openStore({ databaseUrl: last, now })
    onTestFinished(() => store.close())
    return store
  }
  return {
    name: 'postgres',
    async open({ now } = {}) {
      last = await freshUrl()
      return reopen(now)
    },
    reopen: () => reopen(),
  }
}

async function createSchema(): Promise<string> {
  const schema = `test_${randomBytes(8).toString('hex')}`
  await administer(`create schema ${schema}`)
  onTestFinished(() => administer(`drop schema ${schema} cascade`))
  const own = new URL(url)
  own.searchParams.set('options', `-c search_path=${schema}`)
  return own.href
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function openRedis(): Promise<TestRedis> {
  const client = await import('@redis/client')
  const stranger: TestRedis['stranger'] = client.createClient({ url: redisUrl })
  await stranger.connect()
  const prefix = `sallyport-test-${randomBytes(8).toString('hex')}:`
  const keys = async (): Promise<string[]> => (await Array.fromAsync(stranger.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 }))).flat()
  onTestFinished(async () => {
    for (const key of await keys()) await stranger.del(key)
    stranger.destroy()
  })
  return {
    url: redisUrl,
    prefix,
    stranger,
    async pass(ms) {
      for (const key of await keys()) {
        const leftMs = await stranger.pTTL(key)
        if (leftMs >= 0) await stranger.pExpire(key, leftMs - ms)
      }
    },
  }
}

/** A way to a server that can be cut, mended, and held: then connections stay and nothing passes. */
export async function openWay(address: string, portDefault: number) {
  const { hostname, port: portGiven } = new URL(address)
  const sockets = new Set<Socket>()
  let isHeld = false
  const way = createServer((client) => {
    const server = connect(portGiven === '' ? portDefault : Number(portGiven), hostname)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined).on('close', () => sockets.delete(from) && to.destroy())
      from.on('data', (chunk) => void (isHeld || to.write(chunk)))
    }
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  const { port } = way.address() as AddressInfo
  const cut = async (): Promise<void> => {
    if (!way.listening) return
    const closed = once(way, 'close')
    way.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(cut)
  const through = new URL(address)
  through.host = `127.0.0.1:${port}`
  return {
    href: through.href,
    port,
    cut,
    hold: (isOn: boolean) => void (isHeld = isOn),
    async mend() {
      way.listen(port, '127.0.0.1')
      await once(way, 'listening')
    },
  }
}
