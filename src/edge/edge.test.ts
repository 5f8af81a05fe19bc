import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTrustedProxy, type EdgeHandlers, type EdgeInbound, type TrustedProxy } from './index.ts'
import { openTestEdge } from './testing.ts'

interface Setup {
  readonly port: number
  readonly seen: EdgeInbound[]
}

async function open(
  handlers: Partial<EdgeHandlers> = {},
  publicUrl: string | null = null,
  trustedProxy: TrustedProxy | null = null,
): Promise<Setup> {
  const { edge, seen } = await openTestEdge({ handlers, publicUrl, trustedProxy })
  return { port: edge.port, seen }
}

/** Sends bytes as they are and gives back what comes until the other side closes or is silent. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setTimeout(300, () => socket.destroy())
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const post = (port: number, lines: readonly string[] = [], target = '/mcp'): string =>
  [`POST ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...lines, 'Content-Length: 2', '', '{}'].join('\r\n')

describe('the edge', () => {
  it('hands a request over with its body, and everything else to the control plane', async () => {
    const { port, seen } = await open()
    expect(await raw(port, post(port, ['X-A: 1'], '/mcp/x?y=1'))).toContain('{"ok":true}')
    expect(seen).toMatchObject([{ method: 'POST', path: '/mcp/x', query: 'y=1', headers: { 'x-a': '1' }, remoteAddress: '127.0.0.1' }])
    expect(seen[0]?.body.toString()).toBe('{}')
    expect(await raw(port, post(port, [], '/other'))).toContain('control')
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['another host', 'POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n', 421],
    ['a foreign origin', 'ORIGIN https://evil.example', 403],
    ['the origin of another port of this machine', 'ORIGIN http://127.0.0.1:1', 403],
    ['an origin that says nothing', 'ORIGIN null', 403],
    ['a target with an authority', 'TARGET http://evil.example/mcp', 400],
    ['two hosts', 'HEADER Host: 127.0.0.1', 400],
    ['two credentials', 'TWICE Authorization: Bearer a', 400],
    ['two proofs of a session', 'TWICE Sallyport-Proof: spp_a', 400],
  ])('refuses %s on every path, and asks nobody', async (_, kind, status) => {
    const { port, seen } = await open({
      control() {
        throw new Error('asked')
      },
    })
    const [word = '', ...rest] = kind.split(' ')
    const value = rest.join(' ')
    const requests: Record<string, string> = {
      ORIGIN: post(port, [`Origin: ${value}`]),
      TARGET: post(port, [], value),
      HEADER: post(port, [value]),
      TWICE: post(port, [value, value]),
    }
    for (const path of ['/mcp', '/api/v1/keys']) {
      expect(await raw(port, (requests[word] ?? kind).replace('/mcp HTTP', `${path} HTTP`))).toContain(`HTTP/1.1 ${status}`)
    }
    expect(seen).toEqual([])
  })

  it('does not take its public name over plain http for itself where it is https', async () => {
    const { port } = await open({}, 'https://tools.example')
    const from = (origin: string): Promise<string> => raw(port, post(port, [`Origin: ${origin}`]))
    expect(await from('https://tools.example')).toContain('HTTP/1.1 200')
    expect(await from(`http://127.0.0.1:${String(port)}`)).toContain('HTTP/1.1 200')
    expect(await from('http://tools.example')).toContain('HTTP/1.1 403')
  })

  it('tells both planes who the client behind a trusted proxy is', async () => {
    const controls: string[] = []
    const control: EdgeHandlers['control'] = (_, response, remoteAddress) => {
      controls.push(remoteAddress)
      response.end('control')
    }
    const lines = ['X-Forwarded-For: 9.9.9.9, 203.0.113.7']
    for (const trustedProxy of [createTrustedProxy('127.0.0.0/8'), createTrustedProxy('10.0.0.0/8'), null]) {
      const { port, seen } = await open({ control }, null, trustedProxy)
      await raw(port, post(port, lines))
      await raw(port, post(port, lines, '/api/v1/session'))
      expect(controls.at(-1)).toBe(seen[0]?.remoteAddress)
    }
    expect(controls).toEqual(['203.0.113.7', '127.0.0.1', '127.0.0.1'])
  })

  it('takes the host and the scheme from a trusted proxy alone, and passes none of it on', async () => {
    const seenBehind: string[] = []
    const control: EdgeHandlers['control'] = (request, response) => {
      seenBehind.push(...request.rawHeaders)
      response.end('control')
    }
    const lines = ['X-Forwarded-Host: tools.example', 'X-Real-IP: 1.1.1.1', 'Forwarded: for=1.1.1.1']
    const ask = async (proxy: string, host: string, scheme: string): Promise<string> => {
      const { port, seen } = await open({ control }, 'https://tools.example', createTrustedProxy(proxy))
      const own = (target: string): string =>
        post(port, [...lines, `X-Forwarded-Proto: ${scheme}`], target).replace(/Host: 127[^\r]*/, `Host: ${host}`)
      const status = (await raw(port, own('/mcp'))).split(' ')[1]!
      expect((await raw(port, own('/api'))).split(' ')[1]).toBe(status)
      for (const { headers } of seen) expect(Object.keys(headers).filter((name) => /forwarded|real-ip/.test(name))).toEqual([])
      return status
    }
    expect(await ask('127.0.0.1', 'inner.example', 'https')).toBe('200')
    expect(await ask('127.0.0.1', 'tools.example', 'http')).toBe('421')
    expect(await ask('10.0.0.1', 'inner.example', 'https')).toBe('421')
    expect(await ask('10.0.0.1', 'tools.example', 'http')).toBe('200')
    expect(seenBehind.filter((text) => /forwarded|real-ip/i.test(text))).toEqual([])
    expect(seenBehind).toContain('Host')
  })

  it('does not wait for the body of a request that is not admitted', async () => {
    const { port, seen } = await open({ admits: () => false })
    const stalled = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 4000000\r\n\r\n{`
    expect(await raw(port, stalled)).toContain('HTTP/1.1 200')
    expect(seen[0]?.body).toHaveLength(0)
  })

  it('refuses a body that is too large, and compressed ones, with an answer and not with a reset', async () => {
    const { port, seen } = await open()
    const large = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 5000000\r\n\r\n${'x'.repeat(5_000_000)}`
    expect(await raw(port, large)).toContain('HTTP/1.1 413')
    expect(await raw(port, post(port, ['Content-Encoding: gzip']))).toContain('HTTP/1.1 415')
    expect(seen).toEqual([])
  })
})

describe('the credential of a session', () => {
  const half = (prefix: string, letter: string): string => `${prefix}_${letter.repeat(43)}`
  const PROOF = half('spp', 'p')
  const COOKIE = half('spc', 'c')
  const WHOLE = `Bearer ${COOKIE}.${PROOF}`

  /** What both planes get to see of a request with these headers, `@` being the port. */
  async function seenWith(lines: readonly string[], publicUrl: string | null = null) {
    const raws: string[][] = []
    const controls: (string | undefined)[] = []
    const { port, seen } = await open(
      {
        control(request, response) {
          raws.push([...request.rawHeaders])
          controls.push(request.headers.authorization)
          response.end('control')
        },
      },
      publicUrl,
    )
    const own = lines.map((line) => line.replaceAll('@', String(port)))
    expect(await raw(port, post(port, own))).toContain('HTTP/1.1 200')
    expect(await raw(port, post(port, own, '/api/v1/whoami'))).toContain('HTTP/1.1 200')
    const [inbound] = seen
    const names = raws[0]!.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    // Neither half is left where somebody could log it or pass it on.
    for (const name of ['cookie', 'sallyport-proof']) {
      expect(inbound!.headers).not.toHaveProperty(name)
      expect(names).not.toContain(name)
    }
    const given = raws[0]!.flatMap((name, index) =>
      index % 2 === 0 && name.toLowerCase() === 'authorization' ? [raws[0]![index + 1]] : [],
    )
    expect(given).toEqual(controls[0] === undefined ? [] : [controls[0]])
    expect(inbound!.headers.authorization).toBe(controls[0])
    expect(names).toContain('x-last')
    return controls[0]
  }

  it('is put together of cookie and proof, for both planes', async () => {
    const others = `theme=dark; sallyport-session-@=${COOKIE}; x=y=z`
    expect(await seenWith([`Cookie: ${others}`, `Sallyport-Proof: ${PROOF}`, 'X-Last: 1'])).toBe(WHOLE)
  })

  it.each([
    ['the cookie alone', [`Cookie: sallyport-session-@=${COOKIE}`]],
    ['the proof alone', [`Sallyport-Proof: ${PROOF}`]],
    ['the cookie of another port', [`Cookie: sallyport-session-1=${COOKIE}`, `Sallyport-Proof: ${PROOF}`]],
    ['the cookie of an https address', [`Cookie: __Host-sallyport-session=${COOKIE}`, `Sallyport-Proof: ${PROOF}`]],
    ['two cookies', [`Cookie: sallyport-session-@=${COOKIE}; sallyport-session-@=${half('spc', 'd')}`, `Sallyport-Proof: ${PROOF}`]],
    [
      'two headers of cookies',
      [`Cookie: sallyport-session-@=${COOKIE}`, `Cookie: sallyport-session-@=${half('spc', 'd')}`, `Sallyport-Proof: ${PROOF}`],
    ],
    ['halves that are swapped', [`Cookie: sallyport-session-@=${PROOF}`, `Sallyport-Proof: ${COOKIE}`]],
    ['a key in place of a half', [`Cookie: sallyport-session-@=${COOKIE}`, `Sallyport-Proof: ${half('sp', 'k')}`]],
    ['more than a half', [`Cookie: sallyport-session-@=${COOKIE}.${PROOF}`, `Sallyport-Proof: ${PROOF}`]],
  ])('is none: %s', async (_, lines) => {
    expect(await seenWith([...lines, 'X-Last: 1'])).toBeUndefined()
  })

  it('gives way to a credential that the request has itself', async () => {
    const lines = [`Cookie: sallyport-session-@=${COOKIE}`, 'Authorization: Bearer sp_own', `Sallyport-Proof: ${PROOF}`, 'X-Last: 1']
    expect(await seenWith(lines)).toBe('Bearer sp_own')
  })

  it('takes the cookie that browsers protect where the public address is https', async () => {
    const url = 'https://sallyport.example'
    const proof = `Sallyport-Proof: ${PROOF}`
    expect(await seenWith([`Cookie: __Host-sallyport-session=${COOKIE}`, proof, 'X-Last: 1'], url)).toBe(WHOLE)
    expect(await seenWith([`Cookie: sallyport-session-@=${COOKIE}`, proof, 'X-Last: 1'], url)).toBeUndefined()
  })
})
