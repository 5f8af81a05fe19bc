import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEgress } from '#egress/index.ts'
import { specDigest } from './deployment-store.ts'
import type { DeploymentRecord, DeploymentStatus, ProcessSpec } from './model.ts'
import { createInstaller } from './process/install.ts'
import type { ProcessHost } from './process/instance.ts'
import { createInstancePlaces } from './process/instance-places.ts'
import type { Isolation } from './process/probe-isolation.ts'
import { ProcessSupervisor } from './process/supervisor.ts'
import { createUidPool } from './process/uid-pool.ts'

// What the tests of this folder share: a stdio server that misbehaves on request, and a host to run it on.

export const NO_SANDBOX: Isolation = { level: 'none', reason: 'the test says so', remedy: 'use a sandbox', tools: null }

/**
 * A legacy server whose first argument chooses how it misbehaves; its tool `run` evaluates a function body, in which `ask`
 * asks the client and gives its result or error, `say` writes a message, and `declared`, `cancelled` and `subscribed` are
 * what the server was told.
 */
const SERVER = `
import { createInterface } from 'node:readline'
const mode = process.argv[2] ?? ''
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
let declared = null
const subscribed = []
let asked = 0
const ask = (method, params = {}, id = 'ask-' + ++asked) => new Promise((resolve) => { answered[id] = resolve; send({ id, method, params }) })
const tools = () => mode === 'tasks' ? [{ name: 'run', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } }, { name: 'other', inputSchema: { type: 'object' }, execution: { taskSupport: 'optional', more: 1 } }] : mode === 'many' ? Array.from({ length: 5000 }, (_, i) => ({ name: 'tool-' + i, inputSchema: { type: 'object' } }))
  : [{ name: 'run', description: mode === 'long' ? 'x'.repeat(1024 * 1024) : 'Runs it', inputSchema: { type: 'object' } }]
if (mode === 'die') { console.error('TypeError: cannot find the moon'); process.exit(7) }
if (mode === 'noise') { console.log('Welcome to the server!'); console.log('{"not":"rpc"}'); console.log('\\u001b[31mred') }
if (mode === 'needs-host') { console.error('Error: getaddrinfo EAI_AGAIN api.example.com'); process.exit(1) }
if (mode === 'needs-file') { console.error("Error: ENOENT: no such file or directory, open '" + (process.env.WANTED ?? process.argv[3]) + "'"); process.exit(1) }
process.on('SIGTERM', () => { if (mode !== 'stubborn') { console.error('Bye.'); process.exit(0) } })
const answers = {
  initialize: (params) => (declared = params.capabilities, { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true }, logging: {}, resources: { subscribe: true }, ...(mode === 'tasks' ? { tasks: { list: {} } } : {}) }, serverInfo: { name: 'fixture', version: '1' } }),
  'tools/list': () => ({ tools: tools() }),
  'resources/subscribe': ({ uri }) => (subscribed.push('+' + uri), send({ method: 'notifications/resources/updated', params: { uri } }), {}),
  'resources/unsubscribe': ({ uri }) => (subscribed.push('-' + uri), send({ method: 'notifications/resources/updated', params: { uri: 'gone:' + uri } }), {}),
}
const cancelled = []
const calls = {
  async run({ code }, id, token) { return await new Function('cancelled', 'ask', 'say', 'declared', 'subscribed', 'id', 'token', 'return (async () => { ' + code + ' })()')(cancelled, ask, send, declared, subscribed, id, token) },
  crash() { console.error('Error: it hurts'); process.exit(9) },
  hang() { return new Promise(() => {}) },
  endless() { const chunk = 'x'.repeat(1 << 20); const more = () => { while (process.stdout.write(chunk)); process.stdout.once('drain', more) }; more(); return new Promise(() => {}) },
  twice(_, id) { send({ id, result: { content: [], structuredContent: { value: 'first' } } }); return 'second' },
  async ask(_, id) { send({ id: 'server-1', method: 'roots/list' }); return new Promise((resolve) => { answered['server-1'] = resolve }) },
  async steps(_, id, token) { for (const progress of [1, 2]) send({ method: 'notifications/progress', params: { progressToken: token, progress } }); return 'done' },
  talk() { send({ method: 'notifications/message', params: { level: 'info', data: 'hello' } }); send({ method: 'notifications/tools/list_changed' }); return 'said' },
}
const answered = {}
if (mode === 'stubborn' || mode === 'lingering') setInterval(() => {}, 1000)
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params, result, error } = JSON.parse(line)
  if (method === undefined) return answered[id]?.(error ?? result)
  if (method === 'notifications/cancelled') cancelled.push(params.requestId)
  if (method === 'notifications/initialized' && mode === 'asks-at-start') ask('roots/list')
  if (id === undefined) return
  if (method !== 'initialize' && mode === 'strict') process.exit(3)
  if (method === 'tools/list' && mode === 'unlistable') process.exit(4)
  if (mode === 'mute') return
  if (method === 'tools/call') {
    const value = await calls[params.name](params.arguments, id, params._meta?.progressToken)
    if (value?.fail !== undefined) return send({ id, error: value.fail })
    if (value?.raw !== undefined) return send({ id, result: value.raw })
    return send({ id, result: { content: [], structuredContent: { value: value ?? null } } })
  }
  if (answers[method] === undefined) return send({ id, error: { code: -32601, message: 'unknown' } })
  send({ id, result: answers[method](params) })
})
`

export interface Bench {
  readonly folder: string
  readonly script: string
  readonly host: ProcessHost
  readonly statuses: DeploymentStatus[]
  deployment(mode: string, change?: Partial<ProcessSpec>, record?: Partial<DeploymentRecord>): DeploymentRecord
  start(deployment: DeploymentRecord): ProcessSupervisor
  /** Resolves with the first status that fits, past ones included. */
  until(fits: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus>
  close(): Promise<void>
}

export function createBench(isolation: Isolation, secrets: Readonly<Record<string, string>> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  const project = join(folder, 'project')
  const dataDir = join(folder, 'data')
  mkdirSync(project, { mode: 0o755 })
  mkdirSync(dataDir, { mode: 0o700 })
  const script = join(project, 'server.mjs')
  writeFileSync(join(project, 'package.json'), '{}')
  writeFileSync(script, SERVER)
  const host: ProcessHost = {
    dataDir,
    environment: process.env,
    egress: createEgress({ allow: [] }),
    installer: createInstaller({ folder: join(dataDir, 'packages'), pinFolder: join(dataDir, 'pins'), environment: process.env }),
    isolation: Promise.resolve(isolation),
    uids: createUidPool(),
    places: createInstancePlaces(),
    secrets: (_tenant, reference) => secrets[reference]!,
    now: Date.now,
    log: { warn: () => {} },
    clientInfo: { name: 'test', version: '1' },
  }
  const statuses: DeploymentStatus[] = []
  const running: ProcessSupervisor[] = []
  const watchers = new Set<() => void>()
  return {
    folder,
    script,
    host,
    statuses,
    deployment: (mode, change = {}, record = {}) => deploymentOf({ command: 'node', args: [script, mode], ...change }, record),
    start(deployment) {
      const onStatus = (status: DeploymentStatus): void => {
        statuses.push(status)
        for (const watcher of watchers) watcher()
      }
      const supervisor = new ProcessSupervisor(deployment, deployment.spec as ProcessSpec, host, { onStatus, onLog: () => {} })
      running.push(supervisor)
      return supervisor
    },
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = statuses.find(fits)
          if (found === undefined) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
      }),
    async close() {
      await Promise.all(running.map((supervisor) => supervisor.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function deploymentOf(change: Partial<ProcessSpec>, record: Partial<DeploymentRecord> = {}): DeploymentRecord {
  const spec: ProcessSpec = {
    kind: 'process',
    command: 'node',
    args: [],
    env: {},
    cwd: null,
    files: [],
    egress: [],
    isolation: 'none',
    ...change,
  }
  const digest = specDigest(spec)
  return {
    id: 'dep_1',
    tenant: 'default',
    name: 'fixture',
    title: 'Fixture',
    description: '',
    access: 'tenant',
    deadlineMs: 5_000,
    startDeadlineMs: 10_000,
    headersMode: 'strict',
    spec,
    origin: { kind: 'api' },
    digest,
    approvedDigest: digest,
    ...record,
  }
}

/** Calls a tool of the fixture; what it returned. Rejects when the call does. */
export async function callTool(
  supervisor: ProcessSupervisor,
  name: string,
  args: Record<string, unknown> = {},
  waitMs = 10_000,
): Promise<unknown> {
  const answer = await supervisor.request({ method: 'tools/call', params: { name, arguments: args }, deadlineAtMs: Date.now() + waitMs })
    .answer
  if (answer.ok === 'input') throw new Error('The server asks for input.')
  if (!answer.ok) throw new Error(answer.error.message)
  return (answer.result['structuredContent'] as { value: unknown }).value
}
