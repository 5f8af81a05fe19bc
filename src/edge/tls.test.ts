import { once } from 'node:events'
import { appendFileSync, copyFileSync, utimesSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { connect as connectHttp2, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished, vi, type TestContext } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { EdgeHandlers, EdgeReply } from './index.ts'
import { makeCertificate, openTestEdge, temporaryFolder, type TestCertificate, type TestEdge } from './testing.ts'

/** A busy machine gets some time. */
const WITHIN = { timeout: 10_000 }

interface Secure extends TestEdge {
  readonly files: TestCertificate
  readonly url: string
}

async function openSecure(ctx: TestContext, handlers: Partial<EdgeHandlers> = {}): Promise<Secure> {
  const files = makeCertificate(ctx, temporaryFolder())
  const opened = await openTestEdge({ tls: files, handlers })
  return { ...opened, files, url: `https://127.0.0.1:${String(opened.edge.port)}` }
}

async function http2({ url, files }: Secure): Promise<ClientHttp2Session> {
  const session = connectHttp2(url, { ca: files.ca })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  await once(session, 'connect')
  return session
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly text: string
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = ''): Promise<Answer> {
  const stream = session.request(headers)
  if (body !== '') stream.end(body)
  const [head] = (await once(stream, 'response')) as [Record<string, unknown>]
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return { status: Number(head[':status']), headers: head, text: Buffer.concat(chunks).toString() }
}

/** A frame of HTTP/2 (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const POST = { ':method': 'POST', ':path': '/mcp/x?y=1', 'content-type': 'application/json' }

/** The name of the certificate that a new connection gets to see. */
async function subjectOf({ edge: { port }, files }: Secure): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ca: files.ca })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

describe('TLS', () => {
  it('is 1.3 and nothing older', async (ctx) => {
    const { edge, files } = await openSecure(ctx)
    const dial = (maxVersion: 'TLSv1.2' | 'TLSv1.3'): TLSSocket =>
      connectTls({ port: edge.port, host: '127.0.0.1', ca: files.ca, minVersion: 'TLSv1.2', maxVersion })
    const good = dial('TLSv1.3')
    await once(good, 'secureConnect')
    expect(good.getProtocol()).toBe('TLSv1.3')
    good.destroy()
    const [error] = (await once(dial('TLSv1.2'), 'error')) as [Error]
    expect(error.message).toMatch(/protocol version|alert/i)
  })

  it('carries HTTP/2 and HTTP/1.1, the same requests to the same planes', async (ctx) => {
    const secure = await openSecure(ctx)
    const session = await http2(secure)
    expect(session.alpnProtocol).toBe('h2')
    expect(await ask(session, { ...POST, 'x-a': '1' }, '{}')).toMatchObject({ status: 200, text: '{"ok":true}' })
    expect(await ask(session, { ':path': '/other' })).toMatchObject({ status: 200, text: 'control' })
    const request = httpsRequest(`${secure.url}/mcp/x?y=1`, { method: 'POST', ca: secure.files.ca, headers: { 'x-a': '1' } })
    request.end('{}')
    const [answer] = (await once(request, 'response')) as [{ httpVersion: string; statusCode: number; resume(): void }]
    answer.resume()
    expect([answer.httpVersion, answer.statusCode]).toEqual(['1.1', 200])
    for (const inbound of secure.seen) {
      expect(inbound).toMatchObject({ method: 'POST', path: '/mcp/x', query: 'y=1', remoteAddress: '127.0.0.1', headers: { 'x-a': '1' } })
      expect(inbound.headers.host).toBe(new URL(secure.url).host)
      expect(inbound.body.toString()).toBe('{}')
    }
    expect(secure.seen).toHaveLength(2)
  })

  it('takes a renewed pair over while it serves, and keeps the old one while the new one is broken', async (ctx) => {
    const secure = await openSecure(ctx)
    const before = await http2(secure)
    expect(await subjectOf(secure)).toBe('127.0.0.1')
    const next = makeCertificate(ctx, temporaryFolder(), 'renewed')
    copyFileSync(next.key, secure.files.key)
    await vi.waitFor(() => expect(secure.logs.join('')).toContain('cannot be used; the one before stays'), WITHIN)
    expect(secure.logs.join('')).toContain('is not the key of the certificate')
    expect(await subjectOf(secure)).toBe('127.0.0.1')
    copyFileSync(next.cert, secure.files.cert)
    await vi.waitFor(async () => expect(await subjectOf(secure)).toBe('renewed'), WITHIN)
    expect(await ask(before, POST, '{}')).toMatchObject({ status: 200 })
    const lines = secure.logs.length
    appendFileSync(secure.files.cert, '\n')
    utimesSync(secure.files.cert, 1, 1)
    await vi.waitFor(() => expect(secure.logs.length).toBeGreaterThan(lines), WITHIN)
    expect(secure.logs.at(-1)).toContain('renewed')
    expect(secure.logs.join('')).not.toContain('PRIVATE KEY')
  })
})

describe('HTTP/2', () => {
  it('is refused as HTTP/1.1 is, and nobody is asked', async (ctx) => {
    const secure = await openSecure(ctx, {
      control() {
        throw new Error('asked')
      },
    })
    const session = await http2(secure)
    const cases: [OutgoingHttpHeaders, number][] = [
      [{ ':authority': 'evil.example' }, 421],
      [{ host: 'evil.example' }, 421],
      [{ host: 'evil.example', ':authority': new URL(secure.url).host }, 400],
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: `http://127.0.0.1:${String(secure.edge.port)}` }, 403],
    ]
    for (const path of ['/mcp', '/api/v1/keys']) {
      for (const [headers, status] of cases) {
        expect((await ask(session, { ':method': 'POST', ':path': path, ...headers }, '{}')).status).toBe(status)
      }
    }
    expect((await ask(session, { ...POST, origin: secure.url }, '{}')).status).toBe(200)
    expect(secure.seen).toHaveLength(1)
  })

  it('streams, notices when the client goes, and bounds what one that does not read can make us hold', async (ctx) => {
    const replies: EdgeReply[] = []
    const secure = await openSecure(ctx, {
      async gateway(_, reply) {
        reply.open(200, ['content-type', 'text/event-stream'])
        reply.write('data: 1\n\n')
        replies.push(reply)
      },
    })
    const session = await http2(secure)
    const stream = session.request(POST)
    stream.end('{}')
    stream.setEncoding('utf8')
    expect(await once(stream, 'data')).toEqual(['data: 1\n\n'])
    let gone = 0
    replies[0]!.onGone(() => gone++)
    replies[0]!.write('data: 2\n\n')
    expect(await once(stream, 'data')).toEqual(['data: 2\n\n'])
    stream.close(constants.NGHTTP2_CANCEL)
    await vi.waitFor(() => expect(gone).toBe(1), WITHIN)
    expect(replies[0]!.isGone).toBe(true)

    const lazy = session.request(POST)
    lazy.on('error', () => {})
    lazy.end('{}')
    await vi.waitFor(() => expect(replies).toHaveLength(2), WITHIN)
    const written: boolean[] = []
    for (let i = 0; i < 100 && !replies[1]!.isGone; i++) {
      written.push(replies[1]!.write('x'.repeat(100_000)))
      await new Promise(setImmediate)
    }
    expect(written).toContain(false)
    expect(written.length).toBeLessThan(30)
  })

  it('ends a complete answer without taking its client for gone', async (ctx) => {
    let gone = 0
    const secure = await openSecure(ctx, {
      async gateway(_, reply) {
        reply.onGone(() => gone++)
        reply.send(200, ['content-type', 'application/json', 'sallyport-flight', 'evt_1'], 'x'.repeat(1_000_000))
      },
    })
    const session = await http2(secure)
    const answer = await ask(session, POST, '{}')
    expect(answer.text).toHaveLength(1_000_000)
    expect(answer.headers).toMatchObject({ 'sallyport-flight': 'evt_1', 'content-length': '1000000' })
    expect(answer.headers).not.toHaveProperty('connection')
    expect(answer.headers).not.toHaveProperty('transfer-encoding')
    expect(gone).toBe(0)
  })

  it('has the bounds of bodies, and takes half a body for none', async (ctx) => {
    const secure = await openSecure(ctx)
    const session = await http2(secure)
    expect((await ask(session, POST, 'x'.repeat(LIMITS.requestBytesMax + 1))).status).toBe(413)
    expect((await ask(session, { ...POST, 'content-encoding': 'gzip' }, '{}')).status).toBe(415)
    const half = session.request(POST)
    half.on('error', () => {})
    half.write('{"jsonrpc":')
    // What comes after it on the same connection shows that it has arrived.
    expect((await ask(session, POST, '{}')).status).toBe(200)
    half.destroy(new Error('changed my mind'))
    expect((await ask(session, POST, '{}')).status).toBe(200)
    expect(secure.seen.map(({ body }) => body.toString())).toEqual(['{}', '{}'])
  })

  it('announces how many requests may be under way, and refuses headers beyond the bounds', async (ctx) => {
    const secure = await openSecure(ctx)
    const session = await http2(secure)
    await vi.waitFor(() => expect(session.remoteSettings.maxConcurrentStreams).toBe(LIMITS.http2StreamsMax), WITHIN)
    const many = Object.fromEntries(Array.from({ length: LIMITS.headersMax + 10 }, (_, index) => [`x-${String(index)}`, '1']))
    const large = { 'x-large': 'x'.repeat(LIMITS.headerBytesMax * 2) }
    for (const headers of [many, large]) await expect(ask(session, { ...POST, ...headers }, '{}')).rejects.toThrow(/ENHANCE_YOUR_CALM/)
    // The first request of a connection may come before its client has acknowledged our settings.
    expect((await ask(await http2(secure), { ...POST, ...large }, '{}')).status).toBe(400)
    await expect(ask(await http2(secure), { ...POST, ...many }, '{}')).rejects.toThrow(/ENHANCE_YOUR_CALM/)
    // The bounds of HTTP/1.1 hold on the same port.
    const request = httpsRequest(`${secure.url}/mcp`, { ca: secure.files.ca, headers: large, agent: false })
    request.end()
    const [{ statusCode }] = (await once(request, 'response')) as [{ statusCode: number }]
    expect(statusCode).toBe(431)
    expect(secure.seen).toEqual([])
    expect((await ask(session, POST, '{}')).status).toBe(200)
  })

  it('ends a connection whose client cancels without end, and serves the others', async (ctx) => {
    const secure = await openSecure(ctx)
    const good = await http2(secure)
    const { port } = secure.edge
    const bad = connectTls({ port, host: '127.0.0.1', ca: secure.files.ca, ALPNProtocols: ['h2'] })
    onTestFinished(() => void bad.destroy())
    bad.on('error', () => {})
    bad.resume()
    await once(bad, 'secureConnect')
    bad.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(0x4, 0, 0)]))
    const authority = Buffer.from(`127.0.0.1:${String(port)}`)
    // GET https / of RFC 7541 appendix A, and the authority as a literal.
    const headers = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x01, authority.length]), authority])
    let cancelled = 0
    while (!bad.destroyed && cancelled < 20 * LIMITS.http2ResetBurst) {
      const pairs = Array.from({ length: 100 }, (_, index) => {
        const stream = 2 * (cancelled + index) + 1
        return Buffer.concat([frame(0x1, 0x5, stream, headers), frame(0x3, 0, stream, Buffer.from([0, 0, 0, 8]))])
      })
      cancelled += pairs.length
      bad.write(Buffer.concat(pairs))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await vi.waitFor(() => expect(bad.destroyed).toBe(true), WITHIN)
    expect(cancelled).toBeGreaterThanOrEqual(LIMITS.http2ResetBurst)
    expect((await ask(good, POST, '{}')).status).toBe(200)
  })

  it('lets calls under way finish when the server stops, and takes no other', async (ctx) => {
    const replies: EdgeReply[] = []
    const secure = await openSecure(ctx, { gateway: async (_, reply) => void replies.push(reply) })
    const session = await http2(secure)
    const idle = await http2(secure)
    const pending = ask(session, POST, '{}')
    await vi.waitFor(() => expect(replies).toHaveLength(1), WITHIN)
    const goingAway = once(session, 'goaway')
    const closed = secure.edge.close(10_000)
    await Promise.all([goingAway, once(idle, 'close')])
    replies[0]!.send(200, ['content-type', 'text/plain'], 'done')
    expect(await pending).toMatchObject({ status: 200, text: 'done' })
    await closed
  })
})
