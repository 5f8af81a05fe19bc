import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type EgressProxy, type EgressProxyOptions } from './index.ts'

let folder = ''
const cleanups: (() => Promise<unknown> | void)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'egress-'))
})
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
  await rm(folder, { recursive: true })
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function open(
  grants: readonly string[],
  over: Partial<EgressProxyOptions> & { list?: readonly string[] } = {},
): Promise<{ proxy: EgressProxy; denied: string[]; allowed: string[] }> {
  const denied: string[] = []
  const allowed: string[] = []
  const egress = createEgress({ allow: over.list ?? [], resolve: async () => ['127.0.0.1'] })
  const proxy = await egress.createEgressProxy({
    socketPath: join(folder, `${cleanups.length}.sock`),
    allow: grants,
    onDenied: (hostPort) => void denied.push(hostPort),
    onAllowed: (hostPort) => void allowed.push(hostPort),
    ...(over.isTrusted === undefined ? {} : { isTrusted: over.isTrusted }),
  })
  cleanups.unshift(() => proxy.close())
  return { proxy, denied, allowed }
}

/** Asks for a tunnel; resolves with the socket and what the proxy said before the tunnel stood. */
async function tunnel(proxy: EgressProxy, authority: string, early = ''): Promise<{ socket: Socket; status: number; head: string }> {
  const socket = connect({ path: proxy.socketPath, allowHalfOpen: true })
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n${early}`)
  let head = ''
  while (!head.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    head += chunk.toString()
  }
  return { socket, status: Number(head.split(' ')[1]), head }
}

async function fetchThrough(
  proxy: EgressProxy,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const request = httpRequest({
    socketPath: proxy.socketPath,
    path: url,
    method: options.method ?? 'GET',
    headers: { host: new URL(url).host, ...options.headers },
    agent: false,
  })
  request.end(options.body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

describe('the way out of a sandbox', () => {
  it('tunnels to what was granted, both ways, and each side may stop sending first', async () => {
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => {
        socket.write('welcome ')
        let received = ''
        socket.on('data', (chunk) => (received += chunk.toString()))
        socket.on('end', () => socket.end(`you said ${received}`))
      }),
    )
    const { proxy, denied, allowed } = await open([`api.example:${port}`], { list: ['127.0.0.0/8'] })
    const { socket, status, head } = await tunnel(proxy, `API.example.:${port}`, 'early ')
    expect(status).toBe(200)
    socket.end('late')
    expect(head.split('\r\n\r\n')[1] + (await text(socket))).toBe('welcome you said early late')
    expect(allowed).toEqual([`api.example:${port}`])
    expect(denied).toEqual([])
  })

  it('refuses another host, another port and the address behind a name, and says which grant is missing', async () => {
    let connections = 0
    const port = await listen(createServer((socket) => (connections++, void socket.end())))
    const { proxy, denied } = await open([`api.example:${port}`], { isTrusted: true })
    for (const other of [`evil.example:${port}`, `api.example:${port + 1}`, `127.0.0.1:${port}`, `api.example.evil.example:${port}`]) {
      const { socket, status } = await tunnel(proxy, other)
      socket.destroy()
      expect(status).toBe(403)
    }
    expect(denied).toEqual([`evil.example:${port}`, `api.example:${port + 1}`, `127.0.0.1:${port}`, `api.example.evil.example:${port}`])
    const { status, body } = await fetchThrough(proxy, `http://evil.example:${port}/`)
    expect({ status, body }).toEqual({
      status: 403,
      body: `This server was not granted evil.example:${port}. Its owner may grant it: add "evil.example:${port}" to "egress" of the deployment.`,
    })
    expect(connections).toBe(0)
  })

  it('refuses a granted name that leads to a private address, unless the operator allows or declared it', async () => {
    const port = await listen(createHttpServer((_request, response) => void response.end('inside')))
    const url = `http://api.example:${port}/`
    const { proxy, denied } = await open([`api.example:${port}`])
    const refused = await fetchThrough(proxy, url)
    expect(refused.status).toBe(403)
    expect(refused.body).toContain(`SALLYPORT_EGRESS_ALLOW=api.example:${port}`)
    expect(refused.body).not.toContain('127.0.0.1')
    expect(denied).toEqual([`api.example:${port}`])
    expect((await fetchThrough((await open([`api.example:${port}`], { list: [`api.example:${port}`] })).proxy, url)).body).toBe('inside')
    expect((await fetchThrough((await open([`api.example:${port}`], { isTrusted: true })).proxy, url)).body).toBe('inside')
    expect((await fetchThrough((await open([`127.0.0.1:${port}`])).proxy, `http://127.0.0.1:${port}/`)).status).toBe(403)
  })

  it('forwards requests in absolute form, with the host of the URL and without what belongs to the hop', async () => {
    const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = []
    const port = await listen(
      createHttpServer((request, response) => {
        let body = ''
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => {
          seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
          response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], connection: 'close, x-hop', 'x-hop': '1', 'x-kept': '2' }).end('made')
        })
      }),
    )
    const { proxy } = await open([`api.example:${port}`], { isTrusted: true })
    const headers = {
      host: 'lies.example',
      'proxy-authorization': 'Basic x',
      connection: 'x-private',
      'x-private': '1',
      authorization: 'Bearer own',
      'transfer-encoding': 'chunked',
    }
    const answer = await fetchThrough(proxy, `http://api.example:${port}/path?q=1`, { method: 'DELETE', headers, body: 'the body' })
    expect(answer).toMatchObject({ status: 201, body: 'made', headers: { 'set-cookie': ['a=1', 'b=2'], 'x-kept': '2' } })
    expect(answer.headers).not.toHaveProperty('x-hop')
    expect(seen[0]).toMatchObject({
      method: 'DELETE',
      url: '/path?q=1',
      body: 'the body',
      headers: { host: `api.example:${port}`, authorization: 'Bearer own' },
    })
    expect(seen[0]!.headers).not.toHaveProperty('proxy-authorization')
    expect(seen[0]!.headers).not.toHaveProperty('x-private')
  })

  it.each(['/relative', 'https://api.example/', 'ftp://api.example/', 'http://user:pass@api.example/'])(
    'takes no request for %s',
    async (target) => {
      const { proxy } = await open(['api.example:443', 'api.example:80'], { isTrusted: true })
      const socket = connect({ path: proxy.socketPath })
      socket.write(`GET ${target} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n`)
      expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /)
    },
  )

  it('answers 502 with the cause when the destination is down, and goes on serving', async () => {
    const down = await listen(createServer())
    for (const clean of cleanups.splice(0)) await clean()
    const { proxy } = await open([`api.example:${down}`], { isTrusted: true })
    expect(await fetchThrough(proxy, `http://api.example:${down}/`)).toMatchObject({
      status: 502,
      body: `api.example:${down} refused the connection.`,
    })
    const { socket, status } = await tunnel(proxy, `api.example:${down}`)
    socket.destroy()
    expect(status).toBe(502)
  })

  it('ends the far side when the sandbox dies, and every tunnel when it is closed', async () => {
    const ended: Promise<unknown>[] = []
    const port = await listen(
      createServer((socket) => {
        socket.resume()
        socket.on('error', () => undefined)
        ended.push(once(socket, 'close'))
      }),
    )
    const { proxy } = await open([`api.example:${port}`], { isTrusted: true })
    const first = await tunnel(proxy, `api.example:${port}`)
    first.socket.destroy()
    await ended[0]
    const second = await tunnel(proxy, `api.example:${port}`)
    second.socket.on('error', () => undefined)
    const closed = once(second.socket.resume(), 'end')
    await proxy.close()
    await closed
    await Promise.all(ended)
    expect(ended).toHaveLength(2)
  })

  it('understands grants as host:port and nothing else', async () => {
    await expect(open(['api.example'])).rejects.toMatchObject({ type: 'invalid-input' })
    await expect(open(['10.0.0.0/8'])).rejects.toMatchObject({ type: 'invalid-input' })
  })
})
