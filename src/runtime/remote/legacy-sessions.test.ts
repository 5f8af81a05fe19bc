import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import {
  eventOf,
  legacyScript,
  matching,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  type Seen,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function start(script: Script, now?: () => number): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url, now === undefined ? {} : { now })
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}

const call = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'echo', arguments: {} },
  deadlineAtMs: Date.now() + 20_000,
  ...over,
})
const FORMS = { elicitation: { form: {} } }
const sessionOf = ({ headers }: Seen): string => (headers['mcp-session-id'] as string | undefined) ?? ''
const made = (server: ScriptedServer, method: string): Seen[] => server.seen.filter(({ message }) => message.method === method)
const ended = (server: ScriptedServer): string[] => server.seen.filter(({ verb }) => verb === 'DELETE').map(sessionOf)
/** Answers every call with the session that it came in. */
const ok: Script = (seen, response) => {
  if (seen.verb === 'GET') response.writeHead(405).end()
  else sendJson(response, 200, resultFor(seen, { session: sessionOf(seen) }))
}
const textOf = (answer: UpstreamAnswer): unknown => (answer.ok === true ? answer.result['session'] : answer)

describe('the sessions at a legacy server', () => {
  it('are one for each client and what it can be asked, and one of nobody for the rest', async () => {
    const { server, remote } = await start(legacyScript(ok))
    const ask = async (over: Partial<UpstreamRequest>): Promise<unknown> => textOf(await remote.request(call(over)).answer)
    expect(await ask({ method: 'tools/list', params: {} })).toBe('s1')
    const ann = await ask({ principal: 'ann', clientCapabilities: FORMS })
    const others = [
      await ask({ principal: 'ann' }),
      await ask({ principal: 'ann', clientCapabilities: { ...FORMS, sampling: {} } }),
      await ask({ principal: 'bob', clientCapabilities: FORMS }),
      await ask({ principal: '' }),
    ]
    expect(new Set(['s1', ann, ...others]).size).toBe(6)
    // What means the same is the same, and what is not declared makes no difference.
    expect(await ask({ principal: 'ann', clientCapabilities: { extensions: { x: 1 }, elicitation: { form: { y: 2 } } } })).toBe(ann)
    expect(await ask({ principal: 'ann' })).toBe(others[0])
    expect(await ask({ clientCapabilities: FORMS })).toBe('s1')
    expect(made(server, 'initialize').map(({ message }) => message.params!['capabilities'])).toEqual([
      {},
      FORMS,
      {},
      { ...FORMS, sampling: {} },
      FORMS,
      {},
    ])
  })

  it.each([
    ['2025-11-25', { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} }],
    ['2025-06-18', { elicitation: {}, sampling: {}, roots: {} }],
    ['2025-03-26', { sampling: {}, roots: {} }],
  ])('declare in %s what that revision knows', async (protocolVersion, declared) => {
    const script = legacyScript(ok)
    const { server, remote } = await start((seen, response, request) => {
      if (seen.message.method !== 'initialize') script(seen, response, request)
      else sendJson(response, 200, resultFor(seen, { protocolVersion, capabilities: { tools: {} } }), { 'mcp-session-id': 's' })
    })
    const clientCapabilities = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: { listChanged: true }, tasks: {} }
    await remote.request(call({ principal: 'ann', clientCapabilities })).answer
    await remote.request(call({ principal: 'bob', clientCapabilities: { elicitation: { url: {} } } })).answer
    const told = made(server, 'initialize').map(({ message }) => message.params!['capabilities'])
    expect(told).toEqual([{}, declared, protocolVersion === '2025-11-25' ? { elicitation: { url: {} } } : {}])
  })

  it('are opened once, however many calls of a client come first', async () => {
    const { server, remote } = await start(legacyScript(ok))
    const answers = await Promise.all(Array.from({ length: 20 }, () => remote.request(call({ principal: 'ann' })).answer))
    expect(new Set(answers.map(textOf))).toEqual(new Set(['s2']))
    expect(made(server, 'initialize')).toHaveLength(2)
  })

  it('are opened anew when they ended, and nobody else’s with them', async () => {
    const dead = new Set<string>()
    const { server, remote } = await start(
      legacyScript((seen, response, request) => {
        if (dead.has(sessionOf(seen))) response.writeHead(404).end()
        else ok(seen, response, request)
      }),
    )
    const ask = async (principal?: string): Promise<unknown> =>
      textOf(await remote.request(call(principal === undefined ? {} : { principal })).answer)
    expect([await ask(), await ask('ann'), await ask('bob')]).toEqual(['s1', 's2', 's3'])
    dead.add('s2')
    expect(await Promise.all([ask('ann'), ask('ann'), ask('bob'), ask()])).toEqual(['s4', 's4', 's3', 's1'])
    expect(made(server, 'initialize')).toHaveLength(4)
  })

  it('are ended when nobody has used them for long, but not while a call is under way', async () => {
    let nowMs = Date.now()
    const go = Promise.withResolvers<void>()
    const script = legacyScript((seen, response, request) => {
      if (seen.message.params?.['name'] !== 'slow') return ok(seen, response, request)
      go.promise.then(
        () => ok(seen, response, request),
        () => undefined,
      )
    })
    const { server, remote } = await start(script, () => nowMs)
    const soon = (): number => nowMs + LIMITS.deadlineMsMax
    const slow = remote.request(call({ principal: 'ann', params: { name: 'slow' }, deadlineAtMs: soon() }))
    await remote.request(call({ principal: 'bob', deadlineAtMs: soon() })).answer
    nowMs += LIMITS.upstreamSessionIdleMs
    const gone = await server.awaitSeen(({ verb }) => verb === 'DELETE')
    go.resolve()
    const busy = textOf(await slow.answer)
    expect(sessionOf(gone)).not.toBe(busy)
    expect(ended(server)).toEqual([sessionOf(gone)])
    expect(textOf(await remote.request(call({ principal: 'ann', deadlineAtMs: soon() })).answer)).toBe(busy)
    expect(textOf(await remote.request(call({ principal: 'bob', deadlineAtMs: soon() })).answer)).toBe('s4')
  })

  it('are so many, and the one unused for longest makes room', async () => {
    const { server, remote } = await start(legacyScript(ok))
    await remote.describe(Date.now() + 5_000)
    const principals = Array.from({ length: LIMITS.upstreamSessionsMax }, (_, i) => `client ${i}`)
    for (let from = 0; from < principals.length; from += 50)
      await Promise.all(principals.slice(from, from + 50).map((principal) => remote.request(call({ principal })).answer))
    const ask = async (principal: string): Promise<unknown> => textOf(await remote.request(call({ principal })).answer)
    const first = await ask('client 0')
    expect(ended(server)).toEqual([])
    await ask('one more')
    const [gone] = [await server.awaitSeen(({ verb }) => verb === 'DELETE')]
    expect(sessionOf(gone)).not.toBe(first)
    expect(await ask('client 0')).toBe(first)
    expect(ended(server)).toHaveLength(1)
  }, 120_000)

  it('are not opened at a server without sessions, unless the client can be asked', async () => {
    const script = legacyScript(ok)
    const { server, remote } = await start((seen, response, request) => {
      if (seen.message.method !== 'initialize') script(seen, response, request)
      else sendJson(response, 200, resultFor(seen, { protocolVersion: '2025-11-25', capabilities: { tools: {} } }))
    })
    await remote.request(call({ principal: 'ann' })).answer
    await remote.request(call({ principal: 'bob' })).answer
    expect(made(server, 'initialize')).toHaveLength(1)
    await remote.request(call({ principal: 'ann', clientCapabilities: FORMS })).answer
    expect(made(server, 'initialize')).toHaveLength(2)
    expect(server.seen.some(({ verb }) => verb === 'GET')).toBe(false)
  })

  it('have a log level each', async () => {
    const { server, remote } = await start(legacyScript(ok, { tools: {}, logging: {} }))
    const log = { logLevel: 'info', onLog: () => undefined }
    for (const principal of ['ann', 'ann', 'bob']) await remote.request(call({ principal, ...log })).answer
    await remote.request(call({ principal: 'ann', ...log, logLevel: 'debug' })).answer
    expect(made(server, 'logging/setLevel').map((seen) => [sessionOf(seen), seen.message.params!['level']])).toEqual([
      ['s2', 'info'],
      ['s3', 'info'],
      ['s2', 'debug'],
    ])
  })

  it('keep what they are told to themselves, but for what says nothing of their client', async () => {
    const passed = ['notifications/tools/list_changed', 'notifications/resources/updated', 'notifications/elicitation/complete']
    const kept = ['notifications/message', 'notifications/progress', 'notifications/com.example/account', 'notifications/tasks/status']
    const { remote } = await start(
      legacyScript((seen, response) => {
        if (seen.verb === 'GET' || sessionOf(seen) === 's1') return void response.writeHead(405).end()
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const method of [...kept, ...passed]) response.write(eventOf({ jsonrpc: '2.0', method, params: { of: seen.message.id } }))
        response.end(eventOf(resultFor(seen, {})))
      }),
    )
    const heard: string[] = []
    remote.onNotification((method) => void heard.push(method))
    expect(await remote.request(call({ principal: 'ann' })).answer).toMatchObject({ ok: true })
    expect(heard).toEqual(passed)
  })

  it('are no reason to doubt the server when one more is refused', async () => {
    const script = legacyScript(ok)
    let handshakes = 0
    const { server, remote } = await start((seen, response, request) => {
      if (seen.message.method === 'initialize' && ++handshakes > 1)
        sendJson(response, 400, {
          jsonrpc: '2.0',
          id: null,
          error: { code: -32600, message: 'Invalid Request: Server already initialized' },
        })
      else script(seen, response, request)
    })
    expect(textOf(await remote.request(call()).answer)).toBe('s1')
    await expect(remote.request(call({ principal: 'ann' })).answer).rejects.toMatchObject({
      type: 'upstream-failed',
      message: matching('initialize'),
    })
    expect(textOf(await remote.request(call()).answer)).toBe('s1')
    expect(ended(server)).toEqual([])
  })
})

describe('200 clients at once (R12)', () => {
  it('are asked what their own calls want to know, and get their own answers, progress and log', async () => {
    const waiting = new Map<string, (answer: unknown) => void>()
    const { server, remote } = await start(
      legacyScript((seen, response) => {
        if (seen.verb === 'GET') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
        if (seen.message.method === undefined) {
          waiting.get(`${sessionOf(seen)} ${seen.message.id}`)?.(seen.message['result'])
          return void response.writeHead(202).end()
        }
        if (seen.message.method !== 'tools/call') return void response.writeHead(seen.message.id === undefined ? 202 : 404).end()
        const nonce = (seen.message.params!['arguments'] as { nonce: string }).nonce
        const progressToken = (seen.message.params!['_meta'] as { progressToken: number }).progressToken
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        // Every server of the world numbers its requests from one.
        waiting.set(`${sessionOf(seen)} 1`, (answer) => {
          response.write(
            eventOf({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1, message: nonce } }),
          )
          response.write(eventOf({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: nonce } }))
          response.end(eventOf(resultFor(seen, { nonce, answer })))
        })
        const params = { message: nonce, requestedSchema: {} }
        setTimeout(() => response.write(eventOf({ jsonrpc: '2.0', id: 1, method: 'elicitation/create', params })), Math.random() * 50)
      }),
    )
    const one = async (i: number): Promise<void> => {
      const nonce = `nonce-${i}`
      const heard: unknown[] = []
      const request = call({
        principal: `client ${i}`,
        clientCapabilities: FORMS,
        params: { name: 'ask', arguments: { nonce } },
        deadlineAtMs: Date.now() + 110_000,
        logLevel: 'error',
        onProgress: ({ message }) => void heard.push(message),
        onLog: ({ data }) => void heard.push(data),
      })
      const first = remote.request(request)
      if (i % 10 === 9) {
        first.cancel('gone')
        const refusal: unknown = await first.answer.catch((error: unknown) => error)
        if (!(refusal instanceof Error) || !refusal.message.includes('cancelled')) throw new Error('the call was not cancelled')
        return
      }
      const asked = await first.answer
      if (asked.ok !== 'input') throw new Error(JSON.stringify(asked))
      const [[key, { params }]] = Object.entries(asked.input.requests) as unknown as [[string, { params: Record<string, unknown> }]]
      expect(params['message']).toBe(nonce)
      // Somebody else with the name of this call gets nothing of it.
      const thief = {
        ...request,
        principal: `client ${i + 1}`,
        given: { responses: { [key]: { action: 'accept' } }, state: asked.input.state },
      }
      await expect(remote.request(thief).answer).rejects.toMatchObject({ type: 'invalid-params' })
      const given = { responses: { [key]: { action: 'accept', content: { nonce } } }, state: asked.input.state }
      expect(await remote.request({ ...request, given }).answer).toEqual({
        ok: true,
        result: { nonce, answer: { action: 'accept', content: { nonce } } },
      })
      expect(heard).toEqual([nonce, nonce])
    }
    await Promise.all(Array.from({ length: 200 }, (_, i) => one(i)))
    const sessions = new Map<string, Set<unknown>>()
    for (const seen of server.seen.filter(({ message }) => message.method === 'tools/call')) {
      const nonces = sessions.get(sessionOf(seen)) ?? new Set()
      sessions.set(sessionOf(seen), nonces.add((seen.message.params!['arguments'] as { nonce: string }).nonce))
    }
    expect([...sessions.values()].every((nonces) => nonces.size === 1)).toBe(true)
    expect(sessions.size).toBeGreaterThanOrEqual(180)
  }, 120_000)
})
