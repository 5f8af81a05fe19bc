// A profile of servers of both eras offers everything they have: not only tools but prompts, resources, completions,
// changes and tasks, to clients of both eras.
import { setTimeout as delay } from 'node:timers/promises'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ConformanceFixture } from '../conformance/fixture/index.ts'
import { startModernUpstream, textResult, sendResult } from '../fixtures/modern-upstream.ts'
import { startTaskServer, TASKS, type TaskServer } from '../fixtures/task-server.ts'
import { type RawServer, type Sallyport, startFixture, startRawServer, startSallyport } from './harness.ts'
import { everythingOverStdio, type RunningServer, startEverythingOverHttp, waitForTools } from './upstreams.ts'
import {
  callLegacy,
  callModern,
  listen,
  modernRequest,
  openSession,
  post,
  readEvents,
  type RpcMessage,
  send,
  toolNames,
  type WireAnswer,
} from './wire.ts'

type Json = Record<string, unknown>

const INFO = { name: 'federation', version: '1.0.0' }

let everything: RunningServer
let fixture: ConformanceFixture
let jobs: TaskServer
let sallyport: Sallyport

beforeAll(async () => {
  everything = await startEverythingOverHttp()
  fixture = await startFixture()
  jobs = await startTaskServer()
  sallyport = await startSallyport({
    declared: {
      mcpServers: { old: everythingOverStdio, second: { url: everything.url }, fresh: { url: fixture.url }, jobs: { url: jobs.url } },
      profiles: { dev: { servers: ['old', 'second', 'fresh', 'jobs'] } },
    },
  })
  await waitForTools(sallyport, ['old__echo', 'second__echo', 'fresh__test_simple_text', 'jobs__build'])
})

afterAll(async () => {
  await sallyport?.stop()
  await Promise.all([everything?.close(), fixture?.close(), jobs?.close()])
})

const at = (): string => `${sallyport.url}/mcp/dev`
const owner = () => ({ key: sallyport.ownerKey })
const ask = (method: string, params: Json = {}): Promise<WireAnswer> => callModern(at(), method, params, owner())

/** What both generations of the SDK have in common. */
interface SdkClient {
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  getPrompt(params: Json): Promise<{ messages: { content: { text?: string } }[] }>
  listResources(): Promise<{ resources: { uri: string }[] }>
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>
  complete(params: Json): Promise<{ completion: { values: string[] } }>
  getServerCapabilities(): Json | undefined
  close(): Promise<void>
}

async function connect(mode: '1.x' | 'legacy' | { pin: string }): Promise<SdkClient> {
  const requestInit = { headers: { authorization: `Bearer ${sallyport.ownerKey}` } }
  if (mode === '1.x') {
    const client = new ClientV1(INFO)
    await client.connect(new TransportV1(new URL(at()), { requestInit }))
    return client as unknown as SdkClient
  }
  const client = new ClientV2(INFO, { versionNegotiation: { mode } })
  await client.connect(new TransportV2(new URL(at()), { requestInit }))
  return client as unknown as SdkClient
}

describe.each([
  ['SDK 1.x', '1.x'],
  ['SDK 2.x, legacy', 'legacy'],
  ['SDK 2.x, modern', { pin: '2026-07-28' }],
] as const)('%s at a profile of servers of both eras', (_name, mode) => {
  let client: SdkClient

  beforeAll(async () => {
    client = await connect(mode)
  })
  afterAll(() => client?.close())

  it('learns that there is more than tools', () => {
    expect(client.getServerCapabilities()).toMatchObject({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
    })
  })

  it('lists the prompts of all servers and gets one of each era', async () => {
    const names = (await client.listPrompts()).prompts.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['fresh__test_simple_prompt', 'old__simple-prompt', 'second__simple-prompt']))
    expect(names).toEqual(names.toSorted())
    const fresh = await client.getPrompt({ name: 'fresh__test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } })
    expect(fresh.messages[0]?.content.text).toContain("arg1='a'")
    expect((await client.getPrompt({ name: 'old__simple-prompt' })).messages).toHaveLength(1)
  })

  it('reads listed resources, templates, and those of the second server by its name', async () => {
    const uris = (await client.listResources()).resources.map(({ uri }) => uri)
    expect(uris).toEqual(
      expect.arrayContaining(['jobs://status', 'test://static-text', expect.stringMatching(/^demo:\/\/resource\/static\/document\//)]),
    )
    expect(new Set(uris).size).toBe(uris.length)
    expect((await client.readResource({ uri: 'test://static-text' })).contents[0]?.text).toContain('static text resource')
    const templates = (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)
    expect(templates).toEqual(expect.arrayContaining(['demo://resource/dynamic/text/{resourceId}', 'test://template/{id}/data']))
    expect((await client.readResource({ uri: 'test://template/7/data' })).contents[0]?.text).toContain('"id":"7"')
    for (const uri of ['demo://resource/dynamic/text/3', 'demo+second://resource/dynamic/text/3']) {
      const [content] = (await client.readResource({ uri })).contents
      expect(content).toMatchObject({ uri, text: expect.stringContaining('Resource 3') as string })
    }
    await expect(client.readResource({ uri: 'nobody://x' })).rejects.toThrow(/nobody:\/\/x/)
  })

  it('completes the argument of a prompt', async () => {
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'fresh__test_prompt_with_arguments' },
      argument: { name: 'arg1', value: 'par' },
    })
    expect(completion.values).toEqual(expect.arrayContaining(['paris', 'park', 'party']))
  })
})

describe('a result of the second server', () => {
  it('links to resources so that they are read there', async () => {
    const { message } = await ask('tools/call', { name: 'second__get-resource-links', arguments: { count: 2 } })
    const links = ((message?.result?.['content'] ?? []) as Json[])
      .filter(({ type }) => type === 'resource_link')
      .map(({ uri }) => uri as string)
    expect(links).toHaveLength(2)
    for (const uri of links) {
      expect(uri).toMatch(/^demo\+second:\/\//)
      expect((await ask('resources/read', { uri })).message?.result).toMatchObject({ contents: [{ uri }] })
    }
  })

  it('is named in the list as one that comes second', async () => {
    const { message } = await ask('resources/templates/list')
    const left = (message?.result?.['_meta'] as Json | undefined)?.['dev.sallyport/left-out'] as Json[]
    expect(left).toContainEqual({
      server: 'second',
      resourceTemplate: 'demo://resource/dynamic/text/{resourceId}',
      cause: expect.stringContaining('old') as string,
      remedy: 'Name it by its server: demo+second://resource/dynamic/text/{resourceId}.',
    })
  })
})

describe('changes', () => {
  const next = async (events: AsyncGenerator<RpcMessage>): Promise<RpcMessage | undefined> =>
    (await events.next()).value as RpcMessage | undefined

  it('reach a modern stream: lists and the resources that were asked for', async () => {
    const notifications = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['jobs://status', 'nobody://x'] }
    const { headers, message } = modernRequest('subscriptions/listen', { notifications })
    const abort = new AbortController()
    const events = readEvents(await send(at(), JSON.stringify(message), { ...owner(), headers, signal: abort.signal }))
    expect((await next(events))?.params?.['notifications']).toEqual({ ...notifications, resourceSubscriptions: ['jobs://status'] })
    await vi.waitFor(() => expect(jobs.listening.flatMap((wanted) => wanted['resourceSubscriptions'] ?? [])).toEqual(['jobs://status']), {
      timeout: 10_000,
    })
    jobs.tell('notifications/resources/updated', { uri: 'jobs://status' })
    const updated = await next(events)
    expect(updated).toMatchObject({ method: 'notifications/resources/updated', params: { uri: 'jobs://status' } })
    expect(updated?.params?.['_meta']).toHaveProperty(['io.modelcontextprotocol/subscriptionId'], message.id)
    await vi.waitFor(
      async () => {
        await ask('tools/call', { name: 'fresh__test_trigger_prompt_change', arguments: {} })
        expect((await Promise.race([next(events), delay(1_000, undefined)]))?.method).toBe('notifications/prompts/list_changed')
      },
      { timeout: 20_000 },
    )
    abort.abort()
    await vi.waitFor(() => expect(jobs.listening.flatMap((wanted) => wanted['resourceSubscriptions'] ?? [])).toEqual([]), {
      timeout: 10_000,
    })
  })

  it('reach the stream of a legacy session', async () => {
    const session = await openSession(at(), owner())
    const abort = new AbortController()
    const events = readEvents(await listen(at(), { ...owner(), session, signal: abort.signal }))
    const first = next(events)
    await vi.waitFor(
      async () => {
        await callLegacy(at(), 'tools/call', { name: 'fresh__test_trigger_prompt_change', arguments: {} }, { ...owner(), session })
        expect((await Promise.race([first, delay(1_000, undefined)]))?.method).toBe('notifications/prompts/list_changed')
      },
      { timeout: 20_000 },
    )
    abort.abort()
  })
})

describe('a task', () => {
  const declared = { extensions: { [TASKS]: {} } }
  const askDeclared = (method: string, params: Json): Promise<WireAnswer> => {
    const { headers, message } = modernRequest(method, params, declared)
    const name = params['taskId'] ?? params['name']
    return post(at(), JSON.stringify(message), { ...owner(), headers: { ...headers, 'mcp-name': String(name) } })
  }

  it('is started, fed, followed and finished through the profile, under an id of ours', async () => {
    const started = await askDeclared('tools/call', { name: 'jobs__build', arguments: {} })
    const taskId = String(started.message?.result?.['taskId'])
    expect(started.message?.result).toMatchObject({ resultType: 'task', status: 'working' })
    expect(taskId).not.toContain('job-1')
    const asked = await askDeclared('tasks/get', { taskId })
    expect(asked.message?.result).toMatchObject({
      resultType: 'complete',
      taskId,
      status: 'input_required',
      inputRequests: { who: { method: 'elicitation/create' } },
    })
    await askDeclared('tasks/update', { taskId, inputResponses: { who: { action: 'accept', content: { name: 'Ada' } } } })
    const fed = await askDeclared('tasks/get', { taskId })
    expect(fed.message?.result).toMatchObject({ status: 'working', statusMessage: expect.stringContaining('Ada') as string })
    expect(new Set(jobs.taskNames)).toEqual(new Set(['job-1']))

    const { headers, message } = modernRequest('subscriptions/listen', { notifications: { taskIds: [taskId] } }, declared)
    const abort = new AbortController()
    const events = readEvents(await send(at(), JSON.stringify(message), { ...owner(), headers, signal: abort.signal }))
    expect(((await events.next()).value as RpcMessage).params?.['notifications']).toEqual({ taskIds: [taskId] })
    await vi.waitFor(() => expect(jobs.listening.flatMap((wanted) => wanted['taskIds'] ?? [])).toEqual(['job-1']), { timeout: 10_000 })
    jobs.finish('job-1')
    expect((await events.next()).value).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, status: 'completed', result: { content: [{ text: 'Built' }] } },
    })
    abort.abort()
  })

  it('is refused to a client that did not declare the extension, and unknown to one that made it up', async () => {
    const undeclared = await callModern(at(), 'tasks/get', { taskId: 'x' }, { ...owner(), headers: { 'mcp-name': 'x' } })
    expect([undeclared.status, undeclared.message?.error?.code]).toEqual([400, -32_021])
    expect(undeclared.message?.error?.data?.['requiredCapabilities']).toEqual(declared)
    expect((await askDeclared('tasks/get', { taskId: 'job-1' })).message?.error?.code).toBe(-32_602)
  })
})

describe('fifty servers, one of them dead', () => {
  const COUNT = 50
  const DEADLINE_MS = 1_500
  /** What the other 49 may take for their first contact on a busy machine. */
  const OTHERS_MS = 8_000
  let upstream: RawServer
  let silent: RawServer
  let many: Sallyport

  beforeAll(async () => {
    const tools = Array.from({ length: 100 }, (_, index) => ({ name: `t${String(index)}`, inputSchema: { type: 'object' } }))
    upstream = await startModernUpstream(({ id }, response) => sendResult(response, id, textResult('done')), tools)
    silent = await startRawServer(() => {})
    const names = Array.from({ length: COUNT }, (_, index) => `s${String(index)}`)
    const dead = { url: silent.url, sallyport: { deadlineMs: DEADLINE_MS, startDeadlineMs: DEADLINE_MS } }
    const mcpServers = Object.fromEntries(names.map((name, index) => [name, index === 7 ? dead : { url: upstream.url }]))
    many = await startSallyport({ declared: { mcpServers, profiles: { all: { servers: names } } } })
  })
  afterAll(async () => {
    await many?.stop()
    await Promise.all([upstream?.close(), silent?.close()])
  })

  const askAll = async (method: string): Promise<{ result: Json; ms: number }> => {
    const started = performance.now()
    const { message } = await callModern(`${many.url}/mcp/all`, method, {}, { key: many.ownerKey })
    return { result: message?.result ?? {}, ms: performance.now() - started }
  }

  it('list what 49 have within the deadline of the dead one, which is named', async () => {
    const { result, ms } = await askAll('tools/list')
    expect(toolNames(result)).toHaveLength((COUNT - 1) * 100)
    expect(ms).toBeLessThan(DEADLINE_MS + OTHERS_MS)
    expect((result['_meta'] as Json)['dev.sallyport/servers']).toEqual([
      {
        server: 's7',
        state: 'unavailable',
        cause: expect.stringMatching(/in time|within|deadline/i) as string,
        remedy: expect.any(String) as string,
      },
    ])
  })

  it('answer the other lists and say what they can, without waiting for it longer', async () => {
    const prompts = await askAll('prompts/list')
    expect(prompts.result).toMatchObject({ prompts: [] })
    const discovered = await askAll('server/discover')
    expect(discovered.result).toMatchObject({ capabilities: { tools: { listChanged: true } }, ttlMs: 0 })
    expect(prompts.ms + discovered.ms).toBeLessThan(2 * DEADLINE_MS + OTHERS_MS)
  })
})
