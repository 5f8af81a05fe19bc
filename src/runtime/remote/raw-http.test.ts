import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { ExchangeHandler } from '../model.ts'
import { remoteFor, startScriptedServer, type RemoteUnderTest, type Script, type ScriptedServer, matching } from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
async function setUp(script: Script, headers: readonly string[] = []): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url, { headers })
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

class Recorder implements ExchangeHandler {
  readonly events: string[] = []
  bytes = 0
  isSlow = false
  error: Error | null = null
  readonly #over = Promise.withResolvers<void>()
  readonly #head = Promise.withResolvers<void>()
  readonly over = this.#over.promise
  readonly head = this.#head.promise
  onData(chunk: Buffer): boolean {
    this.bytes += chunk.length
    if (this.events.at(-1) !== 'data') this.events.push('data')
    return !this.isSlow
  }
  onHead(status: number): void {
    this.events.push(`head ${status}`)
    this.#head.resolve()
  }
  onEnd(): void {
    this.events.push('end')
    this.#over.resolve()
  }
  onError(error: Error): void {
    this.error = error
    this.events.push('error')
    this.#over.resolve()
  }
}

const body = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}')
const headers = ['content-type', 'application/json', 'mcp-protocol-version', '2025-11-25']

describe('the byte path', () => {
  it('sends verb, headers and body as they are, with the operator’s headers added, and returns every byte', async () => {
    const answer = Buffer.from('{"jsonrpc":"2.0", "id":1,\n "result":{}}')
    const { server, remote } = await setUp(
      (_seen, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(answer),
      ['Authorization', 'Bearer x'],
    )
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 5_000, recorder)
    await recorder.over
    expect(recorder).toMatchObject({ events: ['head 200', 'data', 'end'], bytes: answer.length })
    expect(server.seen[0]).toMatchObject({
      verb: 'POST',
      message: { id: 1, method: 'ping' },
      headers: {
        'mcp-protocol-version': '2025-11-25',
        authorization: 'Bearer x',
        'accept-encoding': 'identity',
        'content-length': String(body.length),
      },
    })
    for (const verb of ['GET', 'DELETE'] as const) {
      const other = new Recorder()
      remote.http.send(verb, headers, null, 5_000, other)
      await other.over
      expect(server.seen.at(-1)).toMatchObject({ verb })
    }
  })

  it('hands over each piece as it comes', async () => {
    let open: ServerResponse | null = null
    const { remote } = await setUp((_seen, response) => {
      open = response
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    })
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 0, recorder)
    await recorder.head
    expect(recorder.events).not.toContain('end')
    open!.end('data: 2\n\n')
    await recorder.over
    expect(recorder.bytes).toBe(18)
  })

  it('passes an error status through: what it means is for the caller to say', async () => {
    const { remote } = await setUp((_seen, response) => void response.writeHead(503).end('down'))
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 5_000, recorder)
    await recorder.over
    expect(recorder.events).toEqual(['head 503', 'data', 'end'])
  })

  it('holds the server back while the reader is slow, and goes on when told', async () => {
    const total = 32 * 1024 * 1024
    let written = 0
    const { remote } = await setUp((_seen, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(64 * 1024)
      const pour = (): void => {
        while (written < total) {
          written += chunk.length
          if (!response.write(chunk)) return void response.once('drain', pour)
        }
        response.end()
      }
      pour()
    })
    const recorder = new Recorder()
    recorder.isSlow = true
    const exchange = remote.http.send('POST', headers, body, 20_000, recorder)
    await recorder.head
    const stalled = await new Promise<number>((resolve) => {
      let last = -1
      const timer = setInterval(() => {
        if (written === last) {
          clearInterval(timer)
          resolve(written)
        }
        last = written
      }, 100)
    })
    expect(stalled).toBeLessThan(total)
    recorder.isSlow = false
    exchange.resume()
    await recorder.over
    expect(recorder).toMatchObject({ bytes: total, error: null })
  })

  it('ends at the deadline, before the head and in the middle of the body, and nothing is told after', async () => {
    const { server, remote } = await setUp((_seen, response, request) => {
      if (request.url === undefined) return
      if (server.seen.length > 1) response.writeHead(200).write('part')
    })
    for (const expected of [['error'], ['head 200', 'data', 'error']]) {
      const recorder = new Recorder()
      remote.http.send('POST', headers, body, 100, recorder)
      await recorder.over
      expect(recorder.events).toEqual(expected)
      expect(recorder.error).toMatchObject({
        type: 'upstream-timeout',
        message: matching('100 ms'),
        remedy: matching('deadlineMs'),
      })
    }
  })

  it('lets the server see an abort, and tells the caller nothing more', async () => {
    const closed = Promise.withResolvers<void>()
    const { server, remote } = await setUp((_seen, response) => {
      response.on('close', () => closed.resolve())
    })
    const recorder = new Recorder()
    const exchange = remote.http.send('POST', headers, body, 5_000, recorder)
    await server.awaitSeen(() => true)
    exchange.abort()
    exchange.abort()
    await closed.promise
    expect(recorder.events).toEqual([])
  })

  it('takes an abort before the connection stands, without sending anything', async () => {
    const { server, remote } = await setUp((_seen, response) => void response.end())
    const aborted = new Recorder()
    remote.http.send('POST', headers, body, 5_000, aborted).abort()
    const next = new Recorder()
    remote.http.send('POST', headers, Buffer.from('{"method":"next"}'), 5_000, next)
    await next.over
    expect(server.seen.map(({ message }) => message.method)).toEqual(['next'])
    expect(aborted.events).toEqual([])
  })

  it('tells bad news only after it has returned', async () => {
    const { remote } = await setUp((_seen, response) => void response.end(), ['transfer-encoding', 'chunked'])
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 5_000, recorder)
    expect(recorder.events).toEqual([])
    await recorder.over
    expect(recorder.error).toMatchObject({ type: 'upstream-failed', message: matching('transfer-encoding') })
    const invalid = new Recorder()
    const other = remoteFor('http://127.0.0.1:9/mcp')
    cleanups.push(() => other.remote.close())
    other.remote.http.send('POST', ['bad header\n', 'x'], body, 5_000, invalid)
    expect(invalid.events).toEqual([])
    await invalid.over
    expect(invalid.events).toEqual(['error'])
  })

  it('refuses what would wait behind too many others, counting what was given up and still waits', async () => {
    const { remote } = await setUp(() => undefined)
    const waiting = LIMITS.upstreamConnectionsMax + LIMITS.upstreamQueueMax
    for (let i = 0; i < waiting; i++) {
      const exchange = remote.http.send('POST', headers, body, 20_000, new Recorder())
      if (i >= LIMITS.upstreamConnectionsMax) exchange.abort()
    }
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 20_000, recorder)
    await recorder.over
    expect(recorder.error).toMatchObject({ type: 'overloaded' })
  })

  it('keeps streams from taking the connections of calls', async () => {
    const { remote } = await setUp((seen, response) => {
      if (seen.verb === 'GET') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
      else response.end('{}')
    })
    const streams = Array.from({ length: 100 }, () => new Recorder())
    for (const stream of streams) remote.http.send('GET', headers, null, 0, stream)
    await Promise.all(streams.map(({ head }) => head))
    const recorder = new Recorder()
    remote.http.send('POST', headers, body, 5_000, recorder)
    await recorder.over
    expect(recorder.events).toEqual(['head 200', 'data', 'end'])
  })
})
