// `/mcp/{deployment}` before a server of the client's own era passes bytes on and invents nothing.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LegacyUpstream, startLegacyUpstream } from '../fixtures/legacy-upstream.ts'
import { type ModernServer, startModernServer } from '../fixtures/modern-server.ts'
import { type RpcMessage as UpstreamMessage, sendResult, startModernUpstream, textResult } from '../fixtures/modern-upstream.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { callLegacy, listen, modernRequest, openSession, post, readEvents, type RpcMessage, send, type WireOptions } from './wire.ts'

/** Longer than any timer of an ordinary call that a test could wait for. */
const QUIET_MS = 2_000
const OWN_HEADER = 'upstream-credential-of-the-deployment'

let modern: RawServer
let legacy: LegacyUpstream
let listened: ModernServer
let sallyport: Sallyport
let onCall: (message: UpstreamMessage, response: ServerResponse) => void

beforeAll(async () => {
  modern = await startModernUpstream((message, response) => onCall(message, response))
  legacy = await startLegacyUpstream()
  listened = await startModernServer()
  sallyport = await startSallyport({
    declared: {
      mcpServers: {
        modern: { url: modern.url, headers: { 'X-Api-Key': OWN_HEADER } },
        legacy: { url: legacy.url },
        twin: { url: legacy.url },
        listened: { url: listened.url },
      },
    },
  })
})

afterAll(async () => {
  await sallyport?.stop()
  await modern?.close()
  await legacy?.close()
  await listened?.close()
})

beforeEach(() => {
  onCall = (message, response) => sendResult(response, message.id, textResult('done'))
})

const at = (name: string) => `${sallyport.url}/mcp/${name}`
/** The newest `tools/call` that the modern upstream saw, among whatever the gateway asks on its own account. */
const lastCall = () => modern.seen.findLast(({ headers }) => headers['mcp-method'] === 'tools/call')
const owner = (): WireOptions => ({ key: sallyport.ownerKey })

describe('a modern call', () => {
  it('reaches the upstream with the very bytes that the client sent, and so does the answer on its way back', async () => {
    const { headers, message } = modernRequest('tools/call', { name: 'work', arguments: { text: 'käse 🧀' }, unknownMember: [1, 2.5e-7] })
    const body = `\n ${JSON.stringify(message, null, 3).replace('käse', 'k\\u00e4se')}\t\n`
    let sent = ''
    onCall = ({ id }, response) => {
      sent = `{ "result" : {"content":[ {"text":"\\u00fcber\\/alles 🧀","type":"text"}],"resultType":"complete", "x":1.0} ,"id": ${String(id)},"jsonrpc":"2.0"}\n`
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(sent)
    }
    const answer = await post(at('modern'), body, { ...owner(), headers })
    expect(lastCall()?.body.toString()).toBe(body)
    expect(answer.text).toBe(sent)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('carries the protocol headers and the credential of the deployment, and nothing else of the client', async () => {
    const { headers, message } = modernRequest('tools/call', { name: 'work', arguments: { region: 'eu' } })
    const foreign = {
      cookie: 'session=client-cookie',
      'x-forwarded-for': '203.0.113.9',
      'x-api-key': 'from-the-client',
      'proxy-authorization': 'Basic Y2xpZW50',
    }
    await post(at('modern'), JSON.stringify(message), { ...owner(), headers: { ...headers, 'mcp-param-region': 'eu', ...foreign } })
    const seen = lastCall()
    expect(seen?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'work',
      'mcp-param-region': 'eu',
      'x-api-key': OWN_HEADER,
    })
    expect(seen?.headers.authorization).toBeUndefined()
    const all = JSON.stringify(seen?.rawHeaders)
    for (const secret of [sallyport.ownerKey, 'client-cookie', '203.0.113.9', 'from-the-client', 'Y2xpZW50'])
      expect(all).not.toContain(secret)
  })

  it('streams: the first event arrives before the last one is made, byte for byte', async () => {
    const { headers, message } = modernRequest('tools/call', { name: 'work', _meta: { progressToken: 'p' } })
    const first = `: hello\nid: 7\nretry: 250\nevent: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress",\ndata: "params":{"progressToken":"p","progress":1}}\n\n`
    let last = ''
    const firstArrived = Promise.withResolvers<void>()
    onCall = ({ id }, response) => {
      last = `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: textResult('done') })}\r\n\r\n`
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(first)
      void firstArrived.promise.then(() => response.end(last))
    }
    const response = await send(at('modern'), JSON.stringify(message), { ...owner(), headers })
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      if (text.length >= first.length) firstArrived.resolve()
    }
    expect(text).toBe(first + last)
    expect(response.headers.get('x-accel-buffering')).toBe('no')
  })

  it.each(['before', 'after'])('is cancelled at the upstream when the client goes %s the first event', async (when) => {
    const { headers, message } = modernRequest('tools/call', { name: 'work' })
    const reached = Promise.withResolvers<ServerResponse>()
    onCall = (_message, response) => {
      if (when === 'after') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}\n\n')
      }
      reached.resolve(response)
    }
    const abort = new AbortController()
    const call = send(at('modern'), JSON.stringify(message), { ...owner(), headers, signal: abort.signal })
    if (when === 'after') await call
    else call.catch(() => undefined)
    const response = await reached.promise
    const closed = once(response, 'close')
    abort.abort()
    await closed
    expect(response.writableFinished).toBe(false)
  })

  it('shows a JSON-RPC error of the upstream as it is', async () => {
    const { headers, message } = modernRequest('tools/call', { name: 'work' })
    const error = { code: -32_602, message: 'No such thing', data: { hint: 'try another' } }
    onCall = ({ id }, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error }))
    const answer = await post(at('modern'), JSON.stringify(message), { ...owner(), headers })
    expect([answer.status, answer.message?.error]).toEqual([200, error])
  })
})

describe('a modern subscription', () => {
  it('stays open while nothing happens, under the id of the client, and ends with it', async () => {
    const { headers, message } = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } })
    const abort = new AbortController()
    const before = listened.listens
    const stream = await send(at('listened'), JSON.stringify(message), { ...owner(), headers, signal: abort.signal })
    const events = readEvents(stream)
    expect((await events.next()).value).toMatchObject({ method: 'notifications/subscriptions/acknowledged' })
    await delay(QUIET_MS)
    listened.changeTools()
    const { value } = (await events.next()) as { value: RpcMessage | undefined }
    expect(value?.method).toBe('notifications/tools/list_changed')
    expect(value?.params?.['_meta']).toHaveProperty(['io.modelcontextprotocol/subscriptionId'], message.id)
    abort.abort()
    await vi.waitFor(() => expect(listened.listens).toBe(before))
  })
})

describe('a legacy session', () => {
  /** Opens one through the gateway; `own` is its id at the upstream, which knows it by the client's name. */
  async function open(name: string): Promise<{ session: string; own: string }> {
    const session = await openSession(at('legacy'), owner(), name)
    return { session, own: legacy.sessionOf(name) }
  }

  it('has an id of ours, which says nothing about the id of the upstream', async () => {
    const { session, own } = await open('ids')
    expect(own).not.toBe('')
    expect(session).toMatch(/^[\u0021-\u007e]+$/)
    expect(session).not.toContain(own)
    expect(Buffer.from(session, 'base64url').toString('latin1')).not.toContain(own)
    const answer = await callLegacy(at('legacy'), 'tools/list', {}, { ...owner(), session })
    expect(answer.message?.result).toHaveProperty('tools')
    const seen = legacy.seen.findLast(({ headers }) => headers['mcp-session-id'] === own)
    expect(JSON.parse(String(seen?.body))).toMatchObject({ id: answer.message?.id, method: 'tools/list' })
    expect(JSON.stringify([...answer.headers])).not.toContain(own)
  })

  it('is unknown to whoever made it up, changed it, or brings that of another caller or address: always the same 404', async () => {
    const { session, own } = await open('stolen')
    const other = await createKey('other')
    const flipped = (index: number) => session.slice(0, index) + (session[index] === 'A' ? 'B' : 'A') + session.slice(index + 1)
    const attempts: Record<string, [string, WireOptions]> = {
      unknown: ['legacy', { ...owner(), session: 'made-up' }],
      'of the upstream': ['legacy', { ...owner(), session: own }],
      'first character changed': ['legacy', { ...owner(), session: flipped(0) }],
      'middle changed': ['legacy', { ...owner(), session: flipped(Math.floor(session.length / 2)) }],
      'last but one changed': ['legacy', { ...owner(), session: flipped(session.length - 2) }],
      'cut short': ['legacy', { ...owner(), session: session.slice(0, -4) }],
      'of another caller': ['legacy', { key: other, session }],
      'of another address': ['twin', { ...owner(), session }],
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'thief', method: 'tools/list' })
    const answers = await Promise.all(
      Object.entries(attempts).map(async ([name, [deployment, options]]) => {
        const answer = await post(at(deployment), body, { ...options, headers: { 'mcp-protocol-version': '2025-11-25' } })
        return { name, status: answer.status, text: answer.text }
      }),
    )
    const text = answers[0]?.text
    expect(answers).toEqual(Object.keys(attempts).map((name) => ({ name, status: 404, text })))
    expect(text).toContain('unknown-session')
    expect(legacy.seen.some((request) => request.body.includes('thief'))).toBe(false)
  })

  it('hears on its GET stream what the upstream pushes, and hanging up closes the stream there', async () => {
    const { session, own } = await open('listener')
    const abort = new AbortController()
    const stream = await listen(at('legacy'), { ...owner(), session, signal: abort.signal })
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    await vi.waitFor(() => expect(legacy.push(own)).toBe(1))
    // A stream on which nothing happens has no deadline.
    await delay(QUIET_MS)
    expect(legacy.push(own)).toBe(1)
    legacy.push(own, { method: 'notifications/tools/list_changed' })
    const first = await readEvents(stream).next()
    expect(first.value).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    abort.abort()
    await vi.waitFor(() => expect(legacy.push(own)).toBe(0))
  })

  it('ends with DELETE, there and here', async () => {
    const { session, own } = await open('leaver')
    expect(legacy.isOpen(own)).toBe(true)
    const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }
    const ended = await fetch(at('legacy'), { method: 'DELETE', headers })
    expect(ended.ok).toBe(true)
    expect(legacy.isOpen(own)).toBe(false)
    const after = await callLegacy(at('legacy'), 'tools/list', {}, { ...owner(), session })
    expect(after.status).toBe(404)
  })
})

async function createKey(name: string): Promise<string> {
  const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'content-type': 'application/json' }
  const response = await fetch(`${sallyport.url}/api/v1/keys`, { method: 'POST', headers, body: JSON.stringify({ name }) })
  expect(response.status).toBe(201)
  return ((await response.json()) as { key: string }).key
}
