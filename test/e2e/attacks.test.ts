// What a client may try against the gateway: each attack stands here with the answer it has to get, and with what must not happen.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LegacyUpstream, startLegacyUpstream } from '../fixtures/legacy-upstream.ts'
import { type RpcMessage as UpstreamMessage, sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { startTalkativeUpstream, TALKATIVE_SESSION, UNASKED } from './attack-upstreams.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { stdioFixture, waitForTools } from './upstreams.ts'
import {
  callLegacy,
  callModern,
  LEGACY,
  modernRequest,
  openSession,
  post,
  readEvents,
  refusalOf,
  type RpcMessage,
  send,
  textOf,
  toolNames,
  type WireOptions,
} from './wire.ts'

const UNKNOWN_METHOD = -32_601
const REVOKED_MS_MAX = 1_000
const LONG = 'a-name-that-is-much-longer-than-the-clients-of-this-protocol-want-to-see-it'
const CONTROL_NAMES = ['bell\u0007', 'two\nlines', '\u001b[31mred', 'delete\u007f']

let modern: RawServer
let legacy: LegacyUpstream
let talkative: RawServer
let odd: RawServer
let sallyport: Sallyport
let onCall: (message: UpstreamMessage, response: ServerResponse) => void

beforeAll(async () => {
  modern = await startModernUpstream((message, response) => onCall(message, response), [tool('echo'), tool('secret')])
  legacy = await startLegacyUpstream()
  talkative = await startTalkativeUpstream()
  odd = await startModernUpstream(
    () => undefined,
    [LONG, `${LONG}-2`, 'plain', ...CONTROL_NAMES].map((name) => tool(name)),
  )
  sallyport = await startSallyport({
    declared: {
      mcpServers: {
        modern: { url: modern.url },
        legacy: { url: legacy.url },
        talkative: { url: talkative.url },
        odd: { url: odd.url },
        open: stdioFixture('never-answers', { access: 'public' }),
      },
      profiles: { tidy: { servers: ['odd'], tools: { exclude: [`odd__${LONG}`] } } },
    },
    env: { SALLYPORT_EGRESS_ALLOW: new URL(legacy.url).host },
  })
})

afterAll(async () => {
  await sallyport?.stop()
  await Promise.all([modern, legacy, talkative, odd].map((server) => server?.close()))
})

beforeEach(() => {
  onCall = (message, response) => sendResult(response, message.id, textResult('done'))
})

const at = (name: string) => `${sallyport.url}/mcp/${name}`
const owner = (): WireOptions => ({ key: sallyport.ownerKey })
const rpc = (members: object) => JSON.stringify({ jsonrpc: '2.0', ...members })
/** What an upstream was sent since `from` requests, as text. */
const sentTo = (server: RawServer, from = 0) => server.seen.slice(from).map(({ body }) => body.toString())

function api(method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'content-type': 'application/json' }
  return fetch(`${sallyport.url}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

async function createKey(fields: object): Promise<{ id: string; key: string }> {
  const response = await api('POST', '/keys', { name: 'of an attack', ...fields })
  expect(response.status).toBe(201)
  return (await response.json()) as { id: string; key: string }
}

describe('a message that nobody waits for', () => {
  const call = { method: 'tools/call', params: { name: 'echo', arguments: { attack: 'without-an-id' } } }

  it.each(['modern', 'legacy'])('is no way to make a request of the %s era without an id, whatever the credential may do', async (name) => {
    const listOnly = await createKey({ scopes: ['mcp:list'] })
    const session = name === 'legacy' ? await openSession(at(name), owner(), 'idless') : undefined
    const { headers, message } = modernRequest(call.method, call.params)
    const { id: _, ...envelope } = message
    const attempts: [string, WireOptions][] = [
      [rpc(call), owner()],
      [rpc(call), { key: listOnly.key }],
      [JSON.stringify(envelope), { ...owner(), headers }],
      [JSON.stringify(envelope), { key: listOnly.key, headers }],
      ...(session === undefined ? [] : [[rpc(call), { ...owner(), session, headers: { 'mcp-protocol-version': LEGACY } }] as const]),
    ].map(([body, options]) => [body as string, options as WireOptions])
    for (const [body, options] of attempts) {
      const answer = await post(at(name), body, options)
      expect([answer.status, refusalOf(answer).type]).toEqual([400, 'invalid-request'])
    }
    const upstream = name === 'modern' ? modern : legacy
    expect(sentTo(upstream).filter((body) => body.includes('without-an-id'))).toEqual([])
  })

  it('travels when it is a known notification of the session, and not when it is an unknown one', async () => {
    const session = await openSession(at('legacy'), owner(), 'notifier')
    const own = legacy.sessionOf('notifier')
    const options = { ...owner(), session, headers: { 'mcp-protocol-version': LEGACY } }
    const answer = await post(at('legacy'), rpc({ method: 'notifications/of-an-attack', params: { a: 1 } }), options)
    expect([answer.status, answer.text]).toEqual([202, ''])
    const methods = legacy.seen
      .filter(({ headers }) => headers['mcp-session-id'] === own)
      .map(({ body }) => (JSON.parse(body.toString()) as RpcMessage).method)
    expect(methods).toEqual(['notifications/initialized'])
  })

  it('is dropped when it is an unknown notification of the modern era', async () => {
    const { headers, message } = modernRequest('notifications/of-an-attack')
    const { id: _, ...notification } = message
    const answer = await post(at('modern'), JSON.stringify(notification), { ...owner(), headers })
    expect([answer.status, answer.text]).toEqual([202, ''])
    expect(sentTo(modern).join()).not.toContain('of-an-attack')
  })

  it('is a response only within the session in which the server can have asked', async () => {
    const response = (mark: string) => rpc({ id: 77, result: { mark } })
    for (const name of ['modern', 'legacy', 'talkative']) {
      const answer = await post(at(name), response('outside-a-session'), owner())
      expect([answer.status, answer.text]).toEqual([202, ''])
    }
    expect([modern, legacy, talkative].flatMap((server) => sentTo(server)).join()).not.toContain('outside-a-session')
    const session = await openSession(at('legacy'), owner(), 'answering')
    const options = { ...owner(), session, headers: { 'mcp-protocol-version': LEGACY } }
    expect((await post(at('legacy'), response('inside-the-session'), options)).status).toBe(202)
    expect(sentTo(legacy)).toContain(response('inside-the-session'))
  })

  it.each([
    ['notification', { method: 'notifications/cancelled', params: { requestId: 5 } }],
    ['notification that is answered with a stream', { method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }],
    ['response', { id: 78, result: {} }],
  ])('brings nothing back: a body in answer to a %s stays with us', async (_name, members) => {
    const session = await openSession(at('talkative'), owner())
    const options = { ...owner(), session, headers: { 'mcp-protocol-version': LEGACY } }
    const answer = await post(at('talkative'), rpc(members), options)
    expect([answer.status, answer.text]).toEqual([202, ''])
    expect(answer.headers.get('content-type')).toBeNull()
    const last = talkative.seen.at(-1)
    expect([last?.headers['mcp-session-id'], last?.body.toString()]).toEqual([TALKATIVE_SESSION, rpc(members)])
  })
})

describe('a key for some tools only', () => {
  const REFUSED: readonly [string, Record<string, unknown>][] = [
    ['resources/list', {}],
    ['prompts/get', { name: 'echo' }],
    ['tasks/get', { taskId: 'echo' }],
  ]

  it('sees only these at a server of the modern era, and gets nothing that is no tool', async () => {
    const { key } = await createKey({ tools: ['echo'] })
    const list = await callModern(at('modern'), 'tools/list', {}, { key })
    expect(toolNames(list.message?.result)).toEqual(['echo'])
    expect(list.text).not.toContain('secret')
    expect(toolNames((await callModern(at('modern'), 'tools/list', {}, owner())).message?.result)).toEqual(['echo', 'secret'])
    const before = modern.seen.length
    for (const [method, params] of REFUSED) {
      const headers = method === 'tasks/get' ? { 'mcp-name': 'echo' } : {}
      const answer = await callModern(at('modern'), method, params, { key, headers })
      expect([method, answer.message?.error?.code]).toEqual([method, UNKNOWN_METHOD])
    }
    const call = await callModern(at('modern'), 'tools/call', { name: 'secret', arguments: {} }, { key })
    expect(call.message?.error).toBeDefined()
    expect(sentTo(modern, before)).toEqual([])
    await callModern(at('modern'), 'resources/list', {}, owner())
    expect(sentTo(modern, before)).toHaveLength(1)
  })

  it('sees only these at a server of the legacy era, within a session of the server', async () => {
    const { key } = await createKey({ tools: ['echo'] })
    const session = await openSession(at('talkative'), { key })
    const list = await callLegacy(at('talkative'), 'tools/list', {}, { key, session })
    expect(toolNames(list.message?.result)).toEqual(['echo'])
    expect(list.text).not.toContain('secret')
    const before = talkative.seen.length
    for (const [method, params] of REFUSED) {
      const answer = await callLegacy(at('talkative'), method, params, { key, session })
      expect([method, answer.message?.error?.code]).toEqual([method, UNKNOWN_METHOD])
    }
    const call = await callLegacy(at('talkative'), 'tools/call', { name: 'secret', arguments: {} }, { key, session })
    expect(call.message?.error).toBeDefined()
    expect(sentTo(talkative, before)).toEqual([])
    const allowed = await callLegacy(at('talkative'), 'tools/call', { name: 'echo', arguments: {} }, { key, session })
    expect(textOf(allowed.message?.result)).toBe(UNASKED)
  })
})

describe('a member in disguise', () => {
  const given = { name: 'echo', arguments: {} }
  it.each([
    ['paramſ', rpc({ id: 1, method: 'tools/call', params: given, paramſ: { name: 'disguised' } })],
    ['PARAMS', rpc({ id: 1, method: 'tools/call', params: given, PARAMS: { name: 'disguised' } })],
    ['an unknown member', rpc({ id: 1, method: 'tools/call', params: given, disguised: true })],
    ['argumentſ', rpc({ id: 1, method: 'tools/call', params: { ...given, argumentſ: { disguised: true } } })],
    ['ProgressToKen', rpc({ id: 1, method: 'tools/call', params: { ...given, 'progressTo\u212Aen': 'disguised' } })],
    ['clıentInfo', rpc({ id: 1, method: 'tools/call', params: { ...given, clıentInfo: { name: 'disguised' } } })],
  ])('%s is refused', async (_name, body) => {
    for (const path of [at('modern'), at('talkative'), `${sallyport.url}/mcp`]) {
      const answer = await post(path, body, owner())
      expect([path, answer.status, refusalOf(answer).type]).toEqual([path, 400, 'invalid-request'])
    }
    expect([modern, talkative].flatMap((server) => sentTo(server)).join()).not.toContain('disguised')
  })

  it('is refused in a modern request too', async () => {
    const { headers, message } = modernRequest('tools/call', { ...given, argumentſ: { disguised: true } })
    const answer = await post(at('modern'), JSON.stringify(message), { ...owner(), headers })
    expect([answer.status, refusalOf(answer).type]).toEqual([400, 'invalid-request'])
  })
})

describe('a cancellation', () => {
  const headers = { 'mcp-protocol-version': LEGACY }
  const counts = async () =>
    JSON.parse(textOf((await callModern(at('open'), 'tools/call', { name: 'counts', arguments: {} })).message?.result)) as {
      work: number
      cancelled: number
    }
  const cancel = (requestId: unknown, session?: string) =>
    post(at('open'), rpc({ method: 'notifications/cancelled', params: { requestId } }), { session, headers })

  /** A call that does not end by itself, when it has arrived. */
  async function begin(id: number, session?: string) {
    const before = await counts()
    const abort = new AbortController()
    const body = rpc({ id, method: 'tools/call', params: { name: 'work', arguments: {} } })
    const ended = post(at('open'), body, { session, headers, signal: abort.signal }).then(
      ({ status }) => status,
      () => 'hung up',
    )
    await vi.waitFor(async () => expect((await counts()).work).toBe(before.work + 1))
    return { ended, abort: () => abort.abort(), cancelledBefore: before.cancelled }
  }

  beforeAll(() => waitForTools(sallyport, ['open__work']))

  it('without a session ends nobody’s call: whoever hangs up ends their own', async () => {
    const { ended, abort, cancelledBefore } = await begin(4711)
    const session = await openSession(at('open'))
    for (const from of [undefined, session]) expect((await cancel(4711, from)).status).toBe(202)
    const { headers: own, message } = modernRequest('notifications/cancelled', { requestId: 4711 })
    const { id: _, ...notification } = message
    expect((await post(at('open'), JSON.stringify(notification), { headers: own })).status).toBe(202)
    // The server reads in order: had one of them arrived, it would have been counted before this.
    expect((await counts()).cancelled).toBe(cancelledBefore)
    abort()
    expect(await ended).toBe('hung up')
    await vi.waitFor(async () => expect((await counts()).cancelled).toBe(cancelledBefore + 1))
  })

  it('ends a call of its own session and of no other', async () => {
    const [session, other] = [await openSession(at('open')), await openSession(at('open'))]
    const { ended, cancelledBefore } = await begin(4712, session)
    await cancel(4712, other)
    await cancel('4712', session)
    expect((await counts()).cancelled).toBe(cancelledBefore)
    await cancel(4712, session)
    expect(await ended).toBe(202)
    expect((await counts()).cancelled).toBe(cancelledBefore + 1)
  })
})

describe('a key that is revoked during a call', () => {
  it.each([
    ['relayed', '/mcp/modern', 'echo'],
    ['federated', '/mcp', 'modern__echo'],
  ])('gets nothing more of it: the %s stream ends here and at the server', async (_name, path, name) => {
    await waitForTools(sallyport, ['modern__echo'])
    const { id, key } = await createKey({})
    const upstream = Promise.withResolvers<ServerResponse>()
    onCall = ({ params }, response) => {
      const progressToken = (params?.['_meta'] as { progressToken?: string } | undefined)?.progressToken
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${rpc({ method: 'notifications/progress', params: { progressToken, progress: 1 } })}\n\n`)
      upstream.resolve(response)
    }
    const { headers, message } = modernRequest('tools/call', { name, arguments: {}, _meta: { progressToken: 'mine' } })
    const stream = await send(sallyport.url + path, JSON.stringify(message), { key, headers })
    const events = readEvents(stream)
    expect((await events.next()).value).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'mine' } })
    const closed = once(await upstream.promise, 'close')
    expect((await api('DELETE', `/keys/${id}`)).ok).toBe(true)
    const revoked = performance.now()
    const rest: RpcMessage[] = []
    for await (const event of events) rest.push(event)
    await closed
    expect(performance.now() - revoked).toBeLessThan(REVOKED_MS_MAX)
    expect(rest.filter(({ result }) => result !== undefined)).toEqual([])
    expect((await callModern(sallyport.url + path, 'tools/list', {}, { key })).status).toBe(401)
  })
})

describe('a session', () => {
  it('does not outlive the server it was opened with: another one under the same name never hears of it', async () => {
    const spec = (url: string) => ({ spec: { kind: 'remote', url } })
    const next = new URL(legacy.url)
    const created = await api('POST', '/deployments', { name: 'moving', ...spec(legacy.url) })
    expect(created.status).toBe(201)
    const session = await openSession(at('moving'), owner(), 'mover')
    const own = legacy.sessionOf('mover')
    expect((await callLegacy(at('moving'), 'tools/list', {}, { ...owner(), session })).status).toBe(200)
    next.pathname = '/elsewhere'
    expect((await api('PATCH', '/deployments/moving', spec(next.href))).status).toBe(200)
    const stale = await callLegacy(at('moving'), 'tools/list', {}, { ...owner(), session })
    expect([stale.status, refusalOf(stale).type]).toEqual([404, 'unknown-session'])
    const authorization = `Bearer ${sallyport.ownerKey}`
    for (const [method, accept] of [
      ['GET', 'text/event-stream'],
      ['DELETE', '*/*'],
    ] as const) {
      const answer = await fetch(at('moving'), { method, headers: { authorization, accept, 'mcp-session-id': session } })
      expect([method, answer.status]).toEqual([method, 404])
    }
    const there = legacy.seen.filter(({ path }) => path === '/elsewhere')
    expect(there.filter(({ headers }) => headers['mcp-session-id'] === own)).toEqual([])
    const fresh = await openSession(at('moving'), owner(), 'settler')
    expect((await callLegacy(at('moving'), 'tools/list', {}, { ...owner(), session: fresh })).status).toBe(200)
    expect(legacy.seen.at(-1)?.path).toBe('/elsewhere')
  })

  it('that was ended here is unknown, and others of the same caller are not', async () => {
    const everything = `${sallyport.url}/mcp`
    const [ended, other] = [await openSession(everything, owner()), await openSession(everything, owner())]
    const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'mcp-session-id': ended, 'mcp-protocol-version': LEGACY }
    expect((await fetch(everything, { method: 'DELETE', headers })).ok).toBe(true)
    const answer = await callLegacy(everything, 'tools/list', {}, { ...owner(), session: ended })
    expect([answer.status, refusalOf(answer).type]).toEqual([404, 'unknown-session'])
    expect((await callLegacy(everything, 'tools/list', {}, { ...owner(), session: other })).status).toBe(200)
  })
})

describe('the name of a tool', () => {
  it('is excluded by its full form, however short the listed one is', async () => {
    await waitForTools(sallyport, ['odd__plain'])
    const listed = async (path: string) => toolNames((await callModern(sallyport.url + path, 'tools/list', {}, owner())).message?.result)
    const all = (await listed('/mcp')).filter((name) => name.startsWith('odd__a-name'))
    expect(all.map((name) => name.length)).toEqual([64, 64])
    const tidy = await listed('/mcp/tidy')
    expect(tidy).toContain('odd__plain')
    expect(tidy.filter((name) => all.includes(name))).toHaveLength(1)
    const [hidden = ''] = all.filter((name) => !tidy.includes(name))
    const call = await callModern(at('tidy'), 'tools/call', { name: hidden, arguments: {} }, owner())
    expect(call.message?.error?.code).toBe(-32_602)
    expect(sentTo(odd).filter((body) => body.includes('tools/call'))).toEqual([])
  })

  it('has no control characters: such a tool is left out, and said to be', async () => {
    await waitForTools(sallyport, ['odd__plain'])
    const { message } = await callModern(at('tidy'), 'tools/list', {}, owner())
    expect(toolNames(message?.result).filter((name) => /\p{Cc}/u.test(name))).toEqual([])
    expect(toolNames(message?.result)).toHaveLength(2)
    const meta = message?.result?.['_meta'] as Record<string, { server: string; cause: string }[]> | undefined
    const left = meta?.['dev.sallyport/left-out'] ?? []
    expect(left.map(({ server }) => server)).toEqual(CONTROL_NAMES.map(() => 'odd'))
    for (const { cause } of left) expect(cause).toMatch(/control/i)
  })
})
