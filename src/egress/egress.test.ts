import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '#std/index.ts'
import { specialAddressKind } from './address.ts'
import { createEgress, type Egress } from './index.ts'

const PUBLIC = '93.184.215.14'
const servers: Server[] = []
const egresses: Egress[] = []

async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function egress(allow: readonly string[] = [], resolve?: (host: string) => Promise<readonly string[]>): Egress {
  const made = createEgress({ allow, ...(resolve === undefined ? {} : { resolve }) })
  egresses.push(made)
  return made
}

afterEach(async () => {
  for (const made of egresses.splice(0)) await made.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const refusal = async (fetching: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await fetching.then(
    () => null,
    (failure: unknown) => failure,
  )
  if (!(error instanceof Problem)) throw new Error(`expected a problem, got ${String(error)}`)
  return error
}

describe('a request of somebody who may only use the public internet', () => {
  let port = 0
  let reached: string[] = []
  beforeEach(async () => {
    reached = []
    port = await serve((request, response) => {
      reached.push(request.headers.host ?? '')
      response.end('private')
    })
  })

  const literals = [
    ['loopback', '127.0.0.1'],
    ['hexadecimal', '0x7f.1'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['short', '127.1'],
    ['unspecified', '0.0.0.0'],
    ['full-width digits', '１２７.0.0.1'],
    ['IPv6 loopback', '[::1]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped in hexadecimal', '[::ffff:7f00:1]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
    ['metadata', '169.254.169.254'],
  ] as const
  it.each(literals)('is refused the %s literal %s', async (_kind, host) => {
    const problem = await refusal(egress().safeFetch(`http://${host}:${port}/`))
    expect(problem.type).toBe('egress-denied')
    expect(problem.remedy).toContain('SALLYPORT_EGRESS_ALLOW=')
    expect(reached).toEqual([])
  })

  it('is refused localhost, by the name service of this machine', async () => {
    expect((await refusal(egress().safeFetch(`http://localhost:${port}/`))).type).toBe('egress-denied')
    expect(reached).toEqual([])
  })

  it.each(['file:///etc/passwd', 'ftp://example.com/', 'data:text/plain,x'])('is refused the scheme of %s', async (url) => {
    expect((await refusal(egress().safeFetch(url))).type).toBe('egress-denied')
  })

  it('is refused a URL with a user name', async () => {
    const problem = await refusal(egress().safeFetch(`http://trusted.example@127.0.0.1:${port}/`))
    expect(problem).toMatchObject({ type: 'egress-denied' })
    expect(reached).toEqual([])
  })

  it('is refused a public address on a port that is not the web’s', async () => {
    const problem = await refusal(egress([], async () => [PUBLIC]).safeFetch('http://mail.example:25/'))
    expect(problem.message).toContain('not on a port of the web')
  })

  it('is refused a name with one public and one private address', async () => {
    const problem = await refusal(egress([], async () => [PUBLIC, '127.0.0.1']).safeFetch(`http://mixed.example:${port}/`))
    expect(problem.type).toBe('egress-denied')
    expect(problem.message).not.toContain('127.0.0.1')
    expect(reached).toEqual([])
  })

  it('is refused a name that is public when checked and private when dialled again', async () => {
    const resolver = (): (() => Promise<readonly string[]>) => {
      const answers = [[PUBLIC], ['127.0.0.1']]
      return async () => answers.shift() ?? ['127.0.0.1']
    }
    // The way that fails: ask and judge, then let the client ask again for itself.
    const naive = resolver()
    expect((await naive()).map(specialAddressKind)).toEqual([null])
    const ask = callbackify(naive)
    const lookup: LookupFunction = (_host, _options, done) => ask((_error, [address]) => done(null, [{ address: address!, family: 4 }]))
    await once(get({ host: 'rebind.example', port, lookup, agent: false }), 'response')
    expect(reached.splice(0)).toHaveLength(1)

    const resolve = resolver()
    await resolve()
    expect((await refusal(egress([], resolve).safeFetch(`http://rebind.example:${port}/`))).type).toBe('egress-denied')
    expect(reached).toEqual([])
  })

  it('dials the very addresses that were checked, without asking again', async () => {
    let asked = 0
    const made = egress(['127.0.0.1/32'], async () => {
      asked++
      return asked === 1 ? ['127.0.0.1'] : ['169.254.169.254']
    })
    const { body } = await made.safeFetch(`http://once.example:${port}/`)
    expect(body.toString()).toBe('private')
    expect(asked).toBe(1)
  })

  const redirects = [
    ['a private literal', () => `http://127.0.0.1:${port}/`],
    ['a private name', () => `http://internal.example:${port}/`],
    ['another scheme', () => 'file:///etc/passwd'],
  ] as const
  it.each(redirects)('is refused a redirect to %s', async (_what, target) => {
    const door = await serve((_request, response) => {
      response.writeHead(302, { location: target() }).end()
    })
    const made = egress([`door.example:${door}`], async () => ['127.0.0.1'])
    expect((await refusal(made.safeFetch(`http://door.example:${door}/`))).type).toBe('egress-denied')
    expect(reached).toEqual([])
  })
})

describe('special addresses', () => {
  const special = [
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.9.9.9',
    '168.63.129.16',
    '169.254.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:8.8.8.8',
    '::ffff:0:8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%lo',
    'fec0::1',
    'ff02::1',
  ]
  it.each(special)('%s is not dialled', async (address) => {
    const problem = await refusal(egress([], async () => [address]).safeFetch('http://name.example/'))
    expect(problem.type).toBe('egress-denied')
  })

  it.each([PUBLIC, '8.8.8.8', '172.32.0.1', '100.128.0.1', '198.20.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is public',
    async (address) => {
      expect(specialAddressKind(address)).toBeNull()
    },
  )
})

describe('the operator’s word', () => {
  it('opens a destination by host and port, and only that port', async () => {
    const port = await serve((_request, response) => void response.end('inside'))
    const other = await serve((_request, response) => void response.end('other'))
    const made = egress([`127.0.0.1:${port}`])
    expect((await made.safeFetch(`http://127.0.0.1:${port}/`)).body.toString()).toBe('inside')
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${other}/`))).remedy).toContain(`SALLYPORT_EGRESS_ALLOW=127.0.0.1:${other}`)
  })

  it('opens a name whatever it leads to, and a range whatever the name', async () => {
    const port = await serve((_request, response) => void response.end('inside'))
    const resolve = async (): Promise<readonly string[]> => ['127.0.0.1']
    expect((await egress([`Tools.Internal:${port}`], resolve).safeFetch(`http://tools.internal.:${port}/`)).status).toBe(200)
    expect((await egress(['127.0.0.0/8'], resolve).safeFetch(`http://any.example:${port}/`)).status).toBe(200)
    expect((await refusal(egress(['10.0.0.0/8'], resolve).safeFetch(`http://any.example:${port}/`))).type).toBe('egress-denied')
  })

  it('trusts a declared origin, and not where it redirects to', async () => {
    const inner = await serve((_request, response) => void response.end('inner'))
    const outer = await serve((request, response) => {
      if (request.url === '/ok') response.end('outer')
      else response.writeHead(302, { location: `http://127.0.0.1:${inner}/` }).end()
    })
    const made = egress()
    expect((await made.safeFetch(`http://127.0.0.1:${outer}/ok`, { isTrusted: true })).body.toString()).toBe('outer')
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${outer}/`, { isTrusted: true }))).type).toBe('egress-denied')
    // A connection that trust opened is not lent to a request without it.
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${outer}/ok`))).type).toBe('egress-denied')
  })

  it.each(['10.1.2.3', 'host', 'host:0', 'host:70000', 'http://host:80', '10.0.0.0/33', 'a b:80', ':80'])(
    'is not understood as %s',
    (entry) => {
      expect(() => createEgress({ allow: [entry] })).toThrow(/SALLYPORT_EGRESS_ALLOW/)
    },
  )
})

describe('safeFetch', () => {
  it('drops credentials and unknown headers when a redirect leaves the origin, and keeps them within', async () => {
    const seen: IncomingMessage['headers'][] = []
    const target = await serve((request, response) => {
      seen.push(request.headers)
      response.end()
    })
    const door = await serve((request, response) => {
      seen.push(request.headers)
      const location = request.url === '/' ? '/again' : `http://b.example:${target}/`
      response.writeHead(307, { location }).end()
    })
    const made = egress(['127.0.0.0/8'], async () => ['127.0.0.1'])
    await made.safeFetch(`http://a.example:${door}/`, {
      headers: { Authorization: 'Bearer x', cookie: 'c=1', 'x-api-key': 'k', accept: 'text/plain' },
    })
    expect(seen[1]).toMatchObject({ authorization: 'Bearer x', cookie: 'c=1', 'x-api-key': 'k' })
    expect(seen[2]).toMatchObject({ accept: 'text/plain' })
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen[2]).not.toHaveProperty(name)
  })

  it('turns a POST into a GET without body on 302 and repeats it on 307', async () => {
    const seen: string[] = []
    const port = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${body}`)
        if (request.url === '/done') response.end()
        else response.writeHead(request.url === '/302' ? 302 : 307, { location: '/done' }).end()
      })
    })
    const made = egress([`127.0.0.1:${port}`])
    await made.safeFetch(`http://127.0.0.1:${port}/302`, { method: 'POST', body: 'x' })
    await made.safeFetch(`http://127.0.0.1:${port}/307`, { method: 'POST', body: 'x' })
    expect(seen).toEqual(['POST /302 x', 'GET /done ', 'POST /307 x', 'POST /done x'])
  })

  it('stops following in a circle', async () => {
    let hops = 0
    const port = await serve((_request, response) => {
      hops++
      response.writeHead(302, { location: '/' }).end()
    })
    expect((await refusal(egress([`127.0.0.1:${port}`]).safeFetch(`http://127.0.0.1:${port}/`))).type).toBe('fetch-failed')
    expect(hops).toBe(6)
  })

  it('decodes, and counts the bytes after decoding', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000, 'a')))
    })
    const made = egress([`127.0.0.1:${port}`])
    expect((await made.safeFetch(`http://127.0.0.1:${port}/`)).body.length).toBe(1_000_000)
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${port}/`, { bytesMax: 999_999 }))).message).toContain('more than 999999 bytes')
  })

  it('cuts off a body without end, and an answer that never comes', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/silent') return
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        response.once('drain', pour)
      }
      pour()
    })
    const made = egress([`127.0.0.1:${port}`])
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${port}/endless`, { bytesMax: 100_000 }))).type).toBe('fetch-failed')
    expect((await refusal(made.safeFetch(`http://127.0.0.1:${port}/silent`, { timeoutMs: 50 }))).message).toContain('within 50 ms')
  })

  it('rejects with the reason of the caller who gave up', async () => {
    const port = await serve(() => undefined)
    const controller = new AbortController()
    const fetching = egress([`127.0.0.1:${port}`]).safeFetch(`http://127.0.0.1:${port}/`, { signal: controller.signal })
    controller.abort(new Error('changed my mind'))
    await expect(fetching).rejects.toThrow('changed my mind')
  })

  it('names the destination and the cause when nobody listens', async () => {
    const port = await serve(() => undefined)
    servers.splice(0).forEach((server) => server.close())
    const problem = await refusal(egress([`127.0.0.1:${port}`]).safeFetch(`http://127.0.0.1:${port}/`))
    expect(problem).toMatchObject({ type: 'fetch-failed', message: `127.0.0.1:${port} refused the connection.` })
  })

  it('takes no proxy from the environment', async () => {
    let asked = 0
    const proxy = await serve((_request, response) => {
      asked++
      response.end('proxy')
    })
    const port = await serve((_request, response) => void response.end('direct'))
    const before = process.env['http_proxy']
    process.env['http_proxy'] = `http://127.0.0.1:${proxy}`
    try {
      expect((await egress([`127.0.0.1:${port}`]).safeFetch(`http://127.0.0.1:${port}/`)).body.toString()).toBe('direct')
    } finally {
      if (before === undefined) delete process.env['http_proxy']
      else process.env['http_proxy'] = before
    }
    expect(asked).toBe(0)
  })
})
