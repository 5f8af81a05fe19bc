// Whatever comes in is answered as specified, and the server goes on as if nothing had happened.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROBLEMS } from '#std/index.ts'
import { BAD_BODIES, BAD_HEADERS, type BadRequest } from './bad-requests.ts'
import { rssKib, type Sallyport, startSallyport } from './harness.ts'
import { stdioFixture, waitForTools } from './upstreams.ts'
import { callModern, post, refusalOf, textOf } from './wire.ts'

const GROWTH_KIB_MAX = 100 * 1024
const ANSWER_MS_MAX = 5_000

let sallyport: Sallyport
let rssBefore = 0

beforeAll(async () => {
  sallyport = await startSallyport({ declared: { mcpServers: { good: stdioFixture('good') } } })
  await waitForTools(sallyport, ['good__work'])
  rssBefore = rssKib(sallyport.pid)
})

afterAll(() => sallyport?.stop())

describe.each(Object.entries({ ...BAD_BODIES, ...BAD_HEADERS }))('%s', (_name, request) => {
  it.each(['/mcp', '/mcp/good'])(`is answered with ${String(request.status)} ${request.problem} on %s`, async (path) => {
    const { status, code, type } = await refused(path, request)
    expect({ status, type }).toEqual({ status: request.status, type: request.problem })
    // A JSON-RPC error names the code of the problem; without a known id there is a problem document instead.
    expect([undefined, PROBLEMS[request.problem].code]).toContain(code)
  })
})

async function refused(path: string, { body, headers = {} }: BadRequest) {
  // `/mcp/good` shows the tools of the deployment under their own names.
  const sent = path === '/mcp' || typeof body !== 'string' ? body : body.replaceAll('good__', '')
  const sentHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, path === '/mcp' ? value : value.replace('good__', '')]),
  )
  const started = performance.now()
  const answer = await post(sallyport.url + path, sent, { key: sallyport.ownerKey, headers: sentHeaders })
  expect(performance.now() - started).toBeLessThan(ANSWER_MS_MAX)
  return { status: answer.status, ...refusalOf(answer) }
}

describe('addresses', () => {
  it('answers for no other host than its own', async () => {
    for (const host of ['evil.example.com', '127.0.0.1.evil.example.com', 'localhost.evil.example.com:80']) {
      expect(await exchange(`GET /mcp HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 421 /)
    }
  })

  it('tells a browser to go when the page is from elsewhere', async () => {
    const answer = await fetch(`${sallyport.url}/mcp`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  it('gives nobody a hint which deployments there are', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    const [existing, unknown] = await Promise.all(['good', 'nothing-here'].map((name) => post(`${sallyport.url}/mcp/${name}`, body)))
    expect(existing?.status).toBe(401)
    expect(existing?.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect([unknown?.status, unknown?.text.replaceAll('nothing-here', 'good')]).toEqual([existing?.status, existing?.text])
  })

  it.each(['/mcp/nothing-here', '/mcp/%2e%2e%2fapi', '/mcp/good%00', '/mcp/__proto__', '/mcp/constructor', `/mcp/${'x'.repeat(2_000)}`])(
    'does not know %s',
    async (path) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
      const answer = await post(sallyport.url + path, body, { key: sallyport.ownerKey })
      expect([answer.status, refusalOf(answer).type]).toEqual([404, 'not-found'])
    },
  )

  it.each([
    ['/mcp', 'good__nothing'],
    ['/mcp/good', 'nothing'],
  ])('does not know a tool that nobody has on %s', async (path, name) => {
    const answer = await callModern(sallyport.url + path, 'tools/call', { name }, { key: sallyport.ownerKey })
    expect([answer.status, answer.message?.error?.code]).toEqual([200, -32_602])
  })

  it('takes no other HTTP methods', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await fetch(`${sallyport.url}/mcp`, { method, headers: { authorization: `Bearer ${sallyport.ownerKey}` } })
      expect(answer.status).toBe(405)
    }
  })
})

describe('connections', () => {
  it.each([
    '\u0000\u0001\u0002 what\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: abc\r\n\r\n',
  ])('are closed after %j', async (bytes) => {
    expect(await exchange(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  it('refuse a request whose length is said in two ways', async () => {
    const head = 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
    expect(await exchange(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await exchange(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('refuse headers without end', async () => {
    const many = Array.from({ length: 4_000 }, (_, index) => `X-${String(index)}: ${'y'.repeat(20)}`).join('\r\n')
    expect(await exchange(`GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n${many}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('refuse a body without end that does not say its length', async () => {
    const chunk = Buffer.alloc(256 * 1024, ' ')
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) })
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${sallyport.ownerKey}`,
    }
    const request = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    const status = await fetch(`${sallyport.url}/mcp`, request).then(
      (answer) => answer.status,
      // The connection may be gone before the client has stopped sending.
      () => 413,
    )
    expect(status).toBe(413)
  })

  it('may vanish in the middle of anything', async () => {
    const { hostname, port } = new URL(sallyport.url)
    const parts = [
      'POST /mcp HT',
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"json',
      `GET /mcp HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n\r\n`,
    ]
    await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const socket = connect({ host: hostname, port: Number(port) })
        socket.on('error', () => undefined)
        await new Promise((resolve) => socket.write(parts[index % parts.length] ?? '', resolve))
        socket.resetAndDestroy()
      }),
    )
    expect((await fetch(`${sallyport.url}/healthz`)).status).toBe(200)
  })
})

describe('settings and declared files', () => {
  it.each([
    ['an unknown setting', { env: { SALLYPORT_PROT: '1' } }, [/SALLYPORT_PROT/, /SALLYPORT_PORT/]],
    ['a value that does not fit', { env: { SALLYPORT_WORKERS: 'many' } }, [/SALLYPORT_WORKERS/, /many/]],
    [
      'an address open to the network without an owner',
      { env: { SALLYPORT_HOST: '0.0.0.0', SALLYPORT_OWNER_KEY: '' } },
      [/SALLYPORT_HOST|0\.0\.0\.0/],
    ],
    ['a file that is not JSON', { declared: '{\n  "mcpServers": {\n    "a": { "url": }\n  }\n}' }, [/declared\.json:3:\d+/]],
    ['a server that is nothing', { declared: '{\n  "mcpServers": {\n    "a": {}\n  }\n}' }, [/declared\.json:3:\d+/, /url/, /command/]],
    [
      'a word that is not known',
      { declared: '{\n  "mcpServers": {},\n  "profils": {}\n}' },
      [/declared\.json:3:\d+/, /profils/, /profiles/],
    ],
    [
      'a name that is reserved',
      { declared: '{\n  "mcpServers": {\n    "invoke": { "url": "http://127.0.0.1:1" }\n  }\n}' },
      [/declared\.json:3:\d+/, /invoke/],
    ],
    [
      'a number where a word belongs',
      { declared: '{\n  "mcpServers": {\n    "a": { "command": "node",\n      "args": [1] } }\n}' },
      [/declared\.json:4:\d+/, /expected/],
    ],
  ])('does not start with %s, and says where and why', async (_name, options, expected) => {
    const failure: unknown = await startSallyport(options).then(
      (started) => started.stop(),
      (error: unknown) => error,
    )
    for (const pattern of expected) expect(String(failure)).toMatch(pattern)
    expect(String(failure)).toMatch(/ended with [1-9]/)
    // It is the user who has to mend something, so a stack trace would be noise.
    expect(String(failure)).not.toContain('src/')
  })
})

describe('after all that', () => {
  it('answers as before and has not grown', async () => {
    const answer = await callModern(
      `${sallyport.url}/mcp`,
      'tools/call',
      { name: 'good__work', arguments: {} },
      { key: sallyport.ownerKey },
    )
    expect(textOf(answer.message?.result)).toBe('done')
    expect(rssKib(sallyport.pid) - rssBefore).toBeLessThan(GROWTH_KIB_MAX)
  })
})

/** Sends bytes over a connection of its own and reads until it is closed. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(sallyport.url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
    socket.setEncoding('latin1').setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error(`Not closed after: ${text}`)))
    socket.on('data', (chunk: string) => (text += chunk))
    // A reset after the answer is a way of closing too.
    socket.once('error', (error) => (text === '' ? reject(error) : resolve(text)))
    socket.once('close', () => resolve(text))
  })
}
