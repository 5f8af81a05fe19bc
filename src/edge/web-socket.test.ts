import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { LIMITS } from '#std/index.ts'
import type { EdgeInbound, EdgeReply } from './index.ts'
import { openTestEdge, type TestEdge } from './testing.ts'

/** A busy machine gets some time. */
const WITHIN = { timeout: 10_000 }

const KEY = { authorization: 'Bearer good' }

async function open(gateway?: (inbound: EdgeInbound, reply: EdgeReply) => void): Promise<TestEdge> {
  return openTestEdge({
    handlers: {
      admits: ({ headers, path }) => headers.authorization === KEY.authorization && path === '/mcp/x',
      ...(gateway === undefined ? {} : { gateway: async (inbound, reply) => gateway(inbound, reply) }),
    },
  })
}

function dial({ edge }: TestEdge, path = '/mcp/x/ws', headers: Record<string, string> = KEY): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${String(edge.port)}${path}`, 'mcp', { headers })
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  return socket
}

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'mcp',
}

/** What a handshake with other headers is answered with. */
async function handshake(
  { edge }: TestEdge,
  headers: Record<string, string>,
  path = '/mcp/x/ws',
): Promise<{ status: number; text: string }> {
  const all = Object.entries({ ...HANDSHAKE, ...KEY, ...headers }).filter(([, value]) => value !== '')
  const request = httpRequest({ port: edge.port, host: '127.0.0.1', path, headers: Object.fromEntries(all) })
  request.end()
  const [answer] = (await Promise.race([once(request, 'response'), once(request, 'upgrade')])) as [IncomingMessage]
  const chunks: Buffer[] = []
  if (answer.statusCode === 101) answer.socket.destroy()
  else for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }
}

describe('a WebSocket', () => {
  it('carries one message in each frame, to the endpoint and back', async () => {
    const scene = await open(({ body }, reply) => {
      const { id } = JSON.parse(body.toString()) as { id: number }
      reply.send(200, ['content-type', 'application/json'], JSON.stringify({ jsonrpc: '2.0', id, result: {} }))
    })
    const socket = dial(scene)
    await once(socket, 'open')
    expect([socket.protocol, socket.extensions]).toEqual(['mcp', ''])
    for (const id of [1, 2]) {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }))
      const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
      expect([isBinary, JSON.parse(data.toString())]).toEqual([false, { jsonrpc: '2.0', id, result: {} }])
    }
  })

  it('is opened for whoever may post there, and for nobody else', async () => {
    const scene = await openTestEdge({
      handlers: {
        admits: ({ headers }) => headers.authorization === KEY.authorization,
        async gateway(inbound, reply) {
          scene.seen.push(inbound)
          reply.send(401, ['content-type', 'application/problem+json', 'www-authenticate', 'Bearer'], '{"type":"x"}')
        },
      },
    })
    expect(await handshake(scene, { authorization: 'Bearer wrong' })).toEqual({ status: 401, text: '{"type":"x"}' })
    expect(await handshake(scene, { authorization: '' })).toMatchObject({ status: 401 })
    // It was refused by the endpoint itself, as a POST without a body.
    for (const { method, path, body } of scene.seen) expect([method, path, body.length]).toEqual(['POST', '/mcp/x', 0])
    expect(scene.seen).toHaveLength(2)
    expect(await handshake(scene, {})).toMatchObject({ status: 101 })
    expect(await handshake(scene, { authorization: '' }, '/mcp/x/ws?access_token=good')).toMatchObject({ status: 401 })
  })

  it.each([
    ['another host', { host: 'evil.example' }, 421],
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    ['no subprotocol', { 'sec-websocket-protocol': '' }, 400],
    ['another subprotocol', { 'sec-websocket-protocol': 'chat, graphql' }, 400],
    ['the version whose origin nobody looks at', { 'sec-websocket-version': '8', 'sec-websocket-origin': 'https://evil.example' }, 400],
    ['another protocol', { upgrade: 'h2c' }, 400],
    ['no upgrade at all', { connection: '', upgrade: '' }, 400],
    ['a key that is none', { 'sec-websocket-key': 'short' }, 400],
  ])('is refused with %s', async (_, headers, status) => {
    const scene = await open(() => {
      throw new Error('asked')
    })
    expect(await handshake(scene, headers)).toMatchObject({ status })
  })

  it('is not where it is not offered, and a wish for another protocol elsewhere is passed over', async () => {
    const scene = await open()
    expect(await handshake(scene, {}, '/mcp/x')).toEqual({ status: 200, text: '{"ok":true}' })
    expect(await handshake(scene, {}, '/other/ws')).toEqual({ status: 200, text: 'control' })
    expect((await handshake(scene, {}, '/mcp/x/invoke/ws')).status).toBe(200)
    expect(scene.seen.map(({ path }) => path)).toEqual(['/mcp/x', '/mcp/x/invoke/ws'])
  })

  it('closes on what is no text, and on what is too large', async () => {
    const scene = await open(() => {})
    for (const [data, code] of [
      [Buffer.from('{}'), 1003],
      ['x'.repeat(LIMITS.requestBytesMax + 1), 1009],
    ] as const) {
      const socket = dial(scene)
      await once(socket, 'open')
      socket.send(data)
      expect((await once(socket, 'close'))[0]).toBe(code)
    }
    expect(scene.seen).toEqual([])
  })

  it('cancels what is under way when it closes', async () => {
    const replies: EdgeReply[] = []
    const socket = dial(await open((_, reply) => void replies.push(reply)))
    await once(socket, 'open')
    socket.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    await vi.waitFor(() => expect(replies).toHaveLength(1), WITHIN)
    let gone = 0
    replies[0]!.onGone(() => gone++)
    socket.terminate()
    await vi.waitFor(() => expect(gone).toBe(1), WITHIN)
  })

  it('answers what is under way when the server stops, then closes', async () => {
    const replies: EdgeReply[] = []
    const scene = await open((_, reply) => void replies.push(reply))
    const [busy, idle] = [dial(scene), dial(scene)]
    await Promise.all([once(busy, 'open'), once(idle, 'open')])
    busy.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    await vi.waitFor(() => expect(replies).toHaveLength(1), WITHIN)
    const closed = scene.edge.close(10_000)
    expect((await once(idle, 'close'))[0]).toBe(1001)
    const [answered, ended] = [once(busy, 'message'), once(busy, 'close')]
    replies[0]!.send(200, ['content-type', 'application/json'], '{"jsonrpc":"2.0","id":1,"result":{}}')
    expect(String((await answered)[0])).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
    expect((await ended)[0]).toBe(1001)
    await closed
  })

  it('is cut off by a client that does not read, so that it is not all kept here', async () => {
    const replies: EdgeReply[] = []
    const socket = dial(await open((_, reply) => void replies.push(reply)))
    await once(socket, 'open')
    socket.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    await vi.waitFor(() => expect(replies).toHaveLength(1), WITHIN)
    socket.pause()
    const [reply] = replies
    reply!.open(200, ['content-type', 'text/event-stream'])
    let written = 0
    while (!reply!.isGone && written < 4 * LIMITS.conversationBufferBytesMax) {
      reply!.write(`data: {"x":"${'x'.repeat(1_000_000)}"}\n\n`)
      written += 1_000_000
      await new Promise(setImmediate)
    }
    expect(reply!.isGone).toBe(true)
    expect(written).toBeGreaterThan(LIMITS.conversationBufferBytesMax)
  })

  it('is asked whether its client still lives, and ends with the right to it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    let isGood = true
    const scene = await openTestEdge({ handlers: { admits: () => isGood, gateway: async () => {} } })
    const [alive, mute] = [dial(scene), new WebSocket(`ws://127.0.0.1:${String(scene.edge.port)}/mcp/x/ws`, 'mcp', { autoPong: false })]
    await Promise.all([once(alive, 'open'), once(mute, 'open')])
    const [asked, ended] = [once(alive, 'ping'), new Promise((resolve) => mute.once('close', resolve))]
    vi.advanceTimersByTime(LIMITS.webSocketPingMs)
    await asked
    // What comes back before the next time is enough.
    alive.ping()
    await once(alive, 'pong')
    vi.advanceTimersByTime(LIMITS.webSocketPingMs)
    expect(await ended).toBe(1006)
    expect(alive.readyState).toBe(WebSocket.OPEN)
    isGood = false
    const revoked = once(alive, 'close')
    alive.ping()
    await once(alive, 'pong')
    vi.advanceTimersByTime(LIMITS.webSocketPingMs)
    expect((await revoked)[0]).toBe(1008)
  })
})
