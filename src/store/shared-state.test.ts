import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createSharedState, type SharedState } from './shared-state.ts'
import { freshRedis, NO_REDIS, openWay, problem } from './testing.ts'

const CANARY = 'canary-4711'

interface Line {
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

async function open(url: string | null, prefix = 'sallyport-test:', now = () => 0) {
  const lines: Line[] = []
  const write = (fields: Line['fields'], message: string): void => void lines.push({ fields, message })
  const state = await createSharedState({ url, now, log: { info: write, warn: write }, prefix })
  onTestFinished(() => state.close())
  return { state, lines }
}

/** Uses every part once. */
async function useAll({ keyValue, pubSub, eventLog, sharedLimit }: SharedState): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const stop = await pubSub.subscribe('t', resolve)
  await pubSub.publish('t', 'seen')
  expect(await promise).toBe('seen')
  await stop()
  await keyValue.set('a', 'value', 60_000)
  expect(await keyValue.get('a')).toBe('value')
  const id = await eventLog.append('a', 'one')
  expect(await eventLog.read('a', null, 1)).toEqual({ events: [{ id, data: 'one' }], gap: false })
  expect(await sharedLimit.settle('one', [{ key: 'a', perSecond: 1, burst: 3, spent: 1 }])).toEqual({ nodes: 1, balances: [2] })
}

describe('what the processes share', () => {
  it('is kept in memory without an address', async () => {
    const { state, lines } = await open(null)
    await useAll(state)
    expect(state.health()).toMatchObject({ kind: 'memory', isReady: true })
    expect(lines).toEqual([])
  })

  it('is not there when Redis is away: the failure names setting, host and port, and no password', async () => {
    const failure: unknown = await open(`redis://someone:${CANARY}@127.0.0.1:1/3`).catch((error: unknown) => error)
    expect(failure).toEqual(problem('store-unavailable', '127.0.0.1:1'))
    expect(failure).toEqual(problem('store-unavailable', 'SALLYPORT_REDIS_URL'))
    expect(failure).toEqual(problem('store-unavailable', 'ECONNREFUSED'))
    expect((failure as { remedy: string }).remedy).toContain('SALLYPORT_REDIS_URL')
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(CANARY)
  })

  it('is not there for an address that cannot be read', async () => {
    await expect(open(`redis://:${CANARY}@one?db=1`)).rejects.toEqual(problem('invalid-input', 'SALLYPORT_REDIS_URL'))
  })
})

describe('what the nodes share in Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  it('is the same for two nodes, below one prefix', async () => {
    const { url, prefix, stranger } = await freshRedis!()
    const [one, two] = [(await open(url, prefix)).state, (await open(url, prefix)).state]
    await useAll(one)
    expect(await two.keyValue.get('a')).toBe('value')
    expect((await two.eventLog.read('a', null, 1)).events).toHaveLength(1)
    expect((await two.sharedLimit.settle('two', [])).nodes).toBe(2)
    const { promise, resolve } = Promise.withResolvers<unknown>()
    await two.pubSub.subscribe('t', resolve)
    await one.pubSub.publish('t', ['from one'])
    expect(await promise).toEqual(['from one'])
    expect((await stranger.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).toSorted()).toEqual([
      'events:{a}',
      'events:{a}:known',
      'limit:a',
      'nodes',
      'value:a',
    ])
    expect(one.health()).toMatchObject({ kind: 'redis', isReady: true, detail: expect.stringContaining('answers') as unknown })
  })

  it('is refused while Redis is away, quickly and in every part, and there again afterwards', async () => {
    const { url, prefix } = await freshRedis!()
    const way = await openWay(url, 6379)
    let nowMs = 1_000
    const { state, lines } = await open(way.href, prefix, () => nowMs)
    await state.keyValue.set('a', 'kept', 600_000)
    await way.cut()
    await expect.poll(() => lines.length, { message: 'both connections are missed' }).toBe(2)
    nowMs += 12_000
    expect(state.health()).toMatchObject({ isReady: false, detail: expect.stringMatching(`127.0.0.1:${way.port} .* 12 s: `) as unknown })
    const attempts = Promise.allSettled([
      state.keyValue.get('a'),
      state.keyValue.set('a', 'x', 1_000),
      state.keyValue.setIfAbsent('once', 'x', 1_000),
      state.keyValue.increment('count', 1_000),
      state.keyValue.delete('a'),
      state.pubSub.publish('t', 1),
      state.pubSub.subscribe('t', () => undefined),
      state.eventLog.append('s', 'x'),
      state.eventLog.read('s', null, 1),
      state.eventLog.delete('s'),
      state.sharedLimit.settle('one', []),
    ])
    const waits = new Promise<[]>((resolve) => setImmediate(resolve, []))
    const outcomes = await Promise.race([attempts, waits])
    expect(outcomes, 'nothing waits for a timer or a socket').toHaveLength(11)
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: problem('store-unavailable', 'Redis') })
    await way.mend()
    await expect.poll(() => state.health().isReady, { timeout: 3 * LIMITS.redisRetryMsMax }).toBe(true)
    expect(await state.keyValue.get('a')).toBe('kept')
    await useAll(state)
    const away = expect.objectContaining({ message: expect.stringContaining('is away') as unknown }) as unknown
    const back = expect.objectContaining({ message: 'Redis is back' }) as unknown
    expect(lines).toEqual([away, away, back, back])
  })

  it('is not there for a user that may do nothing, nor with a wrong password', async () => {
    const { url, prefix, stranger } = await freshRedis!()
    const user = prefix.slice(0, -1)
    await stranger.aclSetUser(user, ['on', `>${CANARY}`, '-@all', '+hello', '+client', '+select'])
    onTestFinished(() => stranger.aclDelUser(user).then(() => undefined))
    const as = new URL(url)
    as.username = user
    as.password = `${CANARY}-wrong`
    const failure: unknown = await open(as.href, prefix).catch((error: unknown) => error)
    expect(failure).toEqual(problem('store-unavailable', 'WRONGPASS'))
    expect((failure as { remedy: string }).remedy).toContain('docs/guides/redis.md')
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY)
    as.password = CANARY
    const { state } = await open(as.href, prefix)
    await expect(state.keyValue.get('a')).rejects.toEqual(problem('store-unavailable'))
  })

  it('needs no more rights than the guide gives', async () => {
    const { url, prefix, stranger } = await freshRedis!()
    const user = prefix.slice(0, -1)
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/redis.md'), 'utf8')
    const rules = (/^user sallyport (.*)$/m.exec(guide)?.[1] ?? '').replaceAll('sallyport:', prefix).replace('PASSWORD', CANARY)
    await stranger.aclSetUser(user, rules.split(' '))
    onTestFinished(() => stranger.aclDelUser(user).then(() => undefined))
    const as = new URL(url)
    as.username = user
    as.password = CANARY
    const { state, lines } = await open(as.href, prefix)
    await useAll(state)
    expect(await state.keyValue.setIfAbsent('b', '', 1_000)).toBe(true)
    expect(await state.keyValue.increment('c', 1_000)).toBe(1)
    expect([await state.keyValue.delete('b'), await state.eventLog.delete('a')]).toEqual([true, true])
    expect(lines).toEqual([])
  })

  it('is carried by TLS to a server that proves its name, and to no other', async (context) => {
    const made = makeCertificate()
    if (made === null) return context.skip('openssl is not installed')
    const { url, prefix } = await freshRedis!()
    const { hostname, port, pathname } = new URL(url)
    let heard = 0
    const server = createServer(made, (socket) => {
      const redis = connect(Number(port === '' ? 6379 : port), hostname)
      socket.on('data', () => (heard += 1))
      for (const end of [socket, redis]) end.on('error', () => undefined)
      socket.pipe(redis).pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const through = (host: string): string => `rediss://:${CANARY}@${host}:${(server.address() as AddressInfo).port}${pathname}`
    await expect(open(through('localhost'), prefix)).rejects.toEqual(problem('store-unavailable', 'DEPTH_ZERO_SELF_SIGNED_CERT'))
    const authorities = getCACertificates()
    setDefaultCACertificates([...authorities, made.cert])
    onTestFinished(() => setDefaultCACertificates(authorities))
    await expect(open(through('127.0.0.1'), prefix)).rejects.toEqual(problem('store-unavailable', 'ERR_TLS_CERT_ALTNAME_INVALID'))
    expect(heard, 'no password was sent').toBe(0)
    const { state } = await open(through('localhost').replace(`:${CANARY}@`, ''), prefix)
    await useAll(state)
    expect(heard).toBeGreaterThan(0)
  })
})

/** A certificate of `localhost` by itself; null without openssl. */
function makeCertificate(): { readonly key: string; readonly cert: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
  try {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const { status } = spawnSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', 'a.key', '-out', 'a.crt'], { cwd: folder })
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
    return status === 0 ? { key: read('a.key'), cert: read('a.crt') } : null
  } finally {
    rmSync(folder, { recursive: true })
  }
}
