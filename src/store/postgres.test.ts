import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from './open-store.ts'
import { freshPostgresUrl, problem } from './testing.ts'

const now = () => Date.UTC(2026, 0, 1)

describe('PostgreSQL that is away', () => {
  it('is a problem that names the setting and not the password', async () => {
    const failure: unknown = await openStore({ databaseUrl: 'postgres://someone:canary-4711@127.0.0.1:1/none', now }).catch(
      (error: unknown) => error,
    )
    expect(failure).toEqual(problem('store-unavailable'))
    expect((failure as { remedy: string }).remedy).toContain('SALLYPORT_DATABASE_URL')
    expect(JSON.stringify(failure) + String((failure as Error).cause)).not.toContain('canary-4711')
  })
})

/** A way to the server that can be cut and mended. */
async function openWay(url: URL) {
  const sockets = new Set<Socket>()
  const way = createServer((client) => {
    const server = connect(Number(url.port === '' ? 5432 : url.port), url.hostname)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from)
      from
        .on('error', () => undefined)
        .on('close', () => to.destroy())
        .pipe(to)
    }
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  const { port } = way.address() as AddressInfo
  const cut = async (): Promise<void> => {
    const closed = once(way, 'close')
    way.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(cut)
  const through = new URL(url)
  through.host = `127.0.0.1:${port}`
  return {
    href: through.href,
    cut,
    mend: async () => {
      way.listen(port, '127.0.0.1')
      await once(way, 'listening')
    },
  }
}

describe('PostgreSQL that goes away', () => {
  beforeEach(({ skip }) => skip(freshPostgresUrl === null, 'SALLYPORT_TEST_DATABASE_URL names no server'))

  async function setUp() {
    const errors: unknown[] = []
    const way = await openWay(new URL(await freshPostgresUrl!()))
    const store = await openStore({ databaseUrl: way.href, now, onError: (error) => errors.push(error) })
    onTestFinished(() => store.close())
    return { way, store, errors }
  }

  it('refuses while it is away and answers again when it is back', async () => {
    const { way, store, errors } = await setUp()
    await Promise.all([store.ping(), store.ping(), store.ping()])
    await way.cut()
    await expect(store.ping()).rejects.toEqual(problem('store-unavailable'))
    await expect(store.transaction((transaction) => sql`select 1`.execute(transaction))).rejects.toEqual(problem('store-unavailable'))
    expect(errors.length, 'idle connections that were cut are reported').toBeGreaterThan(0)
    await way.mend()
    await store.ping()
  })

  it('loses only the transaction that was under way', async () => {
    const { way, store } = await setUp()
    const work = store.transaction(async (transaction) => {
      await transaction.updateTable('meta').set({ revision: 99 }).execute()
      await way.cut()
      await transaction.updateTable('meta').set({ revision: 100 }).execute()
    })
    await expect(work).rejects.toEqual(problem('store-unavailable'))
    await way.mend()
    expect(await store.db.selectFrom('meta').select('revision').execute()).toEqual([{ revision: 1 }])
  })

  it('refuses a statement that waits too long for a lock, and keeps what is wrong with a statement a bug', async () => {
    const { store } = await setUp()
    await store.transaction(async (transaction) => {
      await transaction.updateTable('meta').set({ revision: 2 }).execute()
      const waiting = store.transaction(async (other) => {
        await sql`set local lock_timeout = 20`.execute(other)
        await other.updateTable('meta').set({ revision: 3 }).execute()
      })
      await expect(waiting).rejects.toEqual(problem('store-unavailable'))
    })
    await expect(sql`select nonsense`.execute(store.db)).rejects.toMatchObject({ name: 'error', code: '42703' })
  })
})
