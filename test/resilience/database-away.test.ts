import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { freshPostgresUrl } from '#store/testing.ts'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { expectAudited } from './audit.ts'
import { type CutProxy, startCutProxy } from './cut-proxy.ts'
import { type Answer, declaredEcho, isAnswered, type Load, openConnection, startEcho, startLoad } from './load.ts'

const STALE_SECONDS = 2
const PER_SECOND = 100
const CONNECTIONS = 4
const SPOOL_BYTES_MAX = 64 * 1024
/** The drain and the search for changes try again at latest after 5 s; a busy machine gets some more. */
const RECOVERY_MS_MAX = 12_000

let outages = 0
let upstream: RawServer
beforeAll(async () => void (upstream = await startEcho()))
afterAll(() => upstream.close())

/** A database that can be taken away from a running server and given back. */
interface Outage {
  begin(): void
  end(): Promise<void>
}

interface Scene {
  readonly sallyport: Sallyport
  readonly outage: Outage
  readonly load: Load
}

async function begin(sallyport: Sallyport, outage: Outage): Promise<Scene> {
  onTestFinished(() => sallyport.stop())
  const load = startLoad({
    url: sallyport.url,
    key: sallyport.ownerKey,
    perSecond: PER_SECOND,
    connections: CONNECTIONS,
    name: `outage${String(++outages)}`,
  })
  onTestFinished(() => load.stop())
  await load.next(isAnswered, 10_000)
  return { sallyport, outage, load }
}

/** Another process that holds the lock on the SQLite file. */
function lockOf({ dataDir }: Sallyport): Outage {
  const database = new DatabaseSync(join(dataDir, 'data/sallyport.db'), { timeout: 5_000 })
  onTestFinished(() => database.close())
  return {
    begin: () => database.exec('begin exclusive'),
    end: async () => database.exec('rollback'),
  }
}

const start = (env: Readonly<Record<string, string>>): Promise<Sallyport> => startSallyport({ declared: declaredEcho(upstream), env })

const problemOf = ({ text }: Answer): Record<string, unknown> => {
  const body = JSON.parse(text) as Record<string, unknown> & { error?: { data?: { problem?: Record<string, unknown> } } }
  return body.error?.data?.problem ?? body
}

const isRefused =
  (type: string) =>
  (answer: Answer): boolean =>
    answer.isComplete && answer.status === 503 && problemOf(answer)['type'] === `https://sallyport.dev/problems/${type}`

/** The JSON-RPC codes of these refusals; the plain JSON of `invoke` has none. */
const codesOf = ({ answers }: Load, type: string): ReadonlySet<number | undefined> =>
  new Set(answers.filter(isRefused(type)).map(({ text }) => (JSON.parse(text) as { error?: { code: number } }).error?.code))

/**
 * Calls go on, are refused when the snapshot is too old, go on again, and all of them are in the audit. Gives the first
 * answer after the outage.
 */
async function surviveOutage({ sallyport, outage, load }: Scene): Promise<Answer> {
  const listener = openConnection({ url: sallyport.url, key: sallyport.ownerKey })
  const stream = await listener.request('GET', '/mcp', { accept: 'text/event-stream' })
  expect(stream.statusCode).toBe(200)
  const streamEnd = once(stream.resume(), 'close')

  outage.begin()
  const awayAtMs = performance.now()
  const refused = await load.next(isRefused('snapshot-stale'), 15_000)
  const heldOutMs = refused.sentAtMs - awayAtMs
  // The last confirmation lies up to one look (half a second) before the outage, or one that was under way just after it.
  expect(heldOutMs).toBeGreaterThan(STALE_SECONDS * 1000 - 1_000)
  expect(heldOutMs).toBeLessThan(STALE_SECONDS * 1000 + 2_000)
  expect(problemOf(refused)).toMatchObject({
    status: 503,
    detail: expect.stringMatching(/could not be confirmed for more than 2 seconds/) as string,
    remedy: expect.stringContaining('SALLYPORT_STALE_MAX_SECONDS') as string,
  })
  const during = load.answers.filter(
    (answer) => answer.isComplete && answer.sentAtMs > awayAtMs && answer.sentAtMs < refused.sentAtMs - 500,
  )
  expect(during.length).toBeGreaterThan(PER_SECOND / 5)
  expect(during.filter((answer) => !isAnswered(answer))).toEqual([])

  await load.next((answer) => answer.sentAtMs > refused.sentAtMs + 1_000, 5_000)
  await streamEnd
  const isAnsweredLate = load.answers.some((answer) => answer.sentAtMs > refused.sentAtMs + 500 && isAnswered(answer))
  expect(isAnsweredLate).toBe(false)
  expect(codesOf(load, 'snapshot-stale')).toEqual(new Set([5032, undefined]))

  await outage.end()
  const backAtMs = performance.now()
  const first = await load.next((answer) => answer.sentAtMs > backAtMs && isAnswered(answer), RECOVERY_MS_MAX)
  await load.stop()
  expect(load.failures).toEqual([])
  await expectAudited(sallyport, load.answers)
  return first
}

describe('a server whose database goes away under load', () => {
  it('answers from its snapshot for a while, then refuses, then goes on by itself: SQLite locked by another process', async () => {
    const sallyport = await start({ SALLYPORT_STALE_MAX_SECONDS: String(STALE_SECONDS) })
    expect(await surviveOutage(await begin(sallyport, lockOf(sallyport)))).toSatisfy(isAnswered)
  })

  it('refuses calls that it could no longer record, and loses none that it answered', async () => {
    const sallyport = await start({ SALLYPORT_SPOOL_BYTES_MAX: String(SPOOL_BYTES_MAX) })
    const { outage, load } = await begin(sallyport, lockOf(sallyport))
    outage.begin()
    const awayAtMs = performance.now()
    const refused = await load.next(isRefused('audit-unavailable'), 15_000)
    expect(problemOf(refused)).toMatchObject({ status: 503, remedy: expect.stringContaining('SALLYPORT_SPOOL_BYTES_MAX') as string })
    expect(load.answers.filter((answer) => answer.sentAtMs > awayAtMs && isAnswered(answer)).length).toBeGreaterThan(20)
    await load.next((answer) => answer.sentAtMs > refused.sentAtMs + 1_000, 5_000)
    const late = load.answers.filter((answer) => answer.isComplete && answer.sentAtMs > refused.sentAtMs + 500)
    expect(late.filter((answer) => !isRefused('audit-unavailable')(answer))).toEqual([])
    expect(late.length).toBeGreaterThan(PER_SECOND / 10)
    expect(codesOf(load, 'audit-unavailable')).toEqual(new Set([5031, undefined]))
    // Refused before anything is done: the server behind did not hear of them.
    expect(late.filter(({ callId }) => upstream.seen.some(({ body }) => body.includes(`"${callId}"`)))).toEqual([])

    await outage.end()
    const backAtMs = performance.now()
    await load.next((answer) => answer.sentAtMs > backAtMs && isAnswered(answer), RECOVERY_MS_MAX)
    await load.stop()
    expect(load.failures).toEqual([])
    await expectAudited(sallyport, load.answers.filter(isAnswered)) // prettier-ignore
  })
})

describe('a server whose PostgreSQL goes away under load', () => {
  beforeEach(({ skip }) => skip(freshPostgresUrl === null, 'SALLYPORT_TEST_DATABASE_URL names no server'))

  async function behindProxy(): Promise<{ scene: Scene; proxy: CutProxy }> {
    const url = new URL(await freshPostgresUrl!())
    const proxy = await startCutProxy({ host: url.hostname, port: Number(url.port === '' ? 5432 : url.port) })
    onTestFinished(() => proxy.close())
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    const sallyport = await start({ SALLYPORT_STALE_MAX_SECONDS: String(STALE_SECONDS), SALLYPORT_DATABASE_URL: url.href })
    const scene = await begin(sallyport, { begin: () => proxy.cut(), end: () => proxy.mend() })
    return { scene, proxy }
  }

  it('does the same when connections break and new ones are refused', async () => {
    const { scene } = await behindProxy()
    expect(await surviveOutage(scene)).toSatisfy(isAnswered)
  })

  it('does the same when the network swallows everything', async () => {
    const { scene, proxy } = await behindProxy()
    expect(await surviveOutage({ ...scene, outage: { begin: () => proxy.silence(), end: () => proxy.mend() } })).toSatisfy(isAnswered)
  })
})

if (freshPostgresUrl === null) console.log('PostgreSQL is not tested: SALLYPORT_TEST_DATABASE_URL is not set.')
