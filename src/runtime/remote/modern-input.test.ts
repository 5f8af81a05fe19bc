import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import {
  matching,
  metaOf,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type ScriptedServer,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** A modern server that answers every call with this result. */
async function setUp(result: (seen: ScriptedServer['seen'][number]) => object): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const script = modernScript((seen, response) => {
    const isList = seen.message.method === 'tools/list'
    sendJson(response, 200, resultFor(seen, isList ? { tools: [{ name: 'book', inputSchema: { type: 'object' } }] } : result(seen)))
  })
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const call = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'book', arguments: {} },
  deadlineAtMs: Date.now() + 5_000,
  principal: 'ann',
  clientCapabilities: { elicitation: { form: {} }, sampling: {} },
  ...over,
})
const form = { method: 'elicitation/create', params: { message: 'When?', requestedSchema: { type: 'object' }, 'com.example/x': [1] } }
const asking = (requests: unknown, more: object = {}): object => ({ resultType: 'input_required', inputRequests: requests, ...more })

describe('a modern server', () => {
  it('is told what the client of each call can be asked, and of nothing without a client', async () => {
    const { server, remote } = await setUp(() => ({ resultType: 'complete', content: [] }))
    const clientCapabilities = { elicitation: { url: {} }, ...TASKS }
    await remote.request(call({ clientCapabilities })).answer
    expect(metaOf(server.seen.at(-1)!)['io.modelcontextprotocol/clientCapabilities']).toEqual(clientCapabilities)
    for (const { message, headers } of server.seen.slice(0, -1))
      expect([message.method, metaOf({ message, headers, verb: '' })['io.modelcontextprotocol/clientCapabilities']]).toEqual([
        message.method,
        {},
      ])
  })

  it('asks for input, which goes to the caller as it is, and gets the answers and its state as they are', async () => {
    const state = 'ä"\\ \u0000\u{1f600} =?base64?eA==?='
    const { server, remote } = await setUp((seen) =>
      seen.message.params?.['inputResponses'] === undefined
        ? asking(
            { 'when?': form, __proto__x: { method: 'sampling/createMessage', params: { maxTokens: 1, messages: [] } } },
            { requestState: state },
          )
        : { resultType: 'complete', content: [{ type: 'text', text: 'booked' }] },
    )
    const first = await remote.request(call()).answer
    expect(first).toEqual({
      ok: 'input',
      input: {
        requests: { 'when?': form, __proto__x: { method: 'sampling/createMessage', params: { maxTokens: 1, messages: [] } } },
        state,
      },
    })
    const responses = { 'when?': { action: 'accept', content: { day: 1 } }, extra: null }
    expect(await remote.request(call({ given: { responses, state } })).answer).toEqual({
      ok: true,
      result: { content: [{ type: 'text', text: 'booked' }] },
    })
    expect(server.seen.at(-1)!.message.params).toMatchObject({ name: 'book', inputResponses: responses, requestState: state })
    await remote.request(call({ given: { responses, state: null } })).answer
    expect(server.seen.at(-1)!.message.params).not.toHaveProperty('requestState')
  })

  it.each([
    ['prompts/get', { name: 'p' }],
    ['resources/read', { uri: 'file:///a' }],
  ])('may ask in %s, and with a state alone', async (method, params) => {
    const { remote } = await setUp(() => ({ resultType: 'input_required', requestState: '' }))
    expect(await remote.request(call({ method, params })).answer).toEqual({ ok: 'input', input: { requests: {}, state: '' } })
  })

  const url = { method: 'elicitation/create', params: { mode: 'url', message: 'Pay', url: 'https://pay.example' } }
  const withTools = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1, tools: [] } }
  const bad: [string, object, RegExp, Partial<UpstreamRequest>?][] = [
    ['a method that no client has', asking({ a: { method: 'tools/call', params: {} } }), /"tools\/call"/],
    ['a method that is a number', asking({ a: { method: 1, params: {} } }), /without a method/],
    ['no object', asking({ a: 'elicitation/create' }), /without a method/],
    ['a list of requests', asking([form]), /./],
    ['parameters that are none', asking({ a: { method: 'roots/list', params: [] } }), /asks for/],
    ['nothing at all', { resultType: 'input_required' }, /asks for input/],
    ['a state that is no text', asking({ a: form }, { requestState: { a: 1 } }), /asks for input/],
    ['roots, which were not declared', asking({ a: form, b: { method: 'roots/list' } }), /roots\/list/],
    ['an address to visit, where forms were declared', asking({ a: url }), /elicitation\/create/],
    [
      'a form, where addresses were declared',
      asking({ a: form }),
      /elicitation\/create/,
      { clientCapabilities: { elicitation: { url: {} } } },
    ],
    ['sampling with tools, where sampling was declared', asking({ a: withTools }), /sampling\/createMessage/],
    ['anything, where nothing was declared', asking({ a: form }), /elicitation\/create/, { clientCapabilities: {} }],
    [
      'too much at once',
      asking(Object.fromEntries(Array.from({ length: LIMITS.serverRequestsMax + 1 }, (_, i) => [i, form]))),
      /more than/,
    ],
    ['for a list', asking({ a: form }), /./, { method: 'prompts/list', params: {} }],
    [
      'with a state that could not come back',
      asking({ a: form }, { requestState: '"'.repeat(LIMITS.upstreamStateBytesMax / 2) }),
      /state of more than/,
    ],
    ['with a task that nobody spoke of', { resultType: 'task', taskId: 't' }, /not asked for/],
    [
      'with a task for a prompt',
      { resultType: 'task', taskId: 't' },
      /not asked for/,
      { method: 'prompts/get', clientCapabilities: TASKS },
    ],
    ['with another kind of result', { resultType: 'riddle' }, /not asked for/, { clientCapabilities: TASKS }],
    ['with a kind of result that is no text', { resultType: 7 }, /not asked for/, { clientCapabilities: TASKS }],
  ]
  it.each(bad)('fails with a cause when it asks for %s', async (_what, result, text, over = {}) => {
    const { remote } = await setUp(() => result)
    await expect(remote.request(call(over)).answer).rejects.toMatchObject({
      type: 'upstream-failed',
      message: matching(text),
      remedy: matching(/./),
    })
  })

  it('may answer with a task where its client knows tasks, and is asked for it by its id', async () => {
    const { server, remote } = await setUp(() => ({ resultType: 'task', taskId: 't 1', status: 'working' }))
    expect(await remote.request(call({ clientCapabilities: TASKS })).answer).toEqual({
      ok: true,
      result: { resultType: 'task', taskId: 't 1', status: 'working' },
    })
    await remote.request(call({ method: 'tasks/get', params: { taskId: 'tä' }, clientCapabilities: TASKS })).answer.catch(() => undefined)
    expect(server.seen.at(-1)!.headers).toMatchObject({ 'mcp-method': 'tasks/get', 'mcp-name': '=?base64?dMOk?=' })
  })
})
