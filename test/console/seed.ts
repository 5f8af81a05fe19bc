// A product as it looks after a week of work: servers in every state, profiles, keys, and the calls of seven days. The
// same each time, but for the clock.
import { copyFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditEvent, openSpool } from '#audit/index.ts'
import { newId } from '#std/index.ts'
import { type RawServer } from '../fixtures/raw-server.ts'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { type Product, type ProductOptions, startProduct } from './product.ts'
import { addServer, callTool, FIXTURES, launchOf, waitForState } from './servers.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const WORKBENCH = 'workbench-server.mjs'
const SERVERS = join(tmpdir(), 'mcp-servers')
const SPOOL_BYTES_MAX = 256 * 1024 * 1024

/** Who calls, how often, and from where; nobody of these exists. */
const PEOPLE = [
  { name: 'ada laptop', weight: 5 },
  { name: 'build agent', weight: 8 },
  { name: 'grace desktop', weight: 3 },
  { name: 'support bot', weight: 6 },
] as const

const CALLS = [
  { endpoint: 'team', deployment: 'workbench', target: 'workbench__add', us: 9_000, weight: 6, failing: 0.01 },
  { endpoint: 'team', deployment: 'issues', target: 'issues__search', us: 84_000, weight: 9, failing: 0.02 },
  { endpoint: 'issues', deployment: 'issues', target: 'comment', us: 120_000, weight: 3, failing: 0.05 },
  { endpoint: 'starter', deployment: 'clock', target: 'clock__current_time', us: 3_000, weight: 5, failing: 0 },
  { endpoint: 'workbench', deployment: 'workbench', target: 'slow', us: 2_400_000, weight: 1, failing: 0.15 },
] as const

export interface Seeded {
  readonly product: Product
  readonly stop: () => Promise<void>
}

/** Starts a product and fills it. `events`: how many calls of the last week its audit trail holds. */
export async function startSeeded({ events = 4_000, ...options }: ProductOptions & { readonly events?: number } = {}): Promise<Seeded> {
  const upstream = await startModernUpstream(
    ({ id }, response) => sendResult(response, id, textResult('3 issues were found')),
    [
      tool('search', 'Searches issues by words, labels and people.'),
      tool('comment', 'Adds a comment to an issue.'),
      tool('close', 'Closes an issue.'),
    ],
  )
  // Its path is in the pictures: one that any machine may have.
  mkdirSync(SERVERS, { recursive: true })
  copyFileSync(join(FIXTURES, WORKBENCH), join(SERVERS, WORKBENCH))
  const product = await startProduct({ ...options, env: { SALLYPORT_EGRESS_ALLOW: '127.0.0.0/8', ...options.env } })
  const stop = async (): Promise<void> => {
    await product.stop()
    await upstream.close()
  }
  try {
    await addServers(product, upstream)
    await addProfiles(product)
    const keys = await addKeys(product)
    await product.halt()
    await writeWeek(product.dataDir, keys, events)
    await product.resume()
    await waitForState(product, 'workbench', 'ready')
    await waitForState(product, 'issues', 'ready')
    await makeCalls(product, keys[0]!.key)
    await drained(product, events)
  } catch (error) {
    await stop()
    throw error
  }
  return { product, stop }
}

async function addServers(product: Product, upstream: RawServer): Promise<void> {
  await addServer(product, 'workbench', WORKBENCH, SERVERS)
  const more = [
    { name: 'issues', title: 'Issue tracker', spec: { kind: 'remote', url: upstream.url } },
    {
      name: 'calendar',
      title: 'Team calendar',
      spec: { ...launchOf(WORKBENCH, [], SERVERS), egress: ['calendar.example.com:443'], env: { CALENDAR_TOKEN: 'not-a-real-token' } },
    },
    { name: 'archive', title: 'Archive of notes', spec: launchOf(WORKBENCH, ['/etc/hostname'], SERVERS) },
    { name: 'mail', title: 'Mail', spec: { kind: 'remote', url: 'http://127.0.0.1:9/mcp' } },
  ]
  for (const each of more) await product.api('POST', '/deployments', { access: 'tenant', ...each })
  const { digest } = await product.api<{ digest: string }>('GET', '/deployments/archive')
  await product.api('POST', '/deployments/archive/approve', { digest })
  await waitForState(product, 'issues', 'ready')
}

async function addProfiles(product: Product): Promise<void> {
  await product.api('POST', '/profiles', {
    name: 'team',
    title: 'Product team',
    access: 'tenant',
    servers: ['workbench', 'issues', 'clock'],
  })
  await product.api('POST', '/profiles', { name: 'support', title: 'Support desk', access: 'granted', servers: ['issues'] })
}

interface Key {
  readonly id: string
  readonly name: string
  readonly key: string
}

async function addKeys(product: Product): Promise<readonly Key[]> {
  const keys: Key[] = []
  for (const { name } of PEOPLE) keys.push({ name, ...(await product.createKey(name, { scopes: ['mcp:list', 'mcp:call'] })) })
  return keys
}

/** Leaves the calls of a week where the data plane leaves its own: the drain takes them up at the next start. */
async function writeWeek(dataDir: string, keys: readonly Key[], count: number): Promise<void> {
  const spool = openSpool({ dir: join(dataDir, 'spool'), node: 'seed', bytesMax: SPOOL_BYTES_MAX })
  const random = createRandom(7)
  const endMs = Date.now() - MINUTE_MS
  const times = Array.from({ length: count }, () => endMs - Math.floor(timeOfWork(random) * 7 * DAY_MS)).toSorted((a, b) => a - b)
  const written = times.map(
    (atMs) =>
      new Promise<void>((resolve, reject) => {
        spool.record(callOf(atMs, keys, random), (failure) => (failure === null ? resolve() : reject(failure)))
      }),
  )
  await Promise.all(written)
  spool.close()
}

function callOf(atMs: number, keys: readonly Key[], random: () => number): AuditEvent {
  const call = pick(CALLS, random)
  const person = PEOPLE.indexOf(pick(PEOPLE, random))
  const isDenied = random() < 0.03
  const isFailed = !isDenied && random() < call.failing
  const us = isDenied ? 40 : Math.round(call.us * (0.5 + random() ** 3 * 4))
  const forward = Math.round(us * 0.97)
  return {
    id: newId('evt', atMs),
    atMs,
    tenant: 'default',
    kind: 'call',
    actorId: keys[person]!.id,
    actorKind: 'key',
    actorName: keys[person]!.name,
    endpoint: call.endpoint,
    deployment: isDenied ? '' : call.deployment,
    method: 'tools/call',
    target: call.target,
    era: 'modern',
    verdict: isDenied ? 'deny' : 'allow',
    rule: isDenied ? 'key:tools' : 'access:tenant',
    outcome: isDenied ? 'not-found' : isFailed ? 'tool-error' : 'ok',
    status: isDenied ? 404 : 200,
    bytesIn: 300 + Math.round(random() * 600),
    bytesOut: isDenied ? 180 : 400 + Math.round(random() * 9_000),
    us,
    bodySha256: 'ab'.repeat(32),
    steps: [
      { name: 'identify', us: 4, note: `key:${keys[person]!.name}` },
      { name: 'resolve', us: 2, note: call.endpoint },
      { name: 'authorize', us: 6, note: isDenied ? 'not among the tools of this key' : 'access:tenant' },
      ...(isDenied
        ? []
        : [
            { name: 'limit', us: 1 } as const,
            { name: 'inspect-call', us: 12 } as const,
            { name: 'forward', us: forward } as const,
            { name: 'inspect-result', us: us - forward - 25 } as const,
          ]),
    ],
  }
}

/** Real calls last, so that there is a process with a log and an event with bodies. */
async function makeCalls(product: Product, key: string): Promise<void> {
  await callTool(product, 'workbench', key, 'add', { a: 20, b: 22 })
  await callTool(product, 'workbench', key, 'fail')
  await callTool(product, 'team', key, 'issues__search', { words: 'door' })
}

async function drained(product: Product, count: number): Promise<void> {
  for (;;) {
    const { totals } = await product.api<{ totals: { calls: number; denied: number } }>(
      'GET',
      `/insights?since=${new Date(Date.now() - 8 * DAY_MS).toISOString()}`,
    )
    if (totals.calls >= count) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function pick<Item extends { readonly weight: number }>(items: readonly Item[], random: () => number): Item {
  let rest = random() * items.reduce((sum, { weight }) => sum + weight, 0)
  return items.find(({ weight }) => (rest -= weight) <= 0) ?? items[0]!
}

/** A share of the week before now: more by day than by night, and the last hours too. */
function timeOfWork(random: () => number): number {
  if (random() < 0.1) return random() / 20
  const day = Math.floor(random() * 7)
  const hour = 0.5 + (random() + random() + random() - 1.5) / 3
  return Math.min(0.999, Math.max(0.0001, (day + hour) / 7))
}

/** Numbers that look random and are the same each time (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
