import { afterEach, describe, expect, it } from 'vitest'
import type { UpstreamRequest } from '../model.ts'
import {
  errorFor,
  eventOf,
  legacyScript,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  metaOf,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
async function setUp(script: Script): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

const call = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'echo', arguments: {} },
  deadlineAtMs: Date.now() + 5_000,
  ...over,
})
const ok: Script = (seen, response) => sendJson(response, 200, resultFor(seen, { content: [] }))
const methods = (server: ScriptedServer): unknown[] => server.seen.map(({ message, verb }) => message.method ?? verb)

describe('a modern server', () => {
  const annotated = (header: string): object => ({
    name: 'query',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': header },
        options: {
          type: 'object',
          properties: { limit: { type: 'integer', 'x-mcp-header': 'Limit' }, dry: { type: 'boolean', 'x-mcp-header': 'Dry' } },
        },
      },
    },
  })

  it('gets the headers that repeat the body, encoded where they must be', async () => {
    const { server, remote } = await setUp(modernScript(ok))
    await remote.request(call({ method: 'resources/read', params: { uri: 'file:///ä b' } })).answer
    expect(server.seen.at(-1)!.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'resources/read',
      'mcp-name': `=?base64?${Buffer.from('file:///ä b').toString('base64')}?=`,
    })
    await remote.request(call({ method: 'prompts/get', params: { name: 'plain' } })).answer
    expect(server.seen.at(-1)!.headers['mcp-name']).toBe('plain')
    await remote.request(call({ method: 'tools/list', params: {} })).answer
    expect(server.seen.at(-1)!.headers).not.toHaveProperty('mcp-name')
  })

  it('gets the envelope beside what the caller had in _meta', async () => {
    const { server, remote } = await setUp(modernScript(ok))
    await remote.request(
      call({ params: { name: 'echo', _meta: { 'com.example/x': 1 } }, clientInfo: { name: 'ide', version: '2' }, logLevel: 'info' }),
    ).answer
    const meta = metaOf(server.seen.at(-1)!)
    expect(meta).toMatchObject({
      'com.example/x': 1,
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'ide', version: '2' },
      'io.modelcontextprotocol/logLevel': 'info',
    })
    expect(meta).not.toHaveProperty('progressToken')
  })

  it('is asked for its tools before a call, because arguments may be repeated as headers', async () => {
    const { server, remote } = await setUp(
      modernScript((seen, response, request) => {
        if (seen.message.method !== 'tools/list') return ok(seen, response, request)
        const isFirst = seen.message.params!['cursor'] === undefined
        sendJson(
          response,
          200,
          resultFor(seen, isFirst ? { tools: [{ name: 'other', inputSchema: {} }], nextCursor: 'p2' } : { tools: [annotated('Region')] }),
        )
      }),
    )
    await remote.request(call({ params: { name: 'query', arguments: { region: 'Köln', options: { limit: 42, dry: null } } } })).answer
    expect(methods(server)).toEqual(['server/discover', 'tools/list', 'tools/list', 'tools/call'])
    expect(server.seen.at(-1)!.headers).toMatchObject({
      'mcp-name': 'query',
      'mcp-param-region': `=?base64?${Buffer.from('Köln').toString('base64')}?=`,
      'mcp-param-limit': '42',
    })
    expect(server.seen.at(-1)!.headers).not.toHaveProperty('mcp-param-dry')
    await remote.request(call({ params: { name: 'unheard of' } })).answer
    expect(methods(server).slice(4)).toEqual(['tools/call'])
    expect(remote.status().toolCount).toBe(2)
  })

  it('is asked again when it refuses the headers of a call, whose tool has changed', async () => {
    let header = 'Old'
    const { server, remote } = await setUp(
      modernScript((seen, response, request) => {
        if (seen.message.method === 'tools/list') sendJson(response, 200, resultFor(seen, { tools: [annotated(header)] }))
        else if (seen.headers['mcp-param-new'] === undefined && header === 'New')
          sendJson(response, 400, errorFor(seen, -32020, 'HeaderMismatch'))
        else ok(seen, response, request)
      }),
    )
    const query = (): UpstreamRequest => call({ params: { name: 'query', arguments: { region: 'eu' } } })
    expect(await remote.request(query()).answer).toMatchObject({ ok: true })
    header = 'New'
    expect(await remote.request(query()).answer).toMatchObject({ ok: true })
    expect(methods(server)).toEqual(['server/discover', 'tools/list', 'tools/call', 'tools/call', 'tools/list', 'tools/call'])
  })

  it('has its tools with broken header annotations left out, and said so', async () => {
    const tool = (name: string, properties: object, more: object = {}): object => ({
      name,
      inputSchema: { type: 'object', properties, ...more },
    })
    const broken = [
      tool('space', { a: { type: 'string', 'x-mcp-header': 'a b' } }),
      tool('empty', { a: { type: 'string', 'x-mcp-header': '' } }),
      tool('not-text', { a: { type: 'string', 'x-mcp-header': 7 } }),
      tool('number', { a: { type: 'number', 'x-mcp-header': 'A' } }),
      tool('object', { a: { type: 'object', 'x-mcp-header': 'A' } }),
      tool('twice', { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } }),
      tool('in-items', { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } }),
      tool('in-any-of', { a: { anyOf: [{ type: 'string', 'x-mcp-header': 'A' }] } }),
      tool('in-defs', {}, { $defs: { x: { type: 'string', 'x-mcp-header': 'A' } } }),
      tool('root', {}, { 'x-mcp-header': 'A' }),
    ]
    const good = [
      tool('plain', {}),
      tool('named', { 'x-mcp-header': { type: 'string' } }),
      tool('value', { a: { const: { 'x-mcp-header': 7 } } }),
      annotated('Ok'),
    ]
    const { remote, warnings } = await setUp(
      modernScript((seen, response) =>
        sendJson(response, 200, resultFor(seen, { tools: [...broken, ...good], ttlMs: 1, resultType: 'complete' })),
      ),
    )
    expect(await remote.request(call({ method: 'tools/list', params: {} })).answer).toEqual({ ok: true, result: { tools: good, ttlMs: 1 } })
    expect(warnings).toHaveLength(broken.length)
    expect(warnings[0]).toContain('"space" is left out')
  })

  it('sees its answer’s stream closed when the call is cancelled, which cancels it', async () => {
    const closed = Promise.withResolvers<void>()
    const { server, remote } = await setUp(
      modernScript((seen, response) => {
        if (seen.message.method === 'tools/list') return sendJson(response, 200, resultFor(seen, { tools: [] }))
        response.on('close', () => closed.resolve())
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': working\n\n')
      }),
    )
    const pending = remote.request(call())
    await server.awaitSeen(({ message }) => message.method === 'tools/call')
    pending.cancel('enough')
    await closed.promise
    await expect(pending.answer).rejects.toMatchObject({ type: 'upstream-failed' })
    expect(methods(server)).not.toContain('notifications/cancelled')
  })
})

describe('a legacy server', () => {
  it('is spoken to in one session, with its id and version, for all callers', async () => {
    const { server, remote } = await setUp(legacyScript(ok))
    await Promise.all([remote.request(call()).answer, remote.request(call()).answer])
    expect(methods(server).filter((method) => method === 'initialize')).toHaveLength(1)
    const calls = server.seen.filter(({ message }) => message.method === 'tools/call')
    for (const { headers } of calls) {
      expect(headers).toMatchObject({ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25' })
      expect(headers).not.toHaveProperty('mcp-method')
    }
    expect(new Set(calls.map(({ message }) => message.id)).size).toBe(2)
    expect(JSON.stringify([remote.known(), remote.status()])).not.toContain('s1')
  })

  it('does without a session and without the version header where the server is that old', async () => {
    const { server, remote } = await setUp((seen, response, request) => {
      if (seen.message.method === 'initialize')
        sendJson(
          response,
          200,
          resultFor(seen, { protocolVersion: '2025-03-26', capabilities: {}, serverInfo: { name: 'old', version: '0' } }),
        )
      else if (seen.message.id === undefined) response.writeHead(202).end()
      else if (seen.message.method === 'server/discover') response.writeHead(405).end()
      else ok(seen, response, request)
    })
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
    expect(server.seen.at(-1)!.headers).not.toHaveProperty('mcp-session-id')
    expect(server.seen.at(-1)!.headers).not.toHaveProperty('mcp-protocol-version')
  })

  it('is refused when it wants a revision that nobody knows', async () => {
    const { remote } = await setUp((seen, response) => {
      if (seen.message.method === 'initialize')
        sendJson(response, 200, resultFor(seen, { protocolVersion: '1999-01-01', capabilities: {} }))
      else response.writeHead(400).end()
    })
    await expect(remote.describe(Date.now() + 5_000)).rejects.toThrow('wants to speak MCP "1999-01-01"')
  })

  it.each([
    ['404', 404, { error: 'gone' }],
    [
      '400 that speaks of the session',
      400,
      { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Bad Request: No valid session ID provided' } },
    ],
  ])('gets one new session when the old one ended (%s), whoever noticed', async (_what, status, body) => {
    let alive = 's1'
    const { server, remote } = await setUp(
      legacyScript((seen, response, request) => {
        if (seen.headers['mcp-session-id'] === alive) ok(seen, response, request)
        else sendJson(response, status, body)
      }),
    )
    await remote.request(call()).answer
    alive = 's2'
    const answers = await Promise.all([remote.request(call()).answer, remote.request(call()).answer, remote.request(call()).answer])
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ ok: true, result: { content: [] } })))
    expect(methods(server).filter((method) => method === 'initialize')).toHaveLength(2)
  })

  it('is not asked for ever when every session ends at once', async () => {
    const { server, remote } = await setUp(legacyScript((_seen, response) => response.writeHead(404).end()))
    await expect(remote.request(call()).answer).rejects.toMatchObject({ type: 'upstream-failed' })
    expect(server.seen.length).toBeLessThan(20)
  })

  it('may end its stream and be found again where it stopped', async () => {
    let first: { id?: number } = {}
    const { server, remote } = await setUp(
      legacyScript((seen, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        if (seen.verb === 'POST') {
          first = seen.message
          response.end('id: e1\nretry: 10\ndata:\n\n')
        } else response.end(eventOf({ jsonrpc: '2.0', id: first.id, result: { content: ['later'] } }, 'e2'))
      }),
    )
    expect(await remote.request(call()).answer).toEqual({ ok: true, result: { content: ['later'] } })
    expect(server.seen.at(-1)).toMatchObject({ verb: 'GET', headers: { 'last-event-id': 'e1', 'mcp-session-id': 's1' } })
  })

  it('is told of a cancellation, because losing the connection means nothing to it', async () => {
    const { server, remote } = await setUp(
      legacyScript((seen, response) => {
        if (seen.message.method === 'notifications/cancelled') response.writeHead(202).end()
      }),
    )
    const pending = remote.request(call())
    const seen = await server.awaitSeen(({ message }) => message.method === 'tools/call')
    pending.cancel('the user left')
    const notice = await server.awaitSeen(({ message }) => message.method === 'notifications/cancelled')
    expect(notice.message.params).toEqual({ requestId: seen.message.id, reason: 'the user left' })
    expect(notice.headers['mcp-session-id']).toBe('s1')
  })

  it('is told when the deadline of a call has passed', async () => {
    const { server, remote } = await setUp(
      legacyScript((seen, response) => {
        if (seen.message.method === 'notifications/cancelled') response.writeHead(202).end()
      }),
    )
    await remote.describe(Date.now() + 5_000)
    await expect(remote.request(call({ deadlineAtMs: Date.now() + 100 })).answer).rejects.toMatchObject({ type: 'upstream-timeout' })
    const notice = await server.awaitSeen(({ message }) => message.method === 'notifications/cancelled')
    expect(notice.message.params).toMatchObject({ reason: 'The deadline has passed.' })
  })

  it('is not called a second time when the session is lost after the call has begun', async () => {
    const { server, remote } = await setUp(
      legacyScript((seen, response) => {
        if (seen.verb === 'GET') response.writeHead(404).end()
        else response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e1\nretry: 10\ndata:\n\n')
      }),
    )
    await expect(remote.request(call()).answer).rejects.toMatchObject({ type: 'upstream-failed' })
    expect(methods(server).filter((method) => method === 'tools/call')).toHaveLength(1)
  })

  it('has its own requests answered: a ping with nothing, the rest as unknown', async () => {
    const { server, remote } = await setUp(
      legacyScript((seen, response) => {
        if (seen.message.method === undefined) return void response.writeHead(202).end()
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(eventOf({ jsonrpc: '2.0', id: 'p', method: 'ping' }))
        response.write(eventOf({ jsonrpc: '2.0', id: 's', method: 'sampling/createMessage', params: {} }))
        server
          .awaitSeen(({ message }) => message['error'] !== undefined)
          .then(
            () => response.end(eventOf(resultFor(seen, { content: [] }))),
            () => undefined,
          )
      }),
    )
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
    const answers = server.seen
      .filter(({ message }) => message.method === undefined && message.id !== undefined)
      .map(({ message }) => message)
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 'p', result: {} },
      { jsonrpc: '2.0', id: 's', error: { code: -32601, message: 'This client does not support sampling/createMessage' } },
    ])
  })

  it('is told when we leave', async () => {
    const { server, remote } = await setUp(legacyScript(ok))
    await remote.request(call()).answer
    await remote.close()
    expect(server.seen.at(-1)).toMatchObject({ verb: 'DELETE', headers: { 'mcp-session-id': 's1' } })
  })
})
