import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { EdgeBus, EdgeInbound, EdgeMessage, EdgeOptions, EdgeReply } from './index.ts'
import { openTestEdge, type TestEdge } from './testing.ts'

/** A busy machine gets some time. */
const WITHIN = { timeout: 10_000 }

const GOOD = ['Bearer one', 'Bearer two']

interface Scene extends TestEdge {
  /** What the endpoint was asked, with how to answer it. */
  readonly asked: { inbound: EdgeInbound; reply: EdgeReply }[]
}

async function open(options: Partial<EdgeOptions> = {}): Promise<Scene> {
  const asked: Scene['asked'] = []
  const opened = await openTestEdge({
    ...options,
    handlers: {
      admits: ({ headers }) => GOOD.includes(headers.authorization ?? ''),
      async gateway(inbound, reply) {
        if (!GOOD.includes(inbound.headers.authorization ?? '')) return reply.send(401, ['content-type', 'application/problem+json'], '{}')
        asked.push({ inbound, reply })
      },
    },
  })
  return { ...opened, asked }
}

async function ask({ edge }: TestEdge, method: string, path: string, authorization = GOOD[0]!, body = ''): Promise<IncomingMessage> {
  const request: ClientRequest = httpRequest({ port: edge.port, host: '127.0.0.1', method, path, headers: { authorization } })
  onTestFinished(() => void request.destroy())
  request.end(body)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return answer.setEncoding('utf8')
}

interface Stream {
  readonly answer: IncomingMessage
  /** Everything that came so far. */
  text(): string
  /** Where messages are sent to. */
  readonly place: string
}

async function openStream(scene: TestEdge, path = '/mcp/x/sse'): Promise<Stream> {
  const answer = await ask(scene, 'GET', path)
  let text = ''
  answer.on('data', (chunk: string) => (text += chunk))
  answer.on('error', () => {})
  await vi.waitFor(() => expect(text).toContain('\n\n'), WITHIN)
  return { answer, text: () => text, place: /^event: endpoint\ndata: (\S+)\n\n/.exec(text)?.[1] ?? '' }
}

const post = async (scene: TestEdge, place: string, message: object, authorization?: string): Promise<number> =>
  (await ask(scene, 'POST', place, authorization, JSON.stringify({ jsonrpc: '2.0', ...message }))).resume().statusCode ?? 0

describe('HTTP+SSE of 2024-11-05', () => {
  it('says where messages go, accepts them, and answers on the stream', async () => {
    const scene = await open()
    const stream = await openStream(scene)
    expect(stream.answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    expect(stream.place).toMatch(/^\/mcp\/x\/messages\?sessionId=[A-Za-z0-9_-]{43}$/)
    expect(await post(scene, stream.place, { id: 1, method: 'ping' })).toBe(202)
    const [{ inbound, reply } = {} as never] = scene.asked
    expect(inbound).toMatchObject({ method: 'POST', path: '/mcp/x', query: '', headers: { authorization: GOOD[0] } })
    reply.send(200, ['content-type', 'application/json'], '{\n  "jsonrpc": "2.0",\r\n"id":1,"result":{"text":"a\\nb"}}')
    const event = 'event: message\ndata: {   "jsonrpc": "2.0", "id":1,"result":{"text":"a\\nb"}}\n\n'
    await vi.waitFor(() => expect(stream.text()).toContain(event), WITHIN)
  })

  it('has the path of the public address before its own', async () => {
    const scene = await open({ publicUrl: 'https://tools.example/gate/' })
    expect((await openStream(scene, '/t/acme/mcp/x/sse')).place).toMatch(/^\/gate\/t\/acme\/mcp\/x\/messages\?/)
  })

  it('is for the credential that opened the stream, and at its endpoint', async () => {
    const scene = await open()
    const { place } = await openStream(scene)
    expect(await post(scene, place, { id: 1, method: 'ping' }, GOOD[1])).toBe(404)
    expect(await post(scene, place, { id: 1, method: 'ping' }, 'Bearer bad')).toBe(401)
    expect(await post(scene, place.replace('/mcp/x/', '/mcp/y/'), { id: 1, method: 'ping' })).toBe(404)
    for (const other of ['/mcp/x/messages', '/mcp/x/messages?sessionId=', `${place.slice(0, -43)}${'a'.repeat(43)}`])
      expect(await post(scene, other, { id: 1, method: 'ping' })).toBe(404)
    expect((await ask(scene, 'GET', '/mcp/x/sse', 'Bearer bad')).statusCode).toBe(401)
    for (const [method, path] of [
      ['POST', '/mcp/x/sse'],
      ['GET', place],
    ] as const)
      expect((await ask(scene, method, path)).statusCode).toBe(405)
    expect(scene.asked).toEqual([])
  })

  it('ends with the stream: what is under way is cancelled, and nothing more is accepted', async () => {
    const scene = await open()
    const stream = await openStream(scene)
    await post(scene, stream.place, { id: 1, method: 'ping' })
    let gone = 0
    scene.asked[0]!.reply.onGone(() => gone++)
    stream.answer.destroy()
    await vi.waitFor(() => expect(gone).toBe(1), WITHIN)
    expect(await post(scene, stream.place, { id: 2, method: 'ping' })).toBe(404)
  })

  it('finishes what is under way when the server stops', async () => {
    const scene = await open()
    const [busy, idle] = [await openStream(scene), await openStream(scene)]
    await post(scene, busy.place, { id: 1, method: 'ping' })
    const ended = once(idle.answer, 'end')
    const closed = scene.edge.close(10_000)
    await ended
    scene.asked[0]!.reply.send(200, ['content-type', 'application/json'], '{"jsonrpc":"2.0","id":1,"result":{}}')
    await once(busy.answer, 'end')
    expect(busy.text()).toContain('"id":1,"result"')
    await closed
  })

  it('reaches a stream that another process of the server has', async () => {
    const hearers: ((message: EdgeMessage) => void)[] = []
    const busOf = (index: number): EdgeBus => ({
      publish: (message) => setImmediate(() => hearers.forEach((hear, other) => other !== index && hear(structuredClone(message)))),
      subscribe: (listener) => void (hearers[index] = listener),
    })
    const [one, other] = [await open({ bus: busOf(0) }), await open({ bus: busOf(1) })]
    const stream = await openStream(one)
    expect(await post(other, stream.place, { id: 1, method: 'grün' })).toBe(202)
    await vi.waitFor(() => expect(one.asked).toHaveLength(1), WITHIN)
    expect(JSON.parse(one.asked[0]!.inbound.body.toString())).toMatchObject({ method: 'grün' })
    expect(await post(other, stream.place, { id: 1, method: 'ping' }, GOOD[1])).toBe(404)
    expect(await post(other, stream.place.replace('/mcp/x/', '/mcp/y/'), { id: 1, method: 'ping' })).toBe(404)
    expect([one.asked.length, other.asked.length]).toEqual([1, 0])
  })
})
