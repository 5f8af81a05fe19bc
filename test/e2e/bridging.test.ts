// Servers that ask in the middle of a call (elicitation, sampling, roots), of either era and over either transport, in one
// profile, used by every client that people have: nobody notices what the other side speaks.
import { join } from 'node:path'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConformanceFixture, startConformanceFixture } from '../conformance/fixture/index.ts'
import { REPOSITORY, type Sallyport, startSallyport } from './harness.ts'
import { waitForTools } from './upstreams.ts'
import { callModern, modernRequest, post, textOf } from './wire.ts'

const INFO = { name: 'asked', version: '1.0.0' }
const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: {} }
const MODEL = { role: 'assistant', model: 'test-model', stopReason: 'endTurn', content: { type: 'text', text: 'Paris' } } as const
const ROOTS = { roots: [{ uri: 'file:///home/ada', name: 'Home' }] }

/** A client that answers what it is asked; `name` tells two of them apart. */
type Connect = (path: string, name: string) => Promise<{ call(tool: string, args?: object): Promise<string>; close(): Promise<void> }>

let legacy: ConformanceFixture
let modern: ConformanceFixture
let sallyport: Sallyport

beforeAll(async () => {
  legacy = await startConformanceFixture(0, 'legacy')
  modern = await startConformanceFixture(0, 'modern')
  sallyport = await startSallyport({
    declared: {
      mcpServers: {
        old: { url: legacy.url },
        new: { url: modern.url },
        local: {
          command: 'node',
          args: [join(REPOSITORY, 'test/fixtures/asking-server.mjs')],
          sallyport: { files: [{ path: REPOSITORY, mode: 'ro' }] },
        },
      },
      profiles: { all: { servers: ['old', 'new', 'local'] } },
    },
  })
  await waitForTools(sallyport, ['old__test_elicitation', 'new__test_elicitation', 'local__ask_form'])
})

afterAll(async () => {
  await sallyport?.stop()
  await legacy?.close()
  await modern?.close()
})

const options = () => ({ requestInit: { headers: { authorization: `Bearer ${sallyport.ownerKey}` } } })
const form = (name: string) => ({ action: 'accept', content: { username: name, email: `${name}@example.com`, name } }) as const

const CLIENTS: Readonly<Record<string, Connect>> = {
  async 'SDK 1.x'(path, name) {
    const client = new ClientV1(INFO, { capabilities: { elicitation: {}, sampling: {}, roots: {} } })
    client.setRequestHandler(ElicitRequestSchema, () => form(name))
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ ...MODEL }))
    client.setRequestHandler(ListRootsRequestSchema, () => ROOTS)
    await client.connect(new TransportV1(new URL(sallyport.url + path), options()))
    return {
      call: async (tool, args = {}) => textOf(await client.callTool({ name: tool, arguments: { ...args } })),
      close: () => client.close(),
    }
  },
  'SDK 2.x, legacy': (path, name) => connectV2(path, name, 'legacy'),
  'SDK 2.x, auto': (path, name) => connectV2(path, name, 'auto'),
  'SDK 2.x, pinned modern': (path, name) => connectV2(path, name, { pin: '2026-07-28' }),
}

async function connectV2(path: string, name: string, mode: 'legacy' | 'auto' | { pin: string }): ReturnType<Connect> {
  const client = new ClientV2(INFO, { capabilities: CAPABILITIES, versionNegotiation: { mode } })
  client.setRequestHandler('elicitation/create', () => form(name))
  client.setRequestHandler('sampling/createMessage', () => ({ ...MODEL }))
  client.setRequestHandler('roots/list', () => ROOTS)
  await client.connect(new TransportV2(new URL(sallyport.url + path), options()))
  return {
    call: async (tool, args = {}) => textOf(await client.callTool({ name: tool, arguments: { ...args } })),
    close: () => client.close(),
  }
}

const ASKING = [
  { tool: 'old__test_elicitation', args: { message: 'Who?' }, wanted: 'ada@example.com' },
  { tool: 'new__test_elicitation', args: { message: 'Who?' }, wanted: 'ada@example.com' },
  { tool: 'local__ask_form', args: {}, wanted: 'Hello ada' },
  { tool: 'old__test_sampling', args: { prompt: 'Capital?' }, wanted: 'Paris' },
  { tool: 'new__test_sampling', args: { prompt: 'Capital?' }, wanted: 'Paris' },
  { tool: 'local__ask_model', args: {}, wanted: 'Paris' },
  { tool: 'old__test_input_required_result_list_roots', args: {}, wanted: 'file:///home/ada' },
  { tool: 'new__test_input_required_result_list_roots', args: {}, wanted: 'file:///home/ada' },
  { tool: 'local__ask_roots', args: {}, wanted: 'file:///home/ada' },
  { tool: 'new__test_input_required_result_multi_round', args: {}, wanted: 'Step 1' },
] as const

describe.each(Object.entries(CLIENTS))('%s, asked by', (_name, connect) => {
  it.each(ASKING.filter(({ tool }) => !tool.endsWith('multi_round')))('$tool', async ({ tool, args, wanted }) => {
    const client = await connect('/mcp/all', 'ada')
    try {
      expect(await client.call(tool, args)).toContain(wanted)
    } finally {
      await client.close()
    }
  })
})

describe('many people at once', () => {
  it('R12: each is asked and answered in their own name only', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `person${String(index)}`)
    const connect = [CLIENTS['SDK 1.x']!, CLIENTS['SDK 2.x, legacy']!, CLIENTS['SDK 2.x, auto']!]
    const clients = await Promise.all(names.map(async (name, index) => ({ name, client: await connect[index % 3]!('/mcp/all', name) })))
    const tools = ['old__test_elicitation', 'new__test_elicitation']
    const answers = await Promise.all(
      clients.flatMap(({ name, client }) => tools.map(async (tool) => ({ name, text: await client.call(tool, { message: 'Who?' }) }))),
    )
    for (const { name, text } of answers) {
      expect(text).toContain(`${name}@example.com`)
      expect(names.filter((other) => text.includes(`${other}@example.com`))).toEqual([name])
    }
    await Promise.all(clients.map(({ client }) => client.close()))
  })
})

async function createKey(name: string): Promise<string> {
  const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: `${name}-${String(Date.now())}`, scopes: ['mcp:list', 'mcp:call'] })
  const response = await fetch(`${sallyport.url}/api/v1/keys`, { method: 'POST', headers, body })
  return ((await response.json()) as { key: string }).key
}

describe('a request state', () => {
  const call = async (key: string, params: Record<string, unknown>) => {
    const { headers, message } = modernRequest('tools/call', params, CAPABILITIES)
    return (await post(`${sallyport.url}/mcp/all`, JSON.stringify(message), { key, headers })).message
  }

  it.each(['old', 'new'])('of %s is good once, for its caller and for exactly that call (R19, R20)', async (server) => {
    const asked = { name: `${server}__test_elicitation`, arguments: { message: 'Who?' } }
    const first = (await call(sallyport.ownerKey, asked))?.result as { inputRequests: Record<string, unknown>; requestState: string }
    const [key] = Object.keys(first.inputRequests)
    const retry = { ...asked, inputResponses: { [key!]: form('eve') }, requestState: first.requestState }
    const other = await createKey('eve')
    const unknown = { code: -32602, message: expect.stringContaining('requestState') as string }
    const tampered = `${first.requestState.slice(0, -2)}${first.requestState.endsWith('AA') ? 'BB' : 'AA'}`
    expect((await call(other, retry))?.error).toMatchObject(unknown)
    expect((await call(sallyport.ownerKey, { ...retry, arguments: { message: 'Else?' } }))?.error).toMatchObject(unknown)
    expect((await call(sallyport.ownerKey, { ...retry, requestState: tampered }))?.error).toMatchObject(unknown)
    expect((await call(sallyport.ownerKey, { ...retry, requestState: 'made-up' }))?.error).toMatchObject(unknown)
    expect(textOf((await call(sallyport.ownerKey, retry))?.result)).toContain('eve@example.com')
    expect((await call(sallyport.ownerKey, retry))?.error).toMatchObject(unknown)
  })
})

describe('a client that cannot be asked', () => {
  it('hears so from a modern server, and nothing hangs', async () => {
    const answer = await callModern(
      `${sallyport.url}/mcp/all`,
      'tools/call',
      { name: 'new__test_sampling', arguments: { prompt: 'x' } },
      { key: sallyport.ownerKey },
    )
    expect(answer.message?.error).toMatchObject({ code: -32021 })
  })
})
