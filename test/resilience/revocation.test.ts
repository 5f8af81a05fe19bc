import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import { LEGACY, modernRequest, openSession } from '../e2e/wire.ts'
import { type ModernServer, startModernServer } from '../fixtures/modern-server.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { api } from './audit.ts'
import { connectToEach, declaredEcho, isAnswered, startEcho } from './load.ts'
import { readyWorkers, workersOf } from './processes.ts'

/** What the design promises: a right ends everywhere within a second. */
const REVOKED_MS_MAX = 1_000

interface Key {
  readonly id: string
  readonly key: string
}

/** An event stream and the moment when it ends, on the clock of `performance.now`. */
interface Stream {
  readonly what: string
  readonly ended: Promise<number>
  isOpen: boolean
}

let upstream: RawServer
let listening: ModernServer
let sallyport: Sallyport

beforeAll(async () => {
  upstream = await startEcho()
  listening = await startModernServer()
  const { mcpServers } = declaredEcho(upstream)
  const declared = { mcpServers: { ...mcpServers, listening: { url: listening.url, sallyport: { access: 'tenant' } } } }
  sallyport = await startSallyport({ declared, args: ['--workers', '2'] })
})
afterAll(async () => {
  await sallyport.stop()
  await listening.close()
  await upstream.close()
})

const createKey = (name: string, expiresAt: string | null = null): Promise<Key> => api(sallyport, 'POST', '/keys', { name, expiresAt })

/** The three ways to hear of changes, each on a connection of its own to each of the processes. */
async function openStreams(key: string): Promise<readonly Stream[]> {
  const session = await openSession(`${sallyport.url}/mcp`, { key })
  const legacy = { accept: 'text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': LEGACY }
  const { headers, message } = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } })
  const requests = [
    { what: 'GET of a session', method: 'GET', path: '/mcp', headers: legacy, body: '' },
    { what: 'federated subscription', method: 'POST', path: '/mcp', headers, body: JSON.stringify(message) },
    { what: 'relayed subscription', method: 'POST', path: '/mcp/listening', headers, body: JSON.stringify(message) },
  ]
  const streams: Stream[] = []
  for (const request of requests) {
    for (const [worker, connection] of await connectToEach(sallyport, key)) {
      const incoming = await connection.request(request.method, request.path, request.headers, request.body)
      expect([request.what, incoming.statusCode, incoming.headers['content-type']]).toEqual([request.what, 200, 'text/event-stream'])
      const { promise: ended, resolve } = Promise.withResolvers<number>()
      const stream: Stream = { what: `${request.what} at process ${String(worker)}`, ended, isOpen: true }
      incoming.resume().once('close', () => {
        stream.isOpen = false
        resolve(performance.now())
      })
      streams.push(stream)
    }
  }
  expect(streams).toHaveLength(requests.length * 2)
  return streams
}

const openOnes = (streams: readonly Stream[]): string[] => streams.filter(({ isOpen }) => isOpen).map(({ what }) => what)

describe('a key that ends', () => {
  it('stops working at every process within a second of its revocation, its event streams included, and no other key does', async () => {
    const revoked = await createKey('to be revoked')
    const other = await createKey('to be kept')
    const callers = [...(await connectToEach(sallyport, revoked.key)).values()]
    const others = [...(await connectToEach(sallyport, other.key)).values()]
    const streams = await openStreams(revoked.key)
    const otherStreams = await openStreams(other.key)
    for (const connection of [...callers, ...others]) expect(await connection.call('before')).toSatisfy(isAnswered)
    expect(openOnes([...streams, ...otherStreams])).toHaveLength(streams.length + otherStreams.length)

    await api(sallyport, 'DELETE', `/keys/${revoked.id}`)
    const revokedAtMs = performance.now()
    const left = await Promise.race([Promise.all(streams.map(({ ended }) => ended)), delay(REVOKED_MS_MAX, null)])
    expect(openOnes(streams)).toEqual([])
    expect(left).toHaveLength(streams.length)
    await delay(Math.max(0, revokedAtMs + REVOKED_MS_MAX - performance.now()))
    for (const connection of callers) expect((await connection.call('after')).status).toBe(401)
    for (const connection of others) expect(await connection.call('after')).toSatisfy(isAnswered)
    expect(openOnes(otherStreams)).toHaveLength(otherStreams.length)
    for (const connection of [...callers, ...others]) connection.close()
  })

  it('stops working at its time when it expires, its event streams included', async () => {
    const lifeMs = 6_000
    const createdAtMs = performance.now()
    const { key } = await createKey('short-lived', new Date(Date.now() + lifeMs).toISOString())
    const callers = [...(await connectToEach(sallyport, key)).values()]
    const streams = await openStreams(key)
    for (const connection of callers) expect(await connection.call('in time')).toSatisfy(isAnswered)
    const expiresAtMs = createdAtMs + lifeMs
    expect(performance.now()).toBeLessThan(expiresAtMs)

    const endedAtMs = await Promise.all(streams.map(({ ended }) => ended))
    for (const atMs of endedAtMs) {
      // Two clocks are compared, which may be some milliseconds apart.
      expect(atMs).toBeGreaterThan(expiresAtMs - 100)
      expect(atMs).toBeLessThan(expiresAtMs + REVOKED_MS_MAX)
    }
    for (const connection of callers) expect((await connection.call('too late')).status).toBe(401)
    for (const connection of callers) connection.close()
  })

  it('does not work at a process that was starting when the key was revoked', async () => {
    const { id, key } = await createKey('revoked during a start')
    const [victim = 0, other] = await readyWorkers(sallyport)
    process.kill(victim, 'SIGKILL')
    const isStarting = (): boolean => workersOf(sallyport.pid).some((pid) => pid !== victim && pid !== other)
    await vi.waitUntil(isStarting, { timeout: 20_000, interval: 5 })
    await api(sallyport, 'DELETE', `/keys/${id}`)
    await readyWorkers(sallyport, victim)
    for (const connection of (await connectToEach(sallyport, sallyport.ownerKey)).values()) {
      const refused = await connection.request('POST', '/mcp/echo/invoke', { authorization: `Bearer ${key}` })
      expect(refused.resume().statusCode).toBe(401)
      connection.close()
    }
  })
})
