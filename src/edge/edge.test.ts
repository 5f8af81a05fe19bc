import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEdge, type EdgeHandlers, type EdgeInbound } from './index.ts'

interface Setup {
  readonly port: number
  readonly seen: EdgeInbound[]
}

async function open(handlers: Partial<EdgeHandlers> = {}): Promise<Setup> {
  const seen: EdgeInbound[] = []
  const edge = await openEdge({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    trustedProxy: null,
    handlers: {
      isGatewayPath: (path) => path.startsWith('/mcp'),
      admits: () => true,
      async gateway(inbound, reply) {
        seen.push(inbound)
        reply.send(200, ['content-type', 'application/json'], '{"ok":true}')
      },
      control: (_, response) => response.end('control'),
      ...handlers,
    },
  })
  onTestFinished(() => edge.close(100))
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
    ['a target with an authority', 'TARGET http://evil.example/mcp', 400],
    ['two hosts', 'HEADER Host: 127.0.0.1', 400],
    ['two credentials', 'TWICE Authorization: Bearer a', 400],
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
