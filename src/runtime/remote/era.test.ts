import { afterEach, describe, expect, it } from 'vitest'
import {
  errorFor,
  legacyScript,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  matching,
  metaOf,
} from './testing.ts'

const open: { server: ScriptedServer; remote: RemoteUnderTest['remote'] }[] = []
async function setUp(script: Script, over: Parameters<typeof remoteFor>[1] = {}): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url, over)
  open.push({ server, remote: made.remote })
  return { server, ...made }
}
afterEach(async () => {
  for (const { server, remote } of open.splice(0)) {
    await remote.close()
    await server.close()
  }
})

const never: Script = (seen, response) => sendJson(response, 500, errorFor(seen, -1, 'not expected'))
const soon = (): number => Date.now() + 5_000
const call = { method: 'tools/call', params: { name: 'echo', arguments: {} } }

describe('finding out the era of a server', () => {
  it('asks the modern question first, with the whole envelope', async () => {
    const { server, remote } = await setUp(modernScript(never))
    expect(remote.status()).toMatchObject({ state: 'starting', era: null, isolation: 'remote' })
    expect(await remote.describe(soon())).toEqual({
      era: 'modern',
      protocolVersion: '2026-07-28',
      capabilities: { tools: {} },
      serverInfo: { name: 'scripted', version: '1' },
      instructions: null,
    })
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]!.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'server/discover',
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'identity',
    })
    expect(server.seen[0]!.message.params!['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'sallyport', version: 'test' },
    })
    expect(remote.status()).toMatchObject({ state: 'ready', era: 'modern', cause: null })
  })

  it('asks once, however many want to know', async () => {
    const { server, remote } = await setUp(modernScript(never))
    await Promise.all([remote.describe(soon()), remote.describe(soon()), remote.describe(soon())])
    await remote.describe(soon())
    expect(server.seen).toHaveLength(1)
  })

  const refusals = [
    ['400 with a legacy error', 400, (seen) => errorFor(seen, -32000, 'Bad Request: Server not initialized')],
    ['400 without a message', 400, () => 'what?'],
    ['404', 404, () => ({ error: 'not found' })],
    ['405', 405, () => ({})],
    ['406', 406, () => ({})],
    ['an unknown method in a 200', 200, (seen) => errorFor(seen, -32601, 'Method not found')],
    ['invalid parameters in a 200', 200, (seen) => errorFor(seen, -32602, 'Invalid request parameters')],
    ['a result that says nothing', 200, (seen) => resultFor(seen, {})],
    ['a result that names only old revisions', 200, (seen) => resultFor(seen, { supportedVersions: ['2025-11-25'], capabilities: {} })],
    [
      '-32022 that names only old revisions',
      400,
      (seen) => errorFor(seen, -32022, 'no', { supported: ['2025-06-18'], requested: '2026-07-28' }),
    ],
  ] as const satisfies readonly (readonly [string, number, (seen: Parameters<Script>[0]) => unknown])[]
  it.each(refusals)('takes %s for a legacy server and does the handshake', async (_what, status, body) => {
    const legacy = legacyScript(never)
    const { server, remote } = await setUp((seen, response, request) => {
      if (seen.message.method === 'server/discover') sendJson(response, status, body(seen))
      else legacy(seen, response, request)
    })
    expect(await remote.describe(soon())).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', instructions: 'be kind' })
    expect(server.seen.map(({ message }) => message.method)).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
    expect(server.seen[1]!.message.params).toMatchObject({ protocolVersion: '2025-11-25', capabilities: {} })
    expect(server.seen[1]!.headers).not.toHaveProperty('mcp-protocol-version')
    expect(server.seen[2]!.headers).toMatchObject({ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25' })
    expect(remote.status()).toMatchObject({ state: 'ready', era: 'legacy' })
  })

  it.each([-32020, -32021])('does not fall back to the handshake after %i, which only a modern server says', async (code) => {
    const { server, remote } = await setUp((seen, response) => sendJson(response, 400, errorFor(seen, code, 'no')))
    await expect(remote.describe(soon())).rejects.toMatchObject({ type: 'upstream-failed' })
    expect(server.seen).toHaveLength(1)
  })

  it('says which revisions a server speaks when none is known here', async () => {
    const { server, remote } = await setUp((seen, response) =>
      sendJson(response, 400, errorFor(seen, -32022, 'no', { supported: ['2031-01-01'], requested: '2026-07-28' })),
    )
    await expect(remote.describe(soon())).rejects.toThrow('speaks only MCP 2031-01-01')
    expect(server.seen).toHaveLength(1)
  })

  const noEvidence = [
    [401, 'wants a credential', 'failed'],
    [403, 'refuses the credential', 'failed'],
    [429, 'asked too often', 'backoff'],
    [500, 'failed (HTTP 500)', 'backoff'],
    [503, 'failed (HTTP 503)', 'backoff'],
  ] as const
  it.each(noEvidence)('decides nothing from %i, and says so with a remedy', async (status, text, state) => {
    const { server, remote, statuses } = await setUp((seen, response) =>
      sendJson(response, status, errorFor(seen, -32001, 'secret text of the server')),
    )
    const problem = await remote.describe(soon()).catch((error: unknown) => error)
    expect(problem).toMatchObject({ type: 'upstream-failed', remedy: matching(/./) })
    expect((problem as Error).message).toContain(text)
    expect(server.seen).toHaveLength(1)
    expect(remote.known()).toBeNull()
    expect(statuses.at(-1)).toMatchObject({ state, era: null, cause: (problem as Error).message })
  })

  it('says how to give a server the credential it wants', async () => {
    const { remote } = await setUp((_seen, response) => response.writeHead(401).end())
    await remote.describe(soon()).catch(() => undefined)
    expect(remote.status()).toMatchObject({ state: 'failed', remedy: matching('--header Authorization=env:DOCS_TOKEN') })
  })

  it('names what is no MCP server at all', async () => {
    const { remote } = await setUp((_seen, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'))
    await expect(remote.describe(soon())).rejects.toThrow(/answers neither server\/discover nor initialize at this address \(HTTP 404\)/)
    expect(remote.status().state).toBe('failed')
  })

  it('does not follow a redirect, and says where it points without its query', async () => {
    const { server, remote } = await setUp((_seen, response) => response.writeHead(307, { location: '/mcp/?token=x' }).end())
    const problem = await remote.describe(soon()).catch((error: unknown) => error as Error)
    expect((problem as Error).message).toContain(`answered 307 and points to http://127.0.0.1:${server.port}/mcp/;`)
    expect((problem as Error).message).not.toContain('token')
    expect(server.seen).toHaveLength(1)
  })

  it('looks again when a verdict has become old, keeping the session that still lives', async () => {
    let nowMs = Date.now()
    const script = legacyScript((seen, response) => sendJson(response, 200, resultFor(seen, {})))
    const { server, remote } = await setUp(script, { now: () => nowMs })
    await remote.describe(nowMs + 5_000)
    nowMs += 24 * 3_600_000
    await remote.describe(nowMs + 5_000)
    expect(server.seen.map(({ message }) => message.method)).toEqual([
      'server/discover',
      'initialize',
      'notifications/initialized',
      'server/discover',
      'ping',
    ])
    expect(server.seen.at(-1)!.headers['mcp-session-id']).toBe('s1')
  })

  it('notices that a server has learned the newer era, and calls it again', async () => {
    let isModern = false
    const answer: Script = (seen, response) => sendJson(response, 200, resultFor(seen, { content: [], resultType: 'complete', tools: [] }))
    const legacy = legacyScript(answer)
    const modern = modernScript((seen, response, request) => {
      if (metaOf(seen)['io.modelcontextprotocol/protocolVersion'] === undefined) sendJson(response, 404, errorFor(seen, -32601, 'no'))
      else answer(seen, response, request)
    })
    const { remote } = await setUp((...args) => (isModern ? modern : legacy)(...args))
    expect(await remote.request({ ...call, deadlineAtMs: soon() }).answer).toMatchObject({ ok: true })
    isModern = true
    expect(await remote.request({ ...call, deadlineAtMs: soon() }).answer).toEqual({ ok: true, result: { content: [], tools: [] } })
    expect(remote.known()?.era).toBe('modern')
  })
})
