// A server that is told to stop under load: who was let in is answered, who was not is told so, nobody hangs.
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import { listen, modernRequest, openSession } from '../e2e/wire.ts'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { expectAudited } from './audit.ts'
import { declaredEcho, isAnswered, openConnection, startLoad } from './load.ts'

const NOTICE_SECONDS = 1
/** How long the server behind takes: calls are under way at every moment. */
const WORK_MS = 150
const PER_SECOND = 40
const CONNECTIONS = 8
const GONE_MS_MAX = 60_000

let upstream: RawServer
/** Answers that are held back by the server behind. */
const held: (() => void)[] = []

beforeAll(async () => {
  upstream = await startModernUpstream(
    (message, response) => {
      const { id } = (message.params as { arguments: { id: string } }).arguments
      const answer = (): void => sendResult(response, message.id, textResult(`echo ${id}`))
      if (id.startsWith('held')) held.push(answer)
      else setTimeout(answer, WORK_MS)
    },
    [tool('echo')],
  )
})
afterAll(() => upstream.close())

async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Sallyport> {
  const sallyport = await startSallyport({ declared: declaredEcho(upstream), args, env })
  onTestFinished(() => sallyport.stop())
  return sallyport
}

/** Resolves when the process is there no more. */
const gone = (pid: number): Promise<boolean> =>
  vi.waitUntil(
    () => {
      try {
        return !process.kill(pid, 0)
      } catch {
        return true
      }
    },
    { timeout: GONE_MS_MAX, interval: 20 },
  )

const readiness = async ({ url }: Sallyport): Promise<number> => (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).status

describe.each([
  ['in one process', []],
  ['with two data-plane processes', ['--workers', '2']],
])('a server that is told to stop, %s', (_name, args) => {
  it('says at once that it is not ready, goes on for a while, and loses no call', async () => {
    const sallyport = await start(args, { SALLYPORT_DRAIN_NOTICE_SECONDS: String(NOTICE_SECONDS) })
    const name = `drained${String(args.length)}`
    const load = startLoad({ url: sallyport.url, key: sallyport.ownerKey, perSecond: PER_SECOND, connections: CONNECTIONS, name })
    onTestFinished(() => load.stop())
    await load.next(isAnswered, 30_000)
    expect(await readiness(sallyport)).toBe(200)

    process.kill(sallyport.pid, 'SIGTERM')
    await vi.waitUntil(() => sallyport.logs.includes('stopping'), { timeout: 10_000, interval: 5 })
    const told = load.answers.length
    await vi.waitUntil(async () => (await readiness(sallyport)) === 503, { timeout: NOTICE_SECONDS * 1000, interval: 5 })
    // New connections are still taken and answered.
    const late = openConnection({ url: sallyport.url, key: sallyport.ownerKey })
    onTestFinished(() => late.close())
    expect(await late.call('late')).toSatisfy(isAnswered)
    await gone(sallyport.pid)
    await load.stop()

    const after = load.answers.slice(told).filter(isAnswered)
    expect(after.length).toBeGreaterThan(0)
    // Whatever has a head is whole: the call's own answer, or the refusal of a server that stops.
    expect(load.answers.filter(({ isComplete }) => !isComplete)).toEqual([])
    const refused = load.answers.filter((answer) => !isAnswered(answer))
    expect(refused.filter(({ status, text }) => status !== 503 || !text.includes('is stopping'))).toEqual([])
    // Of the calls that were carried out none is without its answer.
    const answered = new Set(load.answers.filter(isAnswered).map(({ callId }) => callId))
    const carriedOut = upstream.seen.flatMap(({ body }) => new RegExp(`${name}-\\d+`).exec(body.toString()) ?? [])
    expect(carriedOut.length).toBeGreaterThan(0)
    expect(carriedOut.filter((id) => !answered.has(id))).toEqual([])
    // Without a head a call was not taken: its connection was refused or had been closed. Nothing hung.
    expect(load.failures.filter((code) => !['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code))).toEqual([])
    const again = await startSallyport({ dataDir: sallyport.dataDir, declared: declaredEcho(upstream) })
    onTestFinished(() => again.stop())
    await expectAudited(again, load.answers.filter(isAnswered))
  })

  it('answers calls under way on every line, ends streams, and refuses what comes then', async () => {
    const sallyport = await start(args)
    const { url, ownerKey: key } = sallyport
    const [waiting, idle] = [openConnection({ url, key }), openConnection({ url, key })]
    onTestFinished(() => [waiting, idle].forEach((connection) => connection.close()))
    expect(await idle.call('before')).toSatisfy(isAnswered)
    const call = waiting.call('held 1')
    const socket = new WebSocket(`${url.replace('http', 'ws')}/mcp/echo/ws`, 'mcp', { headers: { authorization: `Bearer ${key}` } })
    await once(socket, 'open')
    const { message } = modernRequest('tools/call', { name: 'echo', arguments: { id: 'held 2' } })
    socket.send(JSON.stringify(message))
    const session = await openSession(`${url}/mcp`, { key })
    const stream = await listen(`${url}/mcp`, { key, session })
    const tail = await fetch(`${url}/api/v1/activity/stream`, { headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' } })
    expect([stream.status, tail.status]).toEqual([200, 200])
    await vi.waitUntil(() => held.length === 2, { timeout: 10_000 })

    process.kill(sallyport.pid, 'SIGTERM')
    // Both streams come to their end, and not to a cut.
    await Promise.all([stream.text(), tail.text()])
    await vi.waitUntil(async () => (await fetch(`${url}/healthz`).catch(() => null)) === null, { timeout: 10_000, interval: 20 })
    const [said, closed] = [once(socket, 'message'), once(socket, 'close')]
    for (const answer of held.splice(0)) answer()
    expect(await call).toSatisfy(isAnswered)
    expect(JSON.parse(String((await said)[0]))).toMatchObject({ id: message.id, result: { content: [{ text: 'echo held 2' }] } })
    expect((await closed)[0]).toBe(1001)
    await gone(sallyport.pid)
  })

  it('does not wait for ever', async () => {
    const sallyport = await start(args, { SALLYPORT_DRAIN_SECONDS: '1' })
    const { url, ownerKey: key } = sallyport
    const connection = openConnection({ url, key })
    onTestFinished(() => connection.close())
    const call = connection.call('held for ever').then(
      () => 'answered',
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    )
    await vi.waitUntil(() => held.length === 1, { timeout: 10_000 })
    process.kill(sallyport.pid, 'SIGTERM')
    expect(await call).toMatch(/ECONNRESET|EPIPE/)
    await gone(sallyport.pid)
    held.splice(0)
  })
})

it('a server with processes is not hurt by a signal that reaches all of them', async () => {
  const sallyport = await start(['--workers', '2'])
  const { url, ownerKey: key } = sallyport
  const connection = openConnection({ url, key })
  onTestFinished(() => connection.close())
  const call = connection.call('held in a group')
  await vi.waitUntil(() => held.length === 1, { timeout: 10_000 })
  // As a terminal does with Ctrl-C, and a service manager with a control group.
  process.kill(-sallyport.pid, 'SIGTERM')
  await vi.waitUntil(() => sallyport.logs.includes('stopping'), { timeout: 10_000 })
  for (const answer of held.splice(0)) answer()
  expect(await call).toSatisfy(isAnswered)
  await gone(sallyport.pid)
})
