import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import {
  createActivityFeed,
  createDrain,
  getEvent,
  listEvents,
  openSpool,
  readDeploymentTotals,
  readInsights,
  type Recorder,
  verifyChain,
} from '#audit/index.ts'
import { type DeclaredSet, loadDeclared } from '#declared/index.ts'
import { createEgress } from '#egress/index.ts'
import {
  createAuthenticator,
  createIdentity,
  DEFAULT_TENANT,
  type Identity,
  type KeyInput,
  ownerKeyRecord,
  withdrawEndpoint,
} from '#identity/index.ts'
import { createLimiter } from '#policy/index.ts'
import { createProfileStore, type WithdrawName } from '#profile/index.ts'
import { createDeploymentStore, type DeploymentStatus, fetchOpenApiDocument, type LogLine, type Runtime } from '#runtime/index.ts'
import { createPublisher, createSnapshotHolder } from '#snapshot/index.ts'
import { LIMITS } from '#std/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { openVault, type Vault } from '#vault/index.ts'
import { CONTRACT, type ResponseOf, type RouteId } from './contract.ts'
import { createApi } from './create-api.ts'
import type { ApiDeps } from './deps.ts'

// For tests only: a control plane over a real database, vault, spool and snapshot. Nothing of the program imports this file.

export const OWNER_KEY = 'owner-key-for-tests-0123456789abcdef'
export const NOON_MS = Date.UTC(2026, 10, 21, 12)

export interface TestApi {
  /** Sends as the owner unless `key` says otherwise; null sends no credential. */
  readonly send: (
    method: string,
    path: string,
    options?: { key?: string | null; body?: unknown; headers?: Record<string, string> },
  ) => Promise<Response>
  readonly deps: ApiDeps
  readonly identity: Identity
  readonly vault: Vault
  readonly runtime: RecordedRuntime
  /** What is kept of calls, by tenant and id. */
  readonly bodies: Map<string, Awaited<ReturnType<ApiDeps['bodies']['get']>>>
  /** Everything that was logged, as text. */
  readonly logged: string[]
  readonly clock: { nowMs: number }
  /** A key in force. */
  readonly newKey: (input: Partial<KeyInput>, tenant?: string) => Promise<{ key: string; id: string }>
  /** What the audit trail holds, oldest first. */
  readonly recorded: () => Promise<{ method: string; target: string; verdict: string; outcome: string; actorId: string }[]>
  /** Makes the spool refuse from now on. */
  readonly breakSpool: () => void
}

/** A runtime that runs nothing and remembers what it was told: the control plane must work the same. */
export interface RecordedRuntime extends Runtime {
  readonly restarted: string[]
  readonly states: Map<string, DeploymentStatus>
  log(name: string, text: string): void
}

export async function openTestApi(declaredFile?: string, console: ApiDeps['console'] = null): Promise<TestApi> {
  const clock = { nowMs: NOON_MS }
  const now = (): number => clock.nowMs
  const store = await openTestStores()[0]!.open({ now })
  const folder = temporaryFolder()
  const vault = await openVault({ store, keyFile: join(folder, 'vault.key'), now })
  const identity = createIdentity({ store, now })
  let declared: DeclaredSet | null = null
  const reload = async (): Promise<void> => {
    if (declaredFile === undefined) return
    const seal = (name: string, text: string): string => vault.sealText(DEFAULT_TENANT, name, text)
    const openSecret = (name: string): Promise<string | undefined> => vault.get(DEFAULT_TENANT, name).catch(() => undefined)
    declared = await loadDeclared({
      path: declaredFile,
      tenant: DEFAULT_TENANT,
      env: {},
      openSecret,
      seal,
      liveNames: new Set(),
      settingNames: ['port'],
    })
  }
  await reload()
  const isTaken = (_: string, name: string): boolean =>
    [...(declared?.deployments ?? []), ...(declared?.profiles ?? [])].some((record) => record.name === name)
  const withdraw: WithdrawName = (transaction, tenant, name) => withdrawEndpoint(transaction, tenant, name, now(), store.dialect)
  const profiles = createProfileStore({ store, now, isTaken, withdraw })
  const deployments = createDeploymentStore({ store, now, isTaken, withdraw })
  const authenticator = createAuthenticator({ limits: LIMITS })
  const snapshots = createSnapshotHolder({ staleMaxMs: 60_000 })
  snapshots.onChange((snapshot) => authenticator.replaceKeys(snapshot.keys))
  const publisher = createPublisher({
    store,
    sources: {
      keys: async () => identity.withSessions([ownerKeyRecord(OWNER_KEY), ...(await identity.keyRecords())]),
      profiles: async () => [...(declared?.profiles ?? []), ...(await profiles.list())],
      deployments: async () => [...(declared?.deployments ?? []), ...(await deployments.list())],
    },
    target: snapshots,
    nodeId: 'test',
    now,
    pollMs: 60_000,
    onError: (error) => expect.unreachable(String(error)),
  })
  await publisher.start()
  onTestFinished(() => publisher.close())
  const logged: string[] = []
  const note = (fields: Record<string, unknown>, text: string): void =>
    void logged.push(`${text} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? `${value.stack}` : value))}`)
  const bodies: TestApi['bodies'] = new Map()
  const { recorder, drain, feed, breakSpool } = await openAudit(store, join(folder, 'spool'), now)
  const runtime = recordedRuntime()
  const egress = createEgress({
    allow: ['tools.internal:8443'],
    resolve: async (host) => [host.endsWith('.internal') ? '10.0.0.5' : '93.184.215.14'],
  })
  onTestFinished(() => egress.close())
  const deps: ApiDeps = {
    identity,
    authenticator,
    limiter: createLimiter({ callsPerSecond: 10_000 }),
    profiles,
    deployments,
    runtime,
    vault,
    publisher,
    snapshots,
    audit: {
      recorder,
      list: async (tenant, options) => (await drain.drainNow(), listEvents({ store, tenant, ...options })),
      get: async (tenant, id) => (await drain.drainNow(), getEvent(store, tenant, id)),
      verify: async (tenant) => (await drain.drainNow(), verifyChain({ store, tenant })),
      insights: async (tenant, range) => (await drain.drainNow(), readInsights({ store, tenant, ...range })),
      deploymentTotals: async (tenant, ...range) => (await drain.drainNow(), readDeploymentTotals(store, tenant, ...range)),
      feed,
    },
    bodies: { recording: 'redacted', get: async (tenant, id) => bodies.get(`${tenant} ${id}`) ?? null },
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'calls_total 1\n', token: 'metrics-token-0123456789' },
    settings: [
      { name: 'port', env: 'SALLYPORT_PORT', flag: 'port', origin: 'default', isSecret: false, isSet: true, value: 7255, doc: 'Port.' },
      {
        name: 'ownerKey',
        env: 'SALLYPORT_OWNER_KEY',
        flag: null,
        origin: 'environment',
        isSecret: true,
        isSet: true,
        value: OWNER_KEY,
        doc: 'Owner.',
      },
    ],
    declared: { current: () => declared, error: () => null, reload },
    assertEgressAllowed: (url) => egress.assertAllowed(url),
    fetchDocument: (url) => fetchOpenApiDocument(egress, url, false),
    listTools: async () => [{ name: 'echo', description: 'Says it again' }],
    health: async () => ({ database: OK, spool: OK, chain: OK, snapshot: OK, shared: OK }),
    notReady: () => null,
    sessionCookie: 'sallyport-session-7255',
    console,
    server: { version: '0.1.0', publicUrl: 'http://127.0.0.1:7255', startedAtMs: NOON_MS },
    now,
    log: { info: note, warn: note, error: note },
  }
  const api = createApi(deps)
  return {
    deps,
    identity,
    vault,
    runtime,
    bodies,
    logged,
    clock,
    breakSpool,
    send: (method, path, { key = OWNER_KEY, body, headers = {} } = {}) =>
      api(
        new Request(`http://127.0.0.1:7255${path}`, {
          method,
          headers: {
            ...(key === null ? {} : { authorization: `Bearer ${key}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
        '127.0.0.1',
      ),
    async newKey(input, tenant = DEFAULT_TENANT) {
      const row = { id: tenant, title: tenant, created_at_ms: now() }
      await store.db
        .insertInto('tenant')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const { key, record } = await identity.createKey(tenant, { name: 'test', scopes: ['mcp:list', 'mcp:call'], ...input }, 'test')
      await publisher.changed()
      return { key, id: record.id }
    },
    async recorded() {
      await drain.drainNow()
      const { events } = await listEvents({ store, tenant: DEFAULT_TENANT, limit: LIMITS.pageSizeMax })
      return events
        .map(({ event: { method, target, verdict, outcome, actorId } }) => ({ method, target, verdict, outcome, actorId }))
        .toReversed()
    },
  }
}

const OK = { status: 'ok', detail: 'answers' } as const

async function openAudit(store: Parameters<typeof createDrain>[0]['store'], dir: string, now: () => number) {
  const spool = openSpool({ dir, node: 'test', bytesMax: 64 * 1024 * 1024 })
  const feed = createActivityFeed()
  const drain = createDrain({
    store,
    dir,
    now,
    onBatch: (records) => feed.publish(records),
    onProgress: (file, offset) => spool.acknowledge(file, offset),
    onError: (error) => expect.unreachable(error.message),
  })
  onTestFinished(async () => {
    feed.close()
    spool.close()
    await drain.close()
  })
  // A spool that is closed refuses as one that is full does.
  return { recorder: spool satisfies Recorder, drain, feed, breakSpool: () => spool.close() }
}

function recordedRuntime(): RecordedRuntime {
  const lines = new Map<string, LogLine[]>()
  const listeners = new Set<(tenant: string, name: string, line: LogLine) => void>()
  const restarted: string[] = []
  const states = new Map<string, DeploymentStatus>()
  return {
    restarted,
    states,
    log(name, text) {
      const line = { atMs: NOON_MS, text }
      lines.set(name, [...(lines.get(name) ?? []), line])
      for (const listener of listeners) listener(DEFAULT_TENANT, name, line)
    },
    upstream: () => undefined,
    reconcile: () => {},
    statuses: () => [...states.values()],
    logs: (_, name) => lines.get(name) ?? [],
    onLog(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onStatus: () => () => {},
    noteTools: () => {},
    restart: (_, name) => void restarted.push(name),
    close: async () => {},
  }
}

export const CANARY = 'canary-6f1d0a52b7'
export const REMOTE = {
  name: 'docs',
  spec: { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: { Authorization: `Bearer ${CANARY}` } },
}
export const PROGRAM = {
  name: 'git',
  spec: { kind: 'process', command: 'uvx', args: ['mcp-server-git', '--token', CANARY], env: { GIT_TOKEN: CANARY } },
}

/** The JSON of an answer. */
export const read = async (answer: Response): Promise<unknown> => JSON.parse(await answer.text())

/** Sends, checks the answer against the contract, and gives it. */
export async function call<Id extends RouteId>(api: TestApi, id: Id, path: string, body?: unknown): Promise<ResponseOf<Id>> {
  const route = CONTRACT[id]
  const answer = await api.send(route.method, `/api/v1${path}`, body === undefined ? {} : { body })
  const text = await answer.text()
  expect([answer.status, text]).toEqual([route.status, expect.any(String)])
  if (!('response' in route)) return undefined as ResponseOf<Id>
  const value: unknown = JSON.parse(text)
  expect(route.response.safeParse(value).error?.issues ?? []).toEqual([])
  return value as ResponseOf<Id>
}

/** Sends what is to be refused and gives the problem, with its type by its short name. */
export async function refusal(
  api: TestApi,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; type: string; detail: string; remedy?: string; [member: string]: unknown }> {
  const answer = await api.send(method, `/api/v1${path}`, body === undefined ? {} : { body })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const document = (await read(answer)) as { type: string; status: number; detail: string }
  expect(document.status).toBe(answer.status)
  return { ...document, type: document.type.replace(/^.*\//, '') }
}
