// Any client of either era calls any server of either era through `/mcp`, which offers the union of their tools.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ModernServer, startModernServer } from '../fixtures/modern-server.ts'
import { CLIENTS, SDK_CLIENTS } from './clients.ts'
import { type Sallyport, startSallyport } from './harness.ts'
import { everythingOverStdio, type RunningServer, startEverythingOverHttp, stdioFixture, waitForTools } from './upstreams.ts'
import { callModern, listen, modernRequest, openSession, readEvents, type RpcMessage, send, textOf, toolNames } from './wire.ts'

const SERVERS = ['local', 'remote', 'modern'] as const
/** The tool of each server that reports progress, and how many times it does. */
const PROGRESS = {
  local: { tool: 'trigger-long-running-operation', args: { duration: 0.1, steps: 2 }, times: 2 },
  remote: { tool: 'trigger-long-running-operation', args: { duration: 0.1, steps: 2 }, times: 2 },
  modern: { tool: 'steps', args: {}, times: 3 },
}

let everything: RunningServer
let modern: ModernServer
let sallyport: Sallyport

beforeAll(async () => {
  everything = await startEverythingOverHttp()
  modern = await startModernServer()
  sallyport = await startSallyport({
    declared: {
      mcpServers: {
        local: everythingOverStdio,
        remote: { url: everything.url },
        modern: { url: modern.url },
        stubborn: stdioFixture('never-answers'),
      },
    },
  })
  await waitForTools(sallyport, [...SERVERS.map((name) => `${name}__echo`), 'stubborn__work'])
})

afterAll(async () => {
  await sallyport?.stop()
  await everything?.close()
  await modern?.close()
})

const listed = async () =>
  toolNames((await callModern(`${sallyport.url}/mcp`, 'tools/list', {}, { key: sallyport.ownerKey })).message?.result)

async function callTool(name: string, args: Record<string, unknown> = {}): Promise<string> {
  const answer = await callModern(`${sallyport.url}/mcp`, 'tools/call', { name, arguments: args }, { key: sallyport.ownerKey })
  return textOf(answer.message?.result)
}

/** What the stdio server has seen so far. */
const counts = async () => JSON.parse(await callTool('stubborn__counts')) as { work: number; cancelled: number }

describe.each(Object.entries(CLIENTS))('%s', (_name, connect) => {
  it('lists the union and calls a tool of each server', async () => {
    const client = await connect(sallyport, '/mcp')
    try {
      const names = await client.list()
      for (const server of SERVERS) {
        expect(names).toContain(`${server}__echo`)
        expect(await client.call(`${server}__echo`, { message: `hello ${server}` })).toContain(`Echo: hello ${server}`)
      }
    } finally {
      await client.close()
    }
  })
})

describe.each(Object.entries(SDK_CLIENTS))('%s', (_name, connect) => {
  it.each(SERVERS)('sees the progress of a call to %s', async (server) => {
    const client = await connect(sallyport, '/mcp')
    const { tool, args, times } = PROGRESS[server]
    const seen: number[] = []
    try {
      await client.call(`${server}__${tool}`, args, { onprogress: ({ progress }) => seen.push(progress) })
    } finally {
      await client.close()
    }
    expect(seen).toEqual(Array.from({ length: times }, (_, index) => index + 1))
  })

  it('cancels a call at a modern server', async () => {
    const client = await connect(sallyport, '/mcp')
    const abort = new AbortController()
    const wait = modern.nextWait()
    const call = client.call('modern__wait', {}, { signal: abort.signal })
    const { givenUp } = await Promise.race([wait, call.then(() => Promise.reject(new Error('It was answered')))])
    abort.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow(/changed my mind|abort/i)
    await givenUp
    await client.close()
  })

  it('cancels a call at a stdio server', async () => {
    const before = await counts()
    const client = await connect(sallyport, '/mcp')
    const abort = new AbortController()
    const ended = client.call('stubborn__work', {}, { signal: abort.signal }).then(() => 'answered', String)
    await vi.waitFor(async () => expect((await counts()).work).toBe(before.work + 1))
    abort.abort(new Error('changed my mind'))
    expect(await ended).toMatch(/changed my mind|abort/i)
    await vi.waitFor(async () => expect((await counts()).cancelled).toBe(before.cancelled + 1))
    await client.close()
  })
})

describe('a changed list of tools', () => {
  const changes = {
    'of a modern server': () => Promise.resolve(modern.changeTools()),
    'of a stdio server': async () => void (await callTool('stubborn__toggle-extra')),
  }

  describe.each(Object.entries(changes))('%s', (_name, change) => {
    it('reaches the GET stream of a legacy client', async () => {
      const abort = new AbortController()
      const options = { key: sallyport.ownerKey, signal: abort.signal }
      const session = await openSession(`${sallyport.url}/mcp`, options)
      const stream = await listen(`${sallyport.url}/mcp`, { ...options, session })
      expect(stream.status).toBe(200)
      const changed = firstOf(stream, 'notifications/tools/list_changed')
      await whenHeard()
      await change()
      expect((await changed)?.method).toBe('notifications/tools/list_changed')
      abort.abort()
    })

    it('reaches subscriptions/listen of a modern client, and the list is new', async () => {
      const abort = new AbortController()
      const { headers, message } = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } })
      const stream = await send(`${sallyport.url}/mcp`, JSON.stringify(message), { key: sallyport.ownerKey, headers, signal: abort.signal })
      expect(stream.headers.get('content-type')).toContain('text/event-stream')
      const before = await listed()
      const messages: RpcMessage[] = []
      for await (const event of readEvents(stream)) {
        messages.push(event)
        if (messages.length === 2) break
        await whenHeard()
        await change()
      }
      // Whoever was told asks at once, and must not get what was read before the change.
      const after = await listed()
      abort.abort()
      expect(messages.map((event) => event.method)).toEqual([
        'notifications/subscriptions/acknowledged',
        'notifications/tools/list_changed',
      ])
      for (const { params } of messages) {
        expect(params?.['_meta']).toHaveProperty(['io.modelcontextprotocol/subscriptionId'], message.id)
      }
      expect(symmetricDifference(before, after)).toHaveLength(1)
    })
  })
})

const symmetricDifference = (a: readonly string[], b: readonly string[]) => [...new Set(a).symmetricDifference(new Set(b))]

/** Of a change that happens before the gateway listens nobody is told. */
const whenHeard = () => vi.waitFor(() => expect(modern.listens).toBeGreaterThan(0), { timeout: 10_000 })

async function firstOf(stream: Response, method: string): Promise<RpcMessage | undefined> {
  for await (const event of readEvents(stream)) if (event.method === method) return event
  return undefined
}
