// `sallyport connect`: clients that only start programs reach the gateway over standard input and output.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type LegacyUpstream, startLegacyUpstream } from '../fixtures/legacy-upstream.ts'
import { type ModernServer, startModernServer } from '../fixtures/modern-server.ts'
import { freePort, type RawServer, run, type Sallyport, startSallyport } from './harness.ts'
import { call, connectCommand, namesOf, startHeaderServer, STDIO_CLIENTS } from './message-clients.ts'
import { type RunningServer, startEverythingOverHttp, waitForTools } from './upstreams.ts'
import { modernRequest, type RpcMessage, textOf } from './wire.ts'

const WITHIN = { timeout: 20_000 }
const PROGRESS = {
  remote: { tool: 'trigger-long-running-operation', args: { duration: 0.1, steps: 2 }, times: 2 },
  modern: { tool: 'steps', args: {}, times: 3 },
}

let everything: RunningServer
let strict: RawServer
let modern: ModernServer
let legacy: LegacyUpstream
let sallyport: Sallyport

const declared = () => ({
  mcpServers: { remote: { url: everything.url }, modern: { url: modern.url }, strict: { url: strict.url }, raw: { url: legacy.url } },
  profiles: { both: { servers: ['remote', 'modern'] } },
})

beforeAll(async () => {
  everything = await startEverythingOverHttp()
  strict = await startHeaderServer()
  modern = await startModernServer()
  legacy = await startLegacyUpstream()
  sallyport = await startSallyport({ declared: declared() })
  await waitForTools(sallyport, ['remote__echo', 'modern__echo', 'raw__work', 'strict__move'])
})

afterAll(async () => {
  await sallyport?.stop()
  await Promise.all([everything, modern, legacy, strict].map((server) => server?.close()))
})

/** The bridge as a client runs it, seen from its pipes. */
interface Bridge {
  readonly child: ChildProcessWithoutNullStreams
  readonly exited: Promise<number | null>
  say(message: object | string): void
  next(): Promise<RpcMessage>
  stderr(): string
}

function start(endpoint: string, { url = sallyport.url, key = sallyport.ownerKey, words = [] as string[], env = {} } = {}): Bridge {
  const { command, args, env: base } = connectCommand({ url }, endpoint, key)
  const child = spawn(command, [...args, ...words], { env: { ...base, ...env }, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const heard: RpcMessage[] = []
  let wake = (): void => {}
  let rest = ''
  let stderr = ''
  child.stdin.on('error', () => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    heard.push(...lines.map((line) => JSON.parse(line) as RpcMessage))
    wake()
  })
  return {
    child,
    exited: once(child, 'close').then(([code]) => code as number | null),
    say: (message) => child.stdin.write(typeof message === 'string' ? message : `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    async next() {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return heard.shift()!
    },
    stderr: () => stderr,
  }
}

const INITIALIZE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'piped', version: '1' } }

async function handshake(bridge: Bridge, name = 'piped'): Promise<void> {
  bridge.say({ id: 0, method: 'initialize', params: { ...INITIALIZE, clientInfo: { name, version: '1' } } })
  expect(await bridge.next()).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } })
  bridge.say({ method: 'notifications/initialized' })
}

describe.each(Object.entries(STDIO_CLIENTS))('%s', (_name, open) => {
  it('lists and calls the tools of either era, and sees their progress', async () => {
    for (const endpoint of ['', 'both']) {
      const client = await open(sallyport, endpoint)
      onTestFinished(() => client.close())
      const names = await namesOf(client)
      for (const [server, { tool, args, times }] of Object.entries(PROGRESS)) {
        expect(names).toContain(`${server}__echo`)
        expect(textOf(await call(client, `${server}__echo`, { message: 'hello' }))).toBe('Echo: hello')
        const seen: number[] = []
        await call(client, `${server}__${tool}`, args, { onprogress: ({ progress }) => seen.push(progress) })
        // In order. The SDK forgets a request with its answer, before it has looked at progress that came in the same moment.
        expect(seen).toEqual(Array.from({ length: times }, (_, index) => index + 1).slice(0, seen.length))
      }
    }
  })

  it('cancels a call, and by going away all of them', async () => {
    const client = await open(sallyport, 'both')
    const abort = new AbortController()
    const first = modern.nextWait()
    const cancelled = call(client, 'modern__wait', {}, { signal: abort.signal }).then(() => 'answered', String)
    const { givenUp } = await first
    abort.abort(new Error('changed my mind'))
    expect(await cancelled).toMatch(/changed my mind|abort/i)
    await givenUp
    const second = modern.nextWait()
    const left = call(client, 'modern__wait').then(() => 'answered', String)
    const last = await second
    await client.close()
    await last.givenUp
    expect(await left).not.toBe('answered')
  })
})

describe('sallyport connect', () => {
  it('passes every message on, in its order', async () => {
    const bridge = start('both')
    const progress = async (times: number): Promise<unknown[]> => {
      const said: RpcMessage[] = []
      for (let i = 0; i <= times; i++) said.push(await bridge.next())
      return said.map(({ params, id }) => params?.['progress'] ?? id)
    }
    const { message } = modernRequest('tools/call', { name: 'modern__steps', arguments: {}, _meta: { progressToken: 't' } })
    bridge.say(message)
    expect(await progress(3)).toEqual([1, 2, 3, message.id])
    await handshake(bridge)
    bridge.say({ id: 'old', method: 'tools/call', params: { name: 'modern__steps', arguments: {}, _meta: { progressToken: 't' } } })
    expect(await progress(3)).toEqual([1, 2, 3, 'old'])
  })

  it('opens a new session when the server has forgotten the old one, and the client notices nothing', async () => {
    const bridge = start('raw')
    await handshake(bridge, 'renewed')
    const first = legacy.sessionOf('renewed')
    await vi.waitFor(() => expect(legacy.push(first)).toBe(1), WITHIN)
    legacy.push(first, { method: 'notifications/resources/list_changed' })
    expect(await bridge.next()).toMatchObject({ method: 'notifications/resources/list_changed' })
    expect((await fetch(legacy.url, { method: 'DELETE', headers: { 'mcp-session-id': first } })).status).toBe(200)
    for (const id of [1, 2]) bridge.say({ id, method: 'tools/list' })
    const answers = [await bridge.next(), await bridge.next()]
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]))
    for (const answer of answers) expect(answer).toMatchObject({ result: { tools: [{ name: 'work' }] } })
    const second = legacy.sessionOf('renewed')
    expect(second).not.toBe(first)
    await vi.waitFor(() => expect(legacy.push(second)).toBe(1), WITHIN)
    legacy.push(second, { method: 'notifications/prompts/list_changed' })
    expect(await bridge.next()).toMatchObject({ method: 'notifications/prompts/list_changed' })
    bridge.child.stdin.end()
    expect(await bridge.exited).toBe(0)
    await vi.waitFor(() => expect(legacy.isOpen(second)).toBe(false), WITHIN)
    expect(bridge.stderr()).not.toContain(sallyport.ownerKey)
  })

  it('waits for a server that is just starting, and goes on with one that was killed and started again', async () => {
    const port = await freePort()
    const key = 'of-a-server-that-does-not-run-yet'
    const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-connect-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const begin = async (): Promise<Sallyport> => {
      const started = await startSallyport({ declared: declared(), port, dataDir, env: { SALLYPORT_OWNER_KEY: key } })
      onTestFinished(() => started.stop())
      return started
    }
    const bridge = start('both', { url: `http://127.0.0.1:${String(port)}`, key })
    bridge.say({ id: 0, method: 'initialize', params: INITIALIZE })
    const first = await begin()
    expect(await bridge.next()).toMatchObject({ id: 0, result: {} })
    bridge.say({ method: 'notifications/initialized' })
    bridge.say({ id: 1, method: 'tools/list' })
    expect(await bridge.next()).toMatchObject({ id: 1, result: {} })
    await first.kill9()
    await begin()
    bridge.say({ id: 2, method: 'tools/list' })
    expect(await bridge.next()).toMatchObject({ id: 2, result: {} })
  })

  it.each([
    ['strict', 'move'],
    ['', 'strict__move'],
  ])('gives a call the headers that its tool wants, at /mcp/%s, whether its client has listed the tools or not', async (endpoint, name) => {
    for (const hasListed of [false, true]) {
      const bridge = start(endpoint)
      if (hasListed) bridge.say(modernRequest('tools/list').message)
      if (hasListed) await bridge.next()
      for (const to of ['north', 'süd']) {
        bridge.say(modernRequest('tools/call', { name, arguments: { to } }).message)
        expect(textOf((await bridge.next()).result)).toBe(`moved ${to}`)
      }
    }
  })

  it('answers what is no message, and lines that are too long, and goes on', async () => {
    const bridge = start('both')
    bridge.say('no JSON\n')
    expect(await bridge.next()).toMatchObject({ id: null, error: { code: -32700 } })
    bridge.say('[]\n')
    expect(await bridge.next()).toMatchObject({ id: null, error: { code: -32700 } })
    bridge.say(`${'x'.repeat(17 * 1024 * 1024)}\n`)
    expect(await bridge.next()).toMatchObject({ id: null, error: { code: 4130 } })
    const large = modernRequest('tools/call', { name: 'modern__echo', arguments: { message: 'x'.repeat(5_000_000) } })
    bridge.say(`${JSON.stringify(large.message)}\n`)
    expect(await bridge.next()).toMatchObject({ id: large.message.id, error: { code: 4130 } })
    bridge.say(modernRequest('tools/list').message)
    expect(await bridge.next()).toMatchObject({ result: {} })
    bridge.child.stdin.end()
    expect(await bridge.exited).toBe(0)
  })

  it('ends with 1 when the key is not good for it, and says what to do', async () => {
    for (const [endpoint, key, code] of [
      ['both', 'wrong', 4010],
      ['absent', sallyport.ownerKey, 4040],
    ] as const) {
      const bridge = start(endpoint, { key })
      bridge.say({ id: 7, method: 'initialize', params: INITIALIZE })
      expect(await bridge.next()).toMatchObject({ id: 7, error: { code } })
      expect(await bridge.exited).toBe(1)
      expect(bridge.stderr()).toContain(`/mcp/${endpoint} is not for this key`)
      expect(bridge.stderr()).toContain('→')
    }
  })

  it('ends with 3 when there is no server', async () => {
    const bridge = start('both', { url: `http://127.0.0.1:${String(await freePort())}` })
    bridge.say({ id: 7, method: 'initialize', params: INITIALIZE })
    expect(await bridge.next()).toMatchObject({ id: 7, error: { code: 5020 } })
    expect(await bridge.exited).toBe(3)
    expect(bridge.stderr()).toContain('Nothing listens there')
  })

  it('takes its key from another variable, and refuses one that is empty', async () => {
    const bridge = start('both', { key: 'wrong', words: ['--key-env', 'MY_KEY'], env: { MY_KEY: sallyport.ownerKey } })
    bridge.say(modernRequest('tools/list').message)
    expect(await bridge.next()).toMatchObject({ result: {} })
    const refused = await run(['bin/sallyport.mjs', 'connect', 'both', '--key-env', 'MY_KEY'], { SALLYPORT_URL: sallyport.url })
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('MY_KEY is empty or not set')
  })
})
