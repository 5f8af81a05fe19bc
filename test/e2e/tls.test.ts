// TLS served by the program itself: every plane over HTTP/2 and HTTP/1.1, and the starts that it refuses.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { freePort, type RawServer, run } from './harness.ts'
import { makePair, NO_OPENSSL, startTlsProduct, type Answer, type Pair, type TlsProduct } from './tls-product.ts'
import { LEGACY, modernRequest, type RpcMessage, textOf } from './wire.ts'

let upstream: RawServer
const rpc = (text: string): RpcMessage => {
  const data = /^data: (.*)$/m.exec(text)?.[1]
  return JSON.parse(data ?? text) as RpcMessage
}

beforeAll(async () => {
  upstream = await startModernUpstream(
    (message, response) => {
      const progressToken = (message.params?.['_meta'] as { progressToken?: string } | undefined)?.progressToken
      if (progressToken === undefined) return sendResult(response, message.id, textResult('done'))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(
        `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } })}\n\n`,
      )
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: textResult('streamed') })}\n\n`)
    },
    [tool('work')],
  )
})
afterAll(() => upstream.close())
beforeEach((ctx) => (NO_OPENSSL === null ? undefined : ctx.skip(NO_OPENSSL)))

describe.each([
  ['in one process', []],
  ['with two data-plane processes', ['--workers', '2']],
])('TLS, %s', (_name, args) => {
  let product: TlsProduct

  beforeAll(async () => {
    if (NO_OPENSSL !== null) return
    product = await startTlsProduct({ mcpServers: { echo: { url: upstream.url, sallyport: { access: 'tenant' } } } }, args)
  })
  afterAll(() => product?.stop())

  const authorization = (): Record<string, string> => ({ authorization: `Bearer ${product.ownerKey}` })

  /** The same request over both versions of HTTP. */
  async function both(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<readonly [Answer, Answer]> {
    const pseudo = { ':method': method, ':path': path }
    return [await product.http2({ ...pseudo, ...headers }, body), await product.http1(method, path, headers, body)]
  }

  it('is 1.3 alone', async () => {
    const old = connectTls({ port: Number(new URL(product.url).port), host: '127.0.0.1', ca: product.pair.ca, maxVersion: 'TLSv1.2' })
    await once(old, 'error')
    expect((await product.http2({ ':path': '/readyz' })).status).toBe(200)
    expect(product.session().alpnProtocol).toBe('h2')
    expect((product.session().socket as TLSSocket).getProtocol()).toBe('TLSv1.3')
  })

  it('carries every plane: health, API, console, metrics, refusals', async () => {
    for (const [path, status] of [
      ['/readyz', 200],
      ['/api/v1/whoami', 200],
      ['/docs', 200],
      ['/metrics', 200],
      ['/api/v1/absent', 404],
    ] as const) {
      const [two, one] = await both('GET', path, authorization())
      expect([path, two.status, one.status]).toEqual([path, status, status])
      expect(two.headers['content-type']).toBe(one.headers['content-type'])
      for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']) expect(two.headers).not.toHaveProperty(name)
    }
    const made = await product.http2(
      { ':method': 'POST', ':path': '/api/v1/keys', ...authorization(), 'content-type': 'application/json' },
      JSON.stringify({ name: 'over HTTP/2' }),
    )
    expect(made.status).toBe(201)
    const large = JSON.stringify({ name: 'x'.repeat(2_000_000) })
    for (const { status } of await both('POST', '/api/v1/keys', { ...authorization(), 'content-type': 'application/json' }, large))
      expect(status).toBe(413)
    for (const { status } of await both('GET', '/api/v1/whoami')) expect(status).toBe(401)
  })

  it('carries calls, relayed and federated, as JSON and as a stream', async () => {
    for (const [path, name] of [
      ['/mcp/echo', 'work'],
      ['/mcp', 'echo__work'],
    ] as const) {
      for (const meta of [{}, { _meta: { progressToken: 'p' } }]) {
        const { headers, message } = modernRequest('tools/call', { name, arguments: {}, ...meta })
        const answers = await both('POST', path, { ...headers, ...authorization() }, JSON.stringify(message))
        for (const { status, text } of answers) {
          expect(status).toBe(200)
          const last = text.includes('data: ') ? text.trim().split('\n\n').at(-1)! : text
          expect(textOf(rpc(last).result)).toBe('_meta' in meta ? 'streamed' : 'done')
          expect(text.includes('notifications/progress')).toBe('_meta' in meta)
        }
        expect(answers[0].headers['sallyport-flight']).toMatch(/^evt_/)
      }
    }
  })

  it('carries a session of the older era, and its stream until the client goes', async () => {
    const headers = { ...authorization(), 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'tls', version: '1' } }
    const opened = await product.http2(
      { ':method': 'POST', ':path': '/mcp', ...headers },
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    )
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), 'mcp-protocol-version': LEGACY }
    const stream = product.session().request({ ':path': '/mcp', ...headers, accept: 'text/event-stream', ...session })
    const [head] = (await once(stream, 'response')) as [Record<string, string>]
    expect([head[':status'], head['content-type']]).toEqual([200, 'text/event-stream'])
    expect(String((await once(stream, 'data'))[0])).toContain(':')
    stream.close()
    await once(stream, 'close')
    const ended = await product.http2({ ':method': 'DELETE', ':path': '/mcp', ...headers, ...session })
    expect(ended.status).toBe(200)
  })

  it('protects the cookie of the console: it is __Host-, Secure, and good over both versions', async () => {
    const headers = { 'content-type': 'application/json', origin: product.url }
    const answer = await product.http2(
      { ':method': 'POST', ':path': '/api/v1/session', ...headers },
      JSON.stringify({ key: product.ownerKey }),
    )
    expect(answer.status).toBe(201)
    const set = String(answer.headers['set-cookie'])
    expect(set).toMatch(/^__Host-sallyport-session=spc_[A-Za-z0-9_-]{43};/)
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) expect(set.split('; ')).toContain(part)
    expect(set).not.toContain('Domain')
    const { proof } = JSON.parse(answer.text) as { proof: string }
    const cookie = set.slice(0, set.indexOf(';'))
    for (const { status } of await both('GET', '/api/v1/whoami', { cookie, 'sallyport-proof': proof })) expect(status).toBe(200)
    const plain = cookie.replace('__Host-sallyport-session', `sallyport-session-${new URL(product.url).port}`)
    for (const { status } of await both('GET', '/api/v1/whoami', { cookie: plain, 'sallyport-proof': proof })) expect(status).toBe(401)
    for (const origin of ['http://127.0.0.1', product.url.replace('https', 'http')])
      for (const { status } of await both('GET', '/api/v1/whoami', { cookie, 'sallyport-proof': proof, origin })) expect(status).toBe(403)
  })

  it('carries WebSocket, and the command line', async () => {
    const socket = new WebSocket(`${product.url.replace('https', 'wss')}/mcp/echo/ws`, 'mcp', {
      ca: product.pair.ca,
      headers: authorization(),
    })
    await once(socket, 'open')
    socket.send(JSON.stringify(modernRequest('tools/call', { name: 'work', arguments: {} }).message))
    expect(textOf(rpc(String((await once(socket, 'message'))[0])).result)).toBe('done')
    socket.close()
    const env = { SALLYPORT_URL: product.url, SALLYPORT_KEY: product.ownerKey }
    const trusting = await run(['bin/sallyport.mjs', 'whoami'], { ...env, NODE_EXTRA_CA_CERTS: product.pair.cert })
    expect([trusting.code, trusting.stderr]).toEqual([0, ''])
    const wary = await run(['bin/sallyport.mjs', 'whoami'], env)
    expect([wary.code, wary.stdout]).toEqual([3, ''])
    expect(wary.stderr).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('says its address and shows no key', () => {
    expect(product.logs).toContain(`${product.url}/mcp`)
    expect(product.logs).toContain('the certificate is in use')
    expect(product.logs).not.toContain('PRIVATE KEY')
  })
})

describe('a start', () => {
  let folder: string
  let pair: Pair
  let other: Pair
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
    if (NO_OPENSSL !== null) return
    pair = makePair(folder, 'one')
    other = makePair(folder, 'other')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['a key that is another one', () => ['--tls-cert', pair.cert, '--tls-key', other.key], /is not the key of the certificate/],
    ['a certificate without a key', () => ['--tls-cert', pair.cert], /Set SALLYPORT_TLS_KEY too/],
    ['a file that is not there', () => ['--tls-cert', join(folder, 'absent'), '--tls-key', pair.key], /cannot be read: it is not there/],
    [
      'a public address of plain http',
      () => ['--tls-cert', pair.cert, '--tls-key', pair.key, '--public-url', 'http://tools.example'],
      /SALLYPORT_PUBLIC_URL=https:\/\/tools\.example/,
    ],
    ['the whole network and no TLS', () => ['--host', '0.0.0.0'], /SALLYPORT_TLS_CERT and SALLYPORT_TLS_KEY/],
    ['the whole network and no owner', () => ['--host', '0.0.0.0', '--tls-cert', pair.cert, '--tls-key', pair.key], /without an owner/],
  ])('is refused with %s, and says what mends it', async (_name, words, expected) => {
    const dataDir = mkdtempSync(join(folder, 'data-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const refused = await run(['bin/sallyport.mjs', 'serve', '--data-dir', dataDir, '--port', String(await freePort()), ...words()])
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(expected)
    expect(refused.stderr).toContain('→')
  })
})
