import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSocketServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { listen, ok, open, send, speak, undoAll, type Answer } from './testing.ts'

afterEach(undoAll)

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener))

describe('a pool of connections to one origin', () => {
  it('sends what it is given and nothing else', async () => {
    const { port } = await speak((socket, text) => socket.write(ok(text)))
    const pool = open(port)
    expect((await send(pool, { path: '/a?b=%20', headers: ['x-a', '1', 'X-B', '\xe4'], body: Buffer.from('é') })).body).toBe(
      `POST /a?b=%20 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-a: 1\r\nX-B: \ufffd\r\ncontent-length: 2\r\n\r\né`,
    )
    expect((await send(pool, { method: 'GET', body: null })).body).toBe(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`)
    expect((await send(pool, { body: null })).body).toBe(`POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 0\r\n\r\n`)
  })

  it('uses one connection for one request after the other, whatever frames their answers', async () => {
    const ports = new Set<number>()
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort ?? 0)
      if (request.url === '/chunks') response.write('a')
      if (request.url === '/early') response.writeProcessing()
      if (request.url === '/none') response.writeHead(204)
      response.end(request.url === '/none' ? undefined : 'b')
    })
    const pool = open(port)
    const answers: Answer[] = []
    for (const path of ['/', '/chunks', '/early', '/none', '/']) answers.push(await send(pool, { path }))
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(['200 b', '200 ab', '200 b', '204 ', '200 b'])
    expect(ports.size).toBe(1)
  })

  it('carries 1,000 requests at once over 64 connections, each with its own answer', async () => {
    const ports = new Set<number>()
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort ?? 0)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => setImmediate(() => response.end(Buffer.concat(chunks))))
    })
    const pool = open(port)
    const bodies = Array.from({ length: 1_000 }, (_, i) => `${i}:${'x'.repeat((i * 37) % 40_000)}`)
    const answers = await Promise.all(bodies.map((body) => send(pool, { body: Buffer.from(body) })))
    expect(answers.map(({ body }) => body)).toEqual(bodies)
    expect(ports.size).toBe(LIMITS.upstreamConnectionsMax)
  })

  it('refuses one request too many, and takes requests again when those before are served', async () => {
    const port = await serve((_request, response) => void response.end('ok'))
    const pool = open(port, { isTrusted: true, connectionsMax: 2 })
    const all = Array.from({ length: LIMITS.upstreamQueueMax + 2 }, () => send(pool))
    await expect(send(pool)).rejects.toMatchObject({ type: 'overloaded' })
    expect((await Promise.all(all)).every(({ body }) => body === 'ok')).toBe(true)
    expect((await send(pool)).body).toBe('ok')
  })

  it.each([
    ['a name with a line end', ['x\r\ny', '1']],
    ['a name with a blank', ['x y', '1']],
    ['an empty name', ['', '1']],
    ['a value with a line end', ['x', '1\r\nhost: elsewhere']],
    ['a value with a line feed', ['x', '1\nhost: elsewhere']],
    ['a value with a NUL', ['x', '\0']],
    ['a value beyond Latin-1, which would be cut to a line end', ['x', '\u010d\u010a']],
    ['a name without value', ['x']],
    ['a length', ['Content-Length', '1']],
    ['an encoding', ['transfer-encoding', 'chunked']],
    ['another host', ['Host', 'elsewhere']],
    ['the end of the connection', ['connection', 'close']],
  ])('does not send %s', async (_what, headers) => {
    const { port, seen } = await speak((socket) => socket.write(ok('')))
    const pool = open(port)
    await expect(send(pool, { headers })).rejects.toMatchObject({ type: 'invalid-input' })
    await expect(send(pool, { path: '/ HTTP/1.1\r\nx: y' })).rejects.toMatchObject({ type: 'invalid-input' })
    await send(pool)
    expect(seen).toEqual(['POST'])
  })
})

describe('a connection', () => {
  it('that the server closes without an answer is a failure of a POST, and tried again once for a GET', async () => {
    const { port, seen } = await speak((socket, _text, nth) => (nth === 0 ? socket.write(ok('first')) : socket.destroy()))
    const pool = open(port)
    await send(pool)
    await expect(send(pool)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(seen).toEqual(['POST', 'POST'])
    await send(pool, { method: 'GET', body: null })
    expect((await send(pool, { method: 'GET', body: null })).body).toBe('first')
    expect(seen.slice(2)).toEqual(['GET', 'GET', 'GET'])
  })

  it('that breaks after one byte of an answer is a failure of a GET too', async () => {
    const { port, seen } = await speak((socket, _text, nth) => (nth === 0 ? socket.write(ok('first')) : socket.end('H')))
    const pool = open(port)
    await send(pool)
    await expect(send(pool, { method: 'GET', body: null })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(seen).toHaveLength(2)
  })

  it('that breaks anew each time is not tried for ever', async () => {
    const { port, seen } = await speak((socket) => socket.destroy())
    await expect(send(open(port), { method: 'GET', body: null })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(seen).toHaveLength(1)
  })

  it('that the server closes while it is free is noticed before the next POST', async () => {
    const { port } = await speak((socket, _text, nth) => void (nth === 0 ? socket.end(ok('first')) : socket.destroy()))
    const pool = open(port)
    for (let i = 0; i < 50; i++) expect((await send(pool)).body).toBe('first')
  })

  it.each([
    ['at once', (socket: Socket) => socket.write(ok('mine') + ok('poison'))],
    ['later', (socket: Socket) => socket.write(ok('mine'), () => setImmediate(() => socket.write(ok('poison'))))],
  ])('on which bytes come %s that nobody asked for is not used again', async (_when, answer) => {
    const { port } = await speak((socket, _text, nth) => void (nth === 0 ? answer(socket) : socket.write(ok('second'))))
    const pool = open(port)
    for (let i = 0; i < 5; i++) {
      expect((await send(pool)).body).toBe('mine')
      // Until the bytes have come.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  })

  it.each([['connection: close'], ['keep-alive: timeout=1']])('is not used again after "%s"', async (line) => {
    let connections = 0
    const { port } = await speak((socket, _text, nth) => {
      if (nth === 0) connections++
      socket.write(ok('x', line))
    })
    const pool = open(port)
    await send(pool)
    await send(pool)
    expect(connections).toBe(2)
  })

  it('on which the answer came before the request was read is not used again', async () => {
    let connections = 0
    const port = await listen(
      createSocketServer((socket) => {
        connections++
        socket.pause().write(ok('early'))
      }),
    )
    const pool = open(port)
    const body = Buffer.alloc(16 * 1024 * 1024)
    expect((await send(pool, { body })).body).toBe('early')
    expect((await send(pool, { body })).body).toBe('early')
    expect(connections).toBe(2)
  })

  it('ends an answer without length, and one with a length it cuts short is a failure', async () => {
    const { port } = await speak((socket, text) =>
      socket.end(text.includes('/cut') ? ok('12345', 'connection: close').slice(0, -1) : 'HTTP/1.0 200 OK\r\n\r\nto the end'),
    )
    const pool = open(port)
    expect(await send(pool)).toEqual({ status: 200, body: 'to the end' })
    await expect(send(pool, { path: '/cut' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('that speaks garbage is closed, and its answer is a failure', async () => {
    const closed = Promise.withResolvers<void>()
    const { port } = await speak((socket) => socket.on('close', () => closed.resolve()).write(ok('x', 'transfer-encoding: chunked')))
    await expect(send(open(port))).rejects.toMatchObject({ code: 'HPE_INVALID_TRANSFER_ENCODING' })
    await closed.promise
  })

  it('whose receiver throws fails that exchange alone', async () => {
    const { port } = await speak((socket) => socket.write(ok('x')))
    const pool = open(port)
    const broken = (): never => {
      throw new Error('a bug')
    }
    await expect(send(pool, {}, { onData: broken })).rejects.toThrow('a bug')
    await expect(send(pool, {}, { onHead: broken })).rejects.toThrow('a bug')
    expect((await send(pool)).body).toBe('x')
  })

  it('is closed by an abort before and in the middle of an answer, and nothing is told after', async () => {
    for (const path of ['/silent', '/half']) {
      const reached = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      const { port } = await speak((socket) => {
        socket.on('close', () => closed.resolve())
        if (path === '/half') socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')
        else reached.resolve()
      })
      const told: string[] = []
      const exchange = open(port).dispatch(
        { method: 'POST', path, headers: [], body: null },
        {
          onHead: () => void told.push('head'),
          onData: () => {
            told.push('data')
            reached.resolve()
            return true
          },
          onEnd: () => void told.push('end'),
          onError: () => void told.push('error'),
        },
      )
      await reached.promise
      exchange.abort()
      exchange.abort()
      exchange.resume()
      await closed.promise
      expect(told).toEqual(path === '/half' ? ['head', 'data'] : [])
    }
  })

  it('is destroyed with the pool: who waits and who is served hear of it, and later ones too', async () => {
    const { port, seen } = await speak(() => undefined)
    const pool = open(port, { isTrusted: true, connectionsMax: 1 })
    const sent = [send(pool), send(pool)].map((answer) => answer.catch((error: unknown) => error))
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await pool.destroy()
    const later = send(pool).catch((error: unknown) => error)
    for (const error of await Promise.all([...sent, later]))
      expect(error).toMatchObject({ message: 'the connections of this pool were closed' })
    expect(seen).toHaveLength(1)
  })

  it('that cannot be made is a failure of everybody who waits', async () => {
    const server = createServer()
    const port = await listen(server)
    server.close()
    await once(server, 'close')
    const pool = open(port, { isTrusted: true, connectionsMax: 2 })
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => send(pool)))
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ECONNREFUSED' } })
  })
})
