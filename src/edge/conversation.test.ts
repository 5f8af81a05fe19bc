import { describe, expect, it, vi } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createConversation, type Conversation, type EndReason } from './conversation.ts'
import type { EdgeInbound, EdgeReply } from './index.ts'

/** A busy machine gets some time. */
const WITHIN = { timeout: 10_000 }

interface Asked extends Omit<EdgeInbound, 'body'> {
  readonly message: Record<string, unknown> | null
  readonly reply: EdgeReply
}

interface Scene {
  readonly conversation: Conversation
  readonly asked: Asked[]
  readonly said: Record<string, unknown>[]
  readonly ended: EndReason[]
  readonly say: (message: object | string) => void
}

const JSON_HEADERS = ['content-type', 'application/json']
const STREAM = ['content-type', 'text/event-stream']
const MODERN = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} }

/** A conversation with a gateway that `answer` plays. */
function begin(answer: (asked: Asked) => void = () => {}): Scene {
  const asked: Asked[] = []
  const said: Record<string, unknown>[] = []
  const ended: EndReason[] = []
  const conversation = createConversation({
    head: { method: 'POST', path: '/mcp/x', query: '', headers: { authorization: 'Bearer k', cookie: 'no' }, remoteAddress: '192.0.2.1' },
    async gateway({ body, ...rest }, reply) {
      const one = { ...rest, message: body.length === 0 ? null : (JSON.parse(body.toString()) as Record<string, unknown>), reply }
      asked.push(one)
      answer(one)
    },
    outlet: { send: (json) => said.push(JSON.parse(json) as Record<string, unknown>) > 0, end: (reason) => ended.push(reason) },
  })
  const say = (message: object | string): void =>
    conversation.take(Buffer.from(typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message })))
  return { conversation, asked, said, ended, say }
}

const answer = ({ message, reply }: Asked, result: object, headers: readonly string[] = []): void =>
  reply.send(200, [...JSON_HEADERS, ...headers], JSON.stringify({ jsonrpc: '2.0', id: message?.['id'], result }))

/** Answers the handshake of the older era, accepts notices, and leaves the rest to `others`. */
const withSession =
  (others: (asked: Asked) => void = () => {}) =>
  (asked: Asked): void => {
    const method = asked.message?.['method']
    if (method === 'initialize') answer(asked, { protocolVersion: '2025-06-18' }, ['Mcp-Session-Id', 'sealed'])
    else if (asked.method === 'POST' && asked.message?.['id'] === undefined) asked.reply.send(202, [], '')
    else others(asked)
  }

describe('a conversation of the stateless era', () => {
  it('gives each message the headers it has over HTTP, and nobody but its opener’s credential', () => {
    const { asked, said, say } = begin((one) => answer(one, { ok: true }))
    say({ id: 1, method: 'tools/call', params: { name: 'grün', arguments: {}, _meta: MODERN } })
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/mcp/x', remoteAddress: '192.0.2.1' })
    expect(asked[0]?.headers).toEqual({
      authorization: 'Bearer k',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': `=?base64?${Buffer.from('grün').toString('base64')}?=`,
    })
    expect(said).toEqual([{ jsonrpc: '2.0', id: 1, result: { ok: true } }])
  })

  it('cancels by going away, and owes no answer then', () => {
    const { asked, said, say } = begin()
    say({ id: 'a', method: 'tools/call', params: { name: 't', _meta: MODERN } })
    say({ id: 'b', method: 'tools/call', params: { name: 't', _meta: MODERN } })
    let gone = 0
    asked[0]!.reply.onGone(() => gone++)
    say({ method: 'notifications/cancelled', params: { requestId: 'a', _meta: MODERN } })
    expect([gone, asked[0]!.reply.isGone, asked[1]!.reply.isGone, asked.length]).toEqual([1, true, false, 2])
    answer(asked[0]!, {})
    expect(said).toEqual([])
  })

  it('finds out which arguments are headers, from lists that pass and else by asking', () => {
    const tools = [{ name: 'move', inputSchema: { properties: { to: { type: 'string', 'x-mcp-header': 'Region' } } } }]
    const mismatch = { jsonrpc: '2.0', id: 1, error: { code: -32020, message: 'The header Mcp-Param-Region is missing.' } }
    const { asked, said, say } = begin((one) => {
      const { cursor } = (one.message?.['params'] ?? {}) as { cursor?: string }
      if (one.message?.['method'] === 'tools/list') answer(one, cursor === undefined ? { tools: [], nextCursor: '2' } : { tools })
      else if (one.headers['mcp-param-region'] === undefined) one.reply.send(400, JSON_HEADERS, JSON.stringify(mismatch))
      else answer(one, { moved: one.headers['mcp-param-region'] })
    })
    const call = { method: 'tools/call', params: { name: 'move', arguments: { to: 'north' }, _meta: MODERN } }
    say({ id: 1, ...call })
    expect(said).toEqual([{ jsonrpc: '2.0', id: 1, result: { moved: 'north' } }])
    expect(asked.map(({ message }) => message?.['method'])).toEqual(['tools/call', 'tools/list', 'tools/list', 'tools/call'])
    for (const { headers, message } of asked) expect(headers['mcp-method']).toBe(message?.['method'])
    say({ id: 2, ...call })
    expect(asked).toHaveLength(5)
    expect(said[1]).toMatchObject({ id: 2, result: { moved: 'north' } })
  })

  it('asks once only for headers that it cannot find', () => {
    const { asked, said, say } = begin((one) => {
      if (one.message?.['method'] === 'tools/list') answer(one, { tools: [] })
      else
        one.reply.send(
          400,
          JSON_HEADERS,
          JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32020, message: 'Mcp-Param-X is missing' } }),
        )
    })
    say({ id: 1, method: 'tools/call', params: { name: 'move', _meta: MODERN } })
    expect(asked).toHaveLength(3)
    expect(said).toMatchObject([{ id: 1, error: { code: -32020 } }])
  })
})

describe('a conversation of the session era', () => {
  it('keeps the session, opens its stream, and ends it with the line', () => {
    const { conversation, asked, said, say } = begin(withSession())
    say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } })
    expect(asked[0]?.headers).not.toHaveProperty('mcp-session-id')
    say({ method: 'notifications/initialized' })
    say({ id: 1, method: 'tools/call', params: { name: 't' } })
    expect(asked.map(({ method, message }) => message?.['method'] ?? method)).toEqual([
      'initialize',
      'notifications/initialized',
      'GET',
      'tools/call',
    ])
    const session = { authorization: 'Bearer k', 'mcp-session-id': 'sealed', 'mcp-protocol-version': '2025-06-18' }
    for (const { headers } of asked.slice(1)) expect(headers).toMatchObject(session)
    const [, , stream, call] = asked
    stream!.reply.open(200, STREAM)
    stream!.reply.write(': open\n\n')
    stream!.reply.write('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n')
    call!.reply.open(200, STREAM)
    call!.reply.write('data: {"jsonrpc":"2.0","id":7,"method":"elicitation/create"}\n\n')
    expect(said.slice(1)).toMatchObject([{ method: 'notifications/tools/list_changed' }, { id: 7, method: 'elicitation/create' }])
    say({ id: 7, result: {} })
    expect(asked[4]).toMatchObject({ message: { id: 7, result: {} }, headers: session })

    const gone: string[] = []
    stream!.reply.onGone(() => gone.push('stream'))
    call!.reply.onGone(() => gone.push('call'))
    conversation.close()
    expect(gone.toSorted()).toEqual(['call', 'stream'])
    expect(asked.slice(5)).toMatchObject([
      { message: { method: 'notifications/cancelled', params: { requestId: 1 } }, headers: session },
      { method: 'DELETE', headers: session },
    ])
  })

  it('tells the endpoint what was cancelled, and owes no answer then', () => {
    const { asked, said, say } = begin(withSession())
    say({ id: 0, method: 'initialize', params: {} })
    say({ id: 1, method: 'tools/call', params: {} })
    say({ method: 'notifications/cancelled', params: { requestId: 1 } })
    expect(asked[2]?.message).toMatchObject({ method: 'notifications/cancelled' })
    asked[1]!.reply.open(200, STREAM)
    asked[1]!.reply.end()
    expect(said).toHaveLength(1)
  })

  it('takes a stream up again that ended early, and says so when it cannot', async () => {
    const { asked, said, say } = begin(withSession())
    say({ id: 0, method: 'initialize', params: {} })
    for (const id of [1, 2]) say({ id, method: 'tools/call', params: {} })
    for (const { reply } of asked.slice(1)) reply.open(200, STREAM)
    asked[1]!.reply.write('id: 9\nretry: 1\ndata: \n\n')
    for (const { reply } of asked.slice(1)) reply.end()
    expect(said.slice(1)).toMatchObject([{ id: 2, error: { code: 5020 } }])
    await vi.waitFor(() => expect(asked).toHaveLength(4), WITHIN)
    expect(asked[3]).toMatchObject({ method: 'GET', headers: { 'last-event-id': '9', 'mcp-session-id': 'sealed' } })
    asked[3]!.reply.open(200, STREAM)
    asked[3]!.reply.write('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
    asked[3]!.reply.end()
    expect(said[2]).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })

  it('ends the line when the session has ended', () => {
    const { ended, said, say } = begin(withSession(({ reply }) => reply.send(404, JSON_HEADERS, '')))
    say({ id: 0, method: 'initialize', params: {} })
    say({ id: 1, method: 'ping' })
    expect(said[1]).toMatchObject({ id: 1, error: { code: 5020 } })
    expect(ended).toEqual(['session-ended'])
  })
})

describe('a conversation', () => {
  const problem = (status: number, type: string, code: number): string =>
    JSON.stringify({
      type: `https://sallyport.dev/problems/${type}`,
      title: 'T',
      status,
      detail: 'D',
      jsonrpc: '2.0',
      id: null,
      error: { code, message: 'T: D' },
    })

  it('says a refusal with the id of its request, and ends when the credential is not good any more', () => {
    const { ended, said, say } = begin(({ reply }) =>
      reply.send(401, ['content-type', 'application/problem+json'], problem(401, 'unauthenticated', 4010)),
    )
    say({ id: 5, method: 'ping' })
    expect(said).toEqual([
      {
        jsonrpc: '2.0',
        id: 5,
        error: {
          code: 4010,
          message: 'T: D',
          data: { problem: { type: 'https://sallyport.dev/problems/unauthenticated', title: 'T', status: 401, detail: 'D' } },
        },
      },
    ])
    expect(ended).toEqual(['unauthenticated'])
  })

  it('answers what nobody can read with the id null, and a notice that was refused with nothing', () => {
    const asked: string[] = []
    const { said, say } = begin(({ reply }) => {
      asked.push('asked')
      reply.send(400, ['content-type', 'application/problem+json'], problem(400, 'invalid-request', -32600))
    })
    say('[]')
    say({ method: 'notifications/x' })
    expect(asked).toHaveLength(2)
    expect(said).toMatchObject([{ id: null, error: { code: -32600 } }])
  })

  it('has so many requests under way, and so many notices', () => {
    const { asked, ended, said, say } = begin()
    for (let id = 0; id <= LIMITS.conversationRequestsMax; id++) say({ id, method: 'ping' })
    expect(asked).toHaveLength(LIMITS.conversationRequestsMax)
    expect(said).toMatchObject([{ id: LIMITS.conversationRequestsMax, error: { code: 5033 } }])
    for (let i = 0; i < LIMITS.conversationNoticesMax; i++) say({ method: 'notifications/x' })
    expect(ended).toEqual([])
    say({ method: 'notifications/x' })
    expect(ended).toEqual(['overloaded'])
    answer(asked[0]!, {})
    say({ id: 'again', method: 'ping' })
    expect(asked.at(-1)?.message).toMatchObject({ id: 'again' })
  })

  it('finishes what is under way when it is drained, and takes no other request', () => {
    const { asked, conversation, ended, said, say } = begin()
    say({ id: 1, method: 'ping' })
    conversation.drain()
    say({ id: 2, method: 'ping' })
    expect([asked.length, ended, said]).toMatchObject([1, [], [{ id: 2, error: { code: 5033 } }]])
    answer(asked[0]!, {})
    expect([ended, said[1]]).toEqual([['stopping'], { jsonrpc: '2.0', id: 1, result: {} }])
    const idle = begin()
    idle.conversation.drain()
    expect(idle.ended).toEqual(['stopping'])
  })

  it('pauses a stream whose client does not read, until it does', () => {
    let isWritable = false
    const drains: string[] = []
    let reply: EdgeReply | undefined
    const conversation = createConversation({
      head: { method: 'POST', path: '/mcp', query: '', headers: {}, remoteAddress: '' },
      gateway: async (_, given) => void (reply = given),
      outlet: { send: () => isWritable, end: () => {} },
    })
    conversation.take(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'))
    reply!.onDrain(() => drains.push('drain'))
    reply!.open(200, STREAM)
    expect(reply!.write('data: {}\n\n')).toBe(false)
    isWritable = true
    conversation.drained()
    conversation.drained()
    expect([drains, reply!.write('data: {}\n\n')]).toEqual([['drain'], true])
  })
})
