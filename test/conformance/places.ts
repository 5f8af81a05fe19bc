// Where the suites are sent: each era of server, on its own address and inside a profile of two.
import { type ConformanceFixture, type FixtureEra, startConformanceFixture } from './fixture/index.ts'
import { startModernServer } from '../fixtures/modern-server.ts'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'

export interface Place {
  readonly name: string
  readonly upstream: FixtureEra
  readonly endpoint: 'direct' | 'deployment' | 'profile'
  readonly url: string
}

export interface Places {
  readonly list: readonly Place[]
  readonly logs: () => string
  close(): Promise<void>
}

const ERAS = ['both', 'legacy', 'modern'] as const satisfies readonly FixtureEra[]

/** The fixtures alone, without the gateway. */
export async function openDirect(): Promise<Places> {
  const fixtures = await startFixtures()
  return {
    list: ERAS.map((era) => ({ name: `direct-${era}`, upstream: era, endpoint: 'direct', url: fixtures[era].url })),
    logs: () => '',
    close: () => closeAll(fixtures),
  }
}

/** The fixtures behind Sallyport. A second child of each profile shows that the names of the first are given back by its rules. */
export async function openBehindSallyport(): Promise<Places> {
  const fixtures = await startFixtures()
  const servers = Object.fromEntries(ERAS.map((era) => [era, { url: fixtures[era].url, sallyport: { access: 'public' } }]))
  const first = await startSallyport({ declared: { mcpServers: servers } })
  const names = await bareNames(first)
  await first.stop()
  const profiles = Object.fromEntries(
    ERAS.map((era) => [
      `with-${era}`,
      {
        servers: [era, 'other'],
        access: 'public',
        tools: { rename: Object.fromEntries(names.map((name) => [`${era}__${name}`, name])) },
      },
    ]),
  )
  const other = await startModernServer()
  const sallyport = await startSallyport({
    declared: { mcpServers: { ...servers, other: { url: other.url, sallyport: { access: 'public' } } }, profiles },
  })
  return {
    list: ERAS.flatMap((era): Place[] => [
      { name: `deployment-${era}`, upstream: era, endpoint: 'deployment', url: `${sallyport.url}/mcp/${era}` },
      { name: `profile-${era}`, upstream: era, endpoint: 'profile', url: `${sallyport.url}/mcp/with-${era}` },
    ]),
    logs: () => sallyport.logs,
    async close() {
      await sallyport.stop()
      await Promise.all([other.close(), closeAll(fixtures)])
    },
  }
}

type Fixtures = Readonly<Record<(typeof ERAS)[number], ConformanceFixture>>

async function startFixtures(): Promise<Fixtures> {
  const [both, legacy, modern] = await Promise.all(ERAS.map((era) => startConformanceFixture(0, era)))
  return { both: both!, legacy: legacy!, modern: modern! }
}

const closeAll = async (fixtures: Fixtures): Promise<void> => void (await Promise.all(ERAS.map((era) => fixtures[era].close())))

/** Tools and prompts that the fixture lists now, and those that it lists later. */
const LISTED_LATER = ['test_dynamic_tool', 'test_dynamic_prompt']

async function bareNames(sallyport: Sallyport): Promise<string[]> {
  const ask = async (method: string): Promise<{ name: string }[]> => {
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} }
    const response = await fetch(`${sallyport.url}/mcp/both`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta } }),
    })
    const { result } = (await response.json()) as { result: Record<string, { name: string }[]> }
    return result[method.split('/')[0]!]!
  }
  const listed = [...(await ask('tools/list')), ...(await ask('prompts/list'))].map(({ name }) => name)
  return [...new Set([...listed, ...LISTED_LATER])]
}
