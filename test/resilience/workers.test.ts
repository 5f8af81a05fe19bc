import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePort, REPOSITORY, type Sallyport, startSallyport } from '../e2e/harness.ts'
import { waitForTools } from '../e2e/upstreams.ts'
import { LEGACY, openSession } from '../e2e/wire.ts'
import { startModernServer } from '../fixtures/modern-server.ts'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { expectAudited } from './audit.ts'
import { type Connection, connectToEach, declaredEcho, isAnswered, startEcho, textOf } from './load.ts'
import { gone, processTree, spoolBytes } from './processes.ts'

const START_MS_MAX = 30_000
const GONE_MS_MAX = 8_000
const JSON_TYPE = { 'content-type': 'application/json' }

async function connectionsOf(sallyport: Sallyport): Promise<readonly [Connection, Connection]> {
  const [one, other] = [...(await connectToEach(sallyport, sallyport.ownerKey)).values()]
  onTestFinished(() => {
    one?.close()
    other?.close()
  })
  return [one!, other!]
}

async function json<T>(connection: Connection, method: string, path: string, body?: object): Promise<T> {
  const incoming = await connection.request(
    method,
    path,
    body === undefined ? {} : JSON_TYPE,
    body === undefined ? '' : JSON.stringify(body),
  )
  const text = await textOf(incoming)
  if ((incoming.statusCode ?? 0) >= 300) throw new Error(`${method} ${path}: ${String(incoming.statusCode)} ${text}`)
  return JSON.parse(text) as T
}

interface Invoked {
  readonly result: {
    readonly isError?: boolean
    readonly structuredContent?: Record<string, unknown>
    readonly content: readonly { readonly text?: string }[]
  }
}

const invoke = (connection: Connection, endpoint: string, name: string, given: object): Promise<Invoked> =>
  json(connection, 'POST', `/mcp/${endpoint}/invoke`, { tool: name, arguments: given })

/** Calls of one tool that ended well, as Prometheus reads it. */
async function callCount(connection: Connection, deployment: string): Promise<number> {
  const text = await textOf(await connection.request('GET', '/metrics'))
  const lines = text.split('\n').filter((line) => line.startsWith('sallyport_calls_total{') && line.includes(`deployment="${deployment}"`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

describe('a server with two data-plane processes', () => {
  it('is one server to its clients, whichever process they meet', async () => {
    const upstream = await startEcho()
    onTestFinished(() => upstream.close())
    const sallyport = await startSallyport({ args: ['--workers', '2'], env: { SALLYPORT_EGRESS_ALLOW: new URL(upstream.url).host } })
    onTestFinished(() => sallyport.stop())
    const [one, other] = await connectionsOf(sallyport)

    // The control plane lives in the first process and answers through both others; a change is known to all when it is answered.
    await json(one, 'POST', '/api/v1/deployments', { name: 'echo', spec: { kind: 'remote', url: upstream.url } })
    expect(await json(other, 'GET', '/api/v1/deployments/echo')).toMatchObject({ name: 'echo' })
    for (const connection of [one, other]) {
      expect(await connection.call('relayed', 'relay')).toSatisfy(isAnswered)
      expect(await connection.call('federated', 'federated')).toSatisfy(isAnswered)
    }

    // A stdio server runs once, for both.
    await waitForTools(sallyport, ['clock__convert', 'notebook__add_note'])
    for (const [connection, title] of [
      [one, 'from one'],
      [other, 'from the other'],
    ] as const) {
      // prettier-ignore
      expect(await invoke(connection, 'notebook', 'add_note', { title, text: 'kept' })).toMatchObject({ result: { content: [{}] } })
    }
    for (const connection of [one, other]) {
      const listed = JSON.stringify((await invoke(connection, 'notebook', 'list_notes', {})).result)
      expect(listed).toContain('from one')
      expect(listed).toContain('from the other')
    }

    const before = await callCount(one, 'echo')
    for (let i = 0; i < 3; i++) await one.call(`counted-${String(i)}`)
    for (let i = 0; i < 2; i++) await other.call(`counted-too-${String(i)}`)
    expect([await callCount(one, 'echo'), await callCount(other, 'echo')]).toEqual([before + 5, before + 5])

    const answers = [await one.call('audited'), await other.call('audited too')]
    await expectAudited(sallyport, answers)

    const started = processTree(sallyport.pid)
    // Itself, two data-plane processes, and two servers with their sandboxes where there are some.
    expect(started.length).toBeGreaterThanOrEqual(5)
    process.kill(sallyport.pid, 'SIGKILL')
    await gone(started, GONE_MS_MAX)
  })

  it('carries a cancellation to the process that has the call', async () => {
    const upstream = await startModernServer()
    onTestFinished(() => upstream.close())
    const declared = { mcpServers: { slow: { url: upstream.url, sallyport: { access: 'tenant' } } } }
    const sallyport = await startSallyport({ declared, args: ['--workers', '2'] })
    onTestFinished(() => sallyport.stop())
    const [one, other] = await connectionsOf(sallyport)
    const session = await openSession(`${sallyport.url}/mcp`, { key: sallyport.ownerKey })
    const headers = {
      ...JSON_TYPE,
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': LEGACY,
    }
    const send = (connection: Connection, message: object) =>
      connection.request('POST', '/mcp', headers, JSON.stringify({ jsonrpc: '2.0', ...message }))

    const begun = upstream.nextWait()
    const pending = send(one, { id: 'to-cancel', method: 'tools/call', params: { name: 'slow__wait', arguments: {} } })
    const { givenUp } = await begun
    const accepted = await send(other, { method: 'notifications/cancelled', params: { requestId: 'to-cancel', reason: 'changed my mind' } })
    expect(accepted.resume().statusCode).toBe(202)
    await givenUp
    // A call that was cancelled gets no message.
    expect(await textOf(await pending)).toBe('')
  })

  it('finishes the calls under way when it is told to stop, and leaves nothing behind', async () => {
    const held: (() => void)[] = []
    const upstream = await startModernUpstream(
      (message, response) => {
        const { id } = (message.params as { arguments: { id: string } }).arguments
        held.push(() => sendResult(response, message.id, textResult(`echo ${id}`)))
      },
      [tool('echo')],
    )
    onTestFinished(() => upstream.close())
    const sallyport = await startSallyport({ declared: declaredEcho(upstream), args: ['--workers', '2'] })
    onTestFinished(() => sallyport.stop())
    const [one, other] = await connectionsOf(sallyport)
    const started = processTree(sallyport.pid)
    const calls = [one.call('under way'), other.call('under way, too', 'federated')]
    await vi.waitUntil(() => held.length === calls.length, { timeout: 10_000 })

    process.kill(sallyport.pid, 'SIGTERM')
    await vi.waitUntil(() => sallyport.logs.includes('stopping'), { timeout: 5_000 })
    for (const answer of held) answer()
    for (const answer of await Promise.all(calls)) expect(answer).toSatisfy(isAnswered)
    await gone(started, GONE_MS_MAX)
    const after = await startSallyport({ dataDir: sallyport.dataDir, declared: declaredEcho(upstream) })
    onTestFinished(() => after.stop())
    await expectAudited(after, await Promise.all(calls))
    // Everything was carried over before the end.
    expect([...spoolBytes(sallyport.dataDir).keys()].filter((pid) => pid !== after.pid)).toEqual([])
  })

  it('says why it does not start when its port is taken', async () => {
    const upstream = await startEcho()
    onTestFinished(() => upstream.close())
    const starting = startSallyport({ args: ['--workers', '2', '--port', new URL(upstream.url).port] })
    await expect(starting).rejects.toThrow(/Another program listens on 127\.0\.0\.1/)
  })
})

describe('the launcher that brings a Node along', () => {
  /** As `npm start` runs it: without the flags of a server, so that it starts another Node with them. */
  async function launch(): Promise<{ launcher: ChildProcess; exited: Promise<unknown[]> }> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-launched-'))
    const port = await freePort()
    const launcher = spawn(
      process.execPath,
      [join(REPOSITORY, 'bin/sallyport.mjs'), 'serve', '--workers', '2', '--port', String(port), '--data-dir', folder],
      {
        cwd: folder,
        stdio: 'ignore',
        env: { ...process.env, SALLYPORT_TEST_DATABASE_URL: '' },
      },
    )
    const exited = once(launcher, 'exit')
    onTestFinished(async () => {
      for (const { pid } of processTree(launcher.pid ?? 0)) process.kill(pid, 'SIGKILL')
      launcher.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    })
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined))?.ok === true
    await vi.waitUntil(isReady, { timeout: START_MS_MAX, interval: 50 })
    return { launcher, exited }
  }

  it('answers each request whose body nobody reads with why, and lets none of them spoil the next one', async () => {
    const sallyport = await startSallyport({ args: ['--workers', '2'] })
    onTestFinished(() => sallyport.stop())
    const kept = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => kept.destroy())
    const post = async (agent: Agent | false, bytes: number): Promise<number> => {
      const asked = request(`${sallyport.url}/api/v1/keys`, { method: 'POST', agent, headers: { ...JSON_TYPE, 'content-length': bytes } })
      asked.end(Buffer.alloc(bytes, 32))
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      await textOf(answer)
      return answer.statusCode ?? 0
    }
    const statuses = new Set<number>()
    for (const agent of [false, kept] as const)
      for (const bytes of [100, 900_000]) for (let i = 0; i < 20; i++) statuses.add(await post(agent, bytes))
    expect([...statuses].filter((status) => status !== 429)).toEqual([401])
  })

  it('starts, whoever asks before it is ready', async () => {
    const port = await freePort()
    const statuses = new Set<number>()
    const asked = new AbortController()
    const asking = Array.from({ length: 8 }, async () => {
      while (!asked.signal.aborted) {
        const answer = await fetch(`http://127.0.0.1:${String(port)}/api/v1/whoami`).catch(() => null)
        if (answer === null) await new Promise((resolve) => setImmediate(resolve))
        else statuses.add(answer.status)
        await answer?.text()
      }
    })
    onTestFinished(async () => {
      asked.abort()
      await Promise.all(asking)
    })
    const sallyport = await startSallyport({ args: ['--workers', '2'], port })
    onTestFinished(() => sallyport.stop())
    expect((await fetch(`${sallyport.url}/readyz`)).status).toBe(200)
    expect([...statuses].filter((status) => ![401, 429, 503].includes(status))).toEqual([])
  })

  it('leaves nothing running when it is killed', async () => {
    const { launcher, exited } = await launch()
    const started = processTree(launcher.pid ?? 0)
    expect(started.length).toBeGreaterThanOrEqual(4)
    launcher.kill('SIGKILL')
    await exited
    await gone(started, GONE_MS_MAX)
  })

  it('passes a stop on, waits, and ends well', async () => {
    const { launcher, exited } = await launch()
    const started = processTree(launcher.pid ?? 0)
    launcher.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    await gone(started, 0)
  })
})
