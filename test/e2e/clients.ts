// The clients that people really use, each behind the same three verbs.
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { run, type Sallyport } from './harness.ts'
import { callLegacy, callModern, openSession, textOf, toolNames } from './wire.ts'

const INSPECTOR = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js'
const INFO = { name: 'sallyport-e2e', version: '1.0.0' }

export interface CallOptions {
  readonly onprogress?: (progress: { readonly progress: number }) => void
  readonly signal?: AbortSignal
}

export interface TestClient {
  list(): Promise<readonly string[]>
  /** The text of the result. */
  call(tool: string, args: Record<string, unknown>, options?: CallOptions): Promise<string>
  close(): Promise<void>
}

export type ConnectClient = (sallyport: Sallyport, path: string) => Promise<TestClient>

/** SDK clients: they report progress and can cancel. */
export const SDK_CLIENTS = {
  'SDK 1.x': async (sallyport, path) => {
    const client = new ClientV1(INFO)
    const transport = new TransportV1(new URL(sallyport.url + path), { requestInit: authorized(sallyport) })
    await client.connect(transport)
    return sdkClient(client, async () => {
      await transport.terminateSession()
      await client.close()
    })
  },
  'SDK 2.x, legacy': (sallyport, path) => connectV2(sallyport, path, 'legacy'),
  'SDK 2.x, auto': (sallyport, path) => connectV2(sallyport, path, 'auto'),
  'SDK 2.x, pinned modern': (sallyport, path) => connectV2(sallyport, path, { pin: '2026-07-28' }),
} satisfies Record<string, ConnectClient>

export const CLIENTS: Readonly<Record<string, ConnectClient>> = {
  ...SDK_CLIENTS,
  'Inspector CLI, legacy': (sallyport, path) => inspector(sallyport, path, 'legacy'),
  'Inspector CLI, modern': (sallyport, path) => inspector(sallyport, path, 'modern'),
  'plain HTTP, legacy': async ({ url, ownerKey: key }, path) => {
    const session = await openSession(url + path, { key })
    return {
      list: async () => toolNames((await callLegacy(url + path, 'tools/list', {}, { key, session })).message?.result),
      call: async (name, args) => {
        const answer = await callLegacy(url + path, 'tools/call', { name, arguments: args }, { key, session })
        return textOf(answer.message?.result)
      },
      close: () => Promise.resolve(),
    }
  },
  'plain HTTP, modern': ({ url, ownerKey: key }, path) =>
    Promise.resolve({
      list: async () => toolNames((await callModern(url + path, 'tools/list', {}, { key })).message?.result),
      call: async (name, args) => textOf((await callModern(url + path, 'tools/call', { name, arguments: args }, { key })).message?.result),
      close: () => Promise.resolve(),
    }),
  'sallyport tool': (sallyport) =>
    Promise.resolve({
      list: async () =>
        [...(await succeed(sallyport.cli('tool', 'list', '--json'))).matchAll(/"name":\s*"([^"]+)"/g)].map((found) => found[1] ?? ''),
      call: (name, args) => {
        const pairs = Object.entries(args).map(([key, value]) => `${key}=${String(value)}`)
        return succeed(sallyport.cli('tool', 'call', name, ...pairs))
      },
      close: () => Promise.resolve(),
    }),
}

const authorized = (sallyport: Sallyport) => ({ headers: { authorization: `Bearer ${sallyport.ownerKey}` } })

async function connectV2(sallyport: Sallyport, path: string, mode: 'legacy' | 'auto' | { pin: string }): Promise<TestClient> {
  const client = new ClientV2(INFO, { versionNegotiation: { mode } })
  const transport = new TransportV2(new URL(sallyport.url + path), { requestInit: authorized(sallyport) })
  await client.connect(transport)
  return sdkClient(client, () => client.close())
}

/** What both generations of the SDK have in common. */
interface SdkClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }, ...rest: never[]): Promise<Record<string, unknown>>
}

function sdkClient(client: ClientV1 | ClientV2, close: () => Promise<void>): TestClient {
  const plain = client as unknown as SdkClient
  return {
    list: async () => (await plain.listTools()).tools.map((tool) => tool.name),
    async call(name, args, options = {}) {
      // The old SDK has a result schema between parameters and options.
      const rest = (client instanceof ClientV1 ? [undefined, options] : [options]) as never[]
      return textOf(await plain.callTool({ name, arguments: args }, ...rest))
    },
    close,
  }
}

function inspector(sallyport: Sallyport, path: string, era: 'legacy' | 'modern'): Promise<TestClient> {
  const ask = async (...words: string[]) => {
    const target = ['--cli', sallyport.url + path, '--transport', 'http', '--protocol-era', era, '--format', 'json']
    const header = ['--header', `Authorization: Bearer ${sallyport.ownerKey}`]
    const output = await succeed(run([INSPECTOR, ...target, ...header, ...words]))
    return (JSON.parse(output) as { result: Record<string, unknown> }).result
  }
  return Promise.resolve({
    list: async () => toolNames(await ask('--method', 'tools/list')),
    call: async (name, args) => textOf(await ask('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args))),
    close: () => Promise.resolve(),
  })
}

async function succeed(finished: ReturnType<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await finished
  if (code !== 0) throw new Error(`exit code ${String(code)}\n${stdout}\n${stderr}`)
  return stdout
}
