// Two nodes over one PostgreSQL and one Redis behind a load balancer without stickiness.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { freshPostgresUrl, freshRedis } from '#store/testing.ts'
import { startConformanceFixture } from '../conformance/fixture/index.ts'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import { callLegacy, callModern, openSession, post, textOf } from '../e2e/wire.ts'
import { type RoundRobin, startRoundRobin } from './round-robin.ts'

const REDIS = process.env['SALLYPORT_TEST_REDIS_URL']
const KEY = `shared-owner-key-${'0123456789abcdef'.repeat(3)}`
const isPossible = freshPostgresUrl !== null && freshRedis !== null

interface Pair {
  readonly here: string
  readonly there: string
  readonly balancer: RoundRobin
}

/** Two nodes of one installation, for the running test. */
async function startPair(): Promise<Pair> {
  const fixture = await startConformanceFixture(0, 'modern')
  onTestFinished(() => fixture.close())
  const database = await freshPostgresUrl!()
  const declared = { mcpServers: { asks: { url: fixture.url } }, profiles: { all: { servers: ['asks'] } } }
  const env = { SALLYPORT_DATABASE_URL: database, SALLYPORT_REDIS_URL: REDIS!, SALLYPORT_OWNER_KEY: KEY }
  const start = async (before?: Sallyport): Promise<Sallyport> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-node-'))
    if (before !== undefined) {
      // Nodes of one installation have one key; operators mount it, here it is copied.
      mkdirSync(join(dataDir, 'data'), { mode: 0o700 })
      copyFileSync(join(before.dataDir, 'data/vault.key'), join(dataDir, 'data/vault.key'))
    }
    const node = await startSallyport({ declared, env, dataDir })
    onTestFinished(async () => {
      await node.stop()
      rmSync(dataDir, { recursive: true, force: true })
    })
    return node
  }
  const first = await start()
  const nodes = [first, await start(first)]
  for (const { url } of nodes) {
    const known = async () => (await callModern(`${url}/mcp/all`, 'tools/list', {}, { key: KEY })).text
    await expect.poll(known, { timeout: 20_000 }).toContain('asks__test_elicitation')
  }
  const balancer = await startRoundRobin(nodes.map(({ url }) => url))
  onTestFinished(() => balancer.close())
  const [here, there] = nodes.map(({ url }) => `${url}/mcp/all`)
  return { here: here!, there: there!, balancer }
}

describe('two nodes behind a round-robin proxy', () => {
  beforeEach(({ skip }) => skip(!isPossible, 'needs SALLYPORT_TEST_DATABASE_URL and SALLYPORT_TEST_REDIS_URL'))

  it('ask a client on one node and take its answer on the other', async () => {
    const { balancer } = await startPair()
    const client = new Client({ name: 'wanderer', version: '1.0.0' }, { capabilities: { elicitation: {} } })
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { username: 'ada', email: 'ada@example.com' } }))
    const requestInit = { headers: { authorization: `Bearer ${KEY}` } }
    await client.connect(new StreamableHTTPClientTransport(new URL(`${balancer.url}/mcp/all`), { requestInit }))
    onTestFinished(() => client.close())
    for (let round = 0; round < 4; round++) {
      const result = await client.callTool({ name: 'asks__test_elicitation', arguments: { message: 'Who?' } })
      expect(textOf(result)).toContain('ada@example.com')
    }
    expect(balancer.counts.every((count) => count > 3)).toBe(true)
  })

  it('know a session of each other, and that it has ended', async () => {
    const { here, there } = await startPair()
    const session = await openSession(here, { key: KEY })
    expect((await callLegacy(there, 'tools/list', {}, { key: KEY, session })).message?.result).toBeDefined()
    const headers = { authorization: `Bearer ${KEY}`, 'mcp-session-id': session }
    expect((await fetch(here, { method: 'DELETE', headers })).status).toBe(200)
    await expect.poll(async () => (await callLegacy(there, 'tools/list', {}, { key: KEY, session })).status).toBe(404)
  })

  it('take up a stream that broke on the other node', async () => {
    const { here, there } = await startPair()
    const session = await openSession(here, { key: KEY })
    const params = { name: 'asks__test_tool_with_progress', arguments: {}, _meta: { progressToken: 'p' } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 77, method: 'tools/call', params })
    const whole = await post(here, body, { key: KEY, session, headers: { 'mcp-protocol-version': '2025-11-25' } })
    const [first] = [...whole.text.matchAll(/^id: (\S+)$/gm)].map((found) => found[1]!)
    const headers = { authorization: `Bearer ${KEY}`, 'mcp-session-id': session, accept: 'text/event-stream', 'last-event-id': first! }
    const resumed = await (await fetch(there, { headers })).text()
    expect(resumed).toContain('"id":77')
    expect(resumed.match(/notifications\/progress/g)).toHaveLength(3)
    const foreign = await openSession(there, { key: KEY })
    expect((await fetch(there, { headers: { ...headers, 'mcp-session-id': foreign } })).status).toBe(400)
  })
})

if (!isPossible) console.log('Two nodes with Redis are not tested: SALLYPORT_TEST_DATABASE_URL or SALLYPORT_TEST_REDIS_URL is not set.')
