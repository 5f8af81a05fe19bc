// `npm run bench`: what a call costs, as ratios to a bare echo of the same answer in the same run.
//   --quick                       fewer and shorter rounds, about a minute
//   --profile [--subject NAME]    instead, runs `full`, `federated` or `bridged` under the CPU profiler and prints
//                                 where the time goes
//   --console                     instead, measures the console in a browser
// Budgets stand beside the figures; the raw numbers go to test/bench/results/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { renderFigures, type Figure } from './budgets.ts'
import { measureCpu, measureLatency, median, startGenerator, warmUp, type Generator, type Subject } from './measure.ts'
import { callRequest, modernRequest } from './messages.ts'
import { describeMachine, rssMb, startServer, type Program } from './processes.ts'
import { monotonicUs, renderProfile } from './profile.ts'
import { measureSearch } from './search.ts'
import { createHome, DEPLOYMENTS, startSallyport, type Home, type Sallyport } from './sallyport.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    subject: { type: 'string', default: 'full' },
    console: { type: 'boolean', default: false },
  },
})
const PLAN = options.quick
  ? { warmMs: 700, rounds: 3, windowMs: 1000, latencyRounds: 2, latencyMs: 2000, starts: 1, lists: 500 }
  : { warmMs: 2000, rounds: 7, windowMs: 2000, latencyRounds: 5, latencyMs: 4000, starts: 3, lists: 2000 }
/** A start is idle when what it began has had time to end. */
const IDLE_MS = 2_000
const STREAMS = 10_000
/** Below the number of streams that one caller may hold. */
const STREAMS_PER_KEY = 800

const running: Program[] = []
const homes: Home[] = []
const keep = <T extends Program>(program: T): T => {
  running.push(program)
  return program
}

try {
  if (options.console) await benchConsole()
  else await benchCalls()
} finally {
  for (const program of running.toReversed()) await program.stop()
  for (const home of homes) home.remove()
}

/** It has the types of a browser, which the rest must not see: its name is no constant for that reason. */
async function benchConsole(): Promise<void> {
  const file = new URL('../console/bench.ts', import.meta.url)
  const made = (await import(file.href)) as { readonly benchConsole: () => Promise<void> }
  await made.benchConsole()
}

async function benchCalls(): Promise<void> {
  const upstream = keep(await startServer(1, 'upstream.ts'))
  const generator = keep(startGenerator())
  const home = createHome(upstream.port)
  homes.push(home)
  if (options.profile) await profile(generator, home, upstream.port)
  else await bench(generator, home, upstream.port)
}

async function bench(generator: Generator, home: Home, upstreamPort: number): Promise<void> {
  const machine = describeMachine()
  process.stdout.write(
    `${Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ')}\n\n`,
  )
  const starts = await measureStarts(upstreamPort)
  const sallyport = keep(await startSallyport(home))
  const subjects = await createSubjects(sallyport, upstreamPort)
  for (const subject of subjects) await warmUp(generator, subject, PLAN.warmMs)

  const costed = subjects.filter(({ name }) => name !== 'direct' && name !== 'lists')
  const windows = await measureCpu(generator, costed, PLAN.rounds, PLAN.windowMs)
  const loadMb = rssMb(sallyport.child.pid ?? 0)
  const compared = ['direct', 'full'].flatMap((name) => subjects.filter((subject) => subject.name === name))
  const latency = await measureLatency(generator, compared, PLAN.latencyRounds, PLAN.latencyMs)
  const lists = await measureLists(generator, subjects)
  const streams = await measureStreams(generator, sallyport)

  const costs = (subject: string): number[] => windows.filter((each) => each.subject === subject).map(({ usPerCall }) => usPerCall)
  const us = (subject: string): number => median(costs(subject))
  // Paired by round: what slowed one slowed the other.
  const ratio = (subject: string, base: string): number => median(costs(subject).map((cost, round) => cost / (costs(base)[round] ?? cost)))
  const added = (pick: 'p50' | 'p99'): number => median(latency.map(([direct, full]) => (full?.[pick] ?? 0) - (direct?.[pick] ?? 0)))
  const figures: Figure[] = [
    { name: 'floor: node:http echo, CPU per call', value: us('floor'), unit: 'µs' },
    { name: 'bare relay, CPU per call', value: us('relay'), unit: 'µs' },
    { name: 'bare relay / floor', value: ratio('relay', 'floor'), unit: '×', budget: 2 },
    { name: 'full pipeline, CPU per call', value: us('full'), unit: 'µs' },
    { name: 'full pipeline / floor', value: ratio('full', 'floor'), unit: '×', budget: 3.5 },
    { name: 'full pipeline / bare relay', value: ratio('full', 'relay'), unit: '×', budget: 1.8 },
    { name: 'full pipeline, calls a second and core', value: 1e6 / us('full'), unit: '/s', budget: 14_000 },
    { name: 'federated call, CPU per call', value: us('federated'), unit: 'µs' },
    { name: 'federated call / floor', value: ratio('federated', 'floor'), unit: '×', budget: 4 },
    { name: 'bridged call (other era), CPU per call', value: us('bridged'), unit: 'µs' },
    { name: 'bridged call / floor', value: ratio('bridged', 'floor'), unit: '×', budget: 8 },
    { name: 'added latency at 1,000 calls/s, p50', value: added('p50'), unit: 'ms', budget: 0.5 },
    { name: 'added latency at 1,000 calls/s, p99', value: added('p99'), unit: 'ms', budget: 5 },
    { name: `tools/list over ${DEPLOYMENTS} servers from cache, p50`, value: lists.p50, unit: 'ms', budget: 10 },
    { name: 'start to /readyz, cold', value: starts.coldMs, unit: 'ms' },
    { name: 'start to /readyz, warm', value: starts.warmMs, unit: 'ms', budget: 1500 },
    { name: 'resident after start', value: starts.idleMb, unit: 'MB', budget: 150 },
    { name: 'resident after the load', value: loadMb, unit: 'MB' },
    { name: `resident with ${STREAMS.toLocaleString('en')} idle event streams`, value: streams.residentMb, unit: 'MB', budget: 512 },
    ...(await measureSearch()),
  ]
  process.stdout.write(renderFigures(figures))
  const reports = [...windows.map(({ report }) => report), ...latency.flat(), lists, streams.report]
  const wrong = reports.filter(({ errors }) => errors > 0)
  for (const { errors, calls, firstError } of wrong)
    process.stdout.write(`✘ ${errors} of ${calls} answers were wrong, the first: ${firstError}\n`)
  if (wrong.length > 0) process.exitCode = 1
  save({ machine, plan: PLAN, figures, windows, latency, lists, starts, streams })
}

async function createSubjects(sallyport: Sallyport, upstreamPort: number): Promise<Subject[]> {
  const floor = keep(await startServer(0, 'floor.ts'))
  const relay = keep(await startServer(0, 'relay.ts', [`http://127.0.0.1:${upstreamPort}/modern`]))
  const headers = { authorization: `Bearer ${await sallyport.createKey('bench')}` }
  const gateway = (name: string, path: string, request: ReturnType<typeof callRequest>): Subject => ({
    name,
    pid: sallyport.child.pid ?? 0,
    request: { port: sallyport.port, path, headers: { ...request.headers, ...headers }, body: request.body },
  })
  const plain = callRequest('lookup')
  return [
    { name: 'direct', pid: 0, request: { port: upstreamPort, path: '/modern', ...plain } },
    { name: 'floor', pid: floor.child.pid ?? 0, request: { port: floor.port, path: '/', ...plain } },
    { name: 'relay', pid: relay.child.pid ?? 0, request: { port: relay.port, path: '/', ...plain } },
    gateway('full', '/mcp/modern', plain),
    gateway('federated', '/mcp/pair', callRequest('modern__lookup')),
    gateway('bridged', '/mcp/bridged', callRequest('legacy__lookup')),
    gateway('lists', '/mcp/fifty', modernRequest('tools/list', {})),
  ]
}

/** One client, one call after the other: the time of a list is what a person waits for. */
async function measureLists(generator: Generator, subjects: readonly Subject[]): ReturnType<Generator['obey']> {
  const subject = subjects.find(({ name }) => name === 'lists')
  if (subject === undefined) throw new Error('nobody lists')
  return await generator.obey({ kind: 'closed', request: subject.request, connections: 1, durationMs: PLAN.lists })
}

/** Cold: the first start of a fresh home, nothing compiled yet. Warm: the starts after it. */
async function measureStarts(upstreamPort: number): Promise<{ coldMs: number; warmMs: number; idleMb: number; all: number[] }> {
  const home = createHome(upstreamPort)
  homes.push(home)
  const all: number[] = []
  let idleMb = 0
  for (let start = 0; start <= PLAN.starts; start++) {
    const sallyport = await startSallyport(home)
    all.push(sallyport.startMs)
    if (start === PLAN.starts) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
      idleMb = rssMb(sallyport.child.pid ?? 0)
    }
    await sallyport.stop()
  }
  const [coldMs = 0, ...warm] = all
  return { coldMs, warmMs: median(warm), idleMb, all }
}

async function measureStreams(
  generator: Generator,
  sallyport: Sallyport,
): Promise<{ residentMb: number; report: Awaited<ReturnType<Generator['obey']>> }> {
  const keys = await Promise.all(
    Array.from({ length: Math.ceil(STREAMS / STREAMS_PER_KEY) }, (_, index) => sallyport.createKey(`streams ${index}`)),
  )
  const listen = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } })
  const requests = keys.map((key) => ({
    port: sallyport.port,
    path: '/mcp/pair',
    body: listen.body,
    headers: { ...listen.headers, authorization: `Bearer ${key}` },
  }))
  const report = await generator.obey({ kind: 'streams', requests, count: STREAMS })
  const residentMb = rssMb(sallyport.child.pid ?? 0)
  await generator.obey({ kind: 'close' })
  return { residentMb, report }
}

/** Runs one subject alone under the profiler of V8. */
async function profile(generator: Generator, home: Home, upstreamPort: number): Promise<void> {
  const folder = resultsFolder(`profile-${options.subject}-${Date.now()}`)
  const sallyport = keep(await startSallyport(home, { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }))
  const subject = (await createSubjects(sallyport, upstreamPort)).find(({ name }) => name === options.subject)
  if (subject === undefined || subject.pid !== sallyport.child.pid)
    throw new Error(`--subject ${options.subject}: choose full, federated, bridged or lists`)
  await warmUp(generator, subject, PLAN.warmMs)
  const fromUs = monotonicUs()
  const [window] = await measureCpu(generator, [subject], 1, PLAN.rounds * PLAN.windowMs)
  const untilUs = monotonicUs()
  await sallyport.stop()
  const calls = window?.report.calls ?? 1
  process.stdout.write(`${subject.name}: ${window?.usPerCall.toFixed(1)} µs of CPU per call under the profiler\n${folder}\n\n`)
  process.stdout.write(renderProfile(folder, { fromUs, untilUs, calls }))
}

function save(result: object): void {
  writeFileSync(join(resultsFolder(''), `${new Date().toISOString().replaceAll(':', '-')}.json`), JSON.stringify(result, null, 2))
}

function resultsFolder(name: string): string {
  const folder = join(import.meta.dirname, 'results', name)
  mkdirSync(folder, { recursive: true })
  return folder
}
