import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createEgress } from '#egress/index.ts'
import type { DeploymentStatus, Runtime } from './model.ts'
import { createBench, deploymentOf, NO_SANDBOX, type Bench } from './testing.ts'
import { createRuntime, createRuntimeLink } from './runtime.ts'
import type { MessageChannel } from './runtime-link.ts'
import { type RuntimeService, serveRuntime } from './serve-runtime.ts'

/** Two ends of a channel that carries what node's IPC carries: JSON, in order, later. */
function channelPair(): [MessageChannel, MessageChannel] {
  const make = (listeners: ((message: unknown) => void)[], others: ((message: unknown) => void)[]): MessageChannel => ({
    onMessage: (listener) => void listeners.push(listener),
    send: (message) => {
      const text = JSON.stringify(message)
      setImmediate(() => {
        for (const listener of others) listener(JSON.parse(text))
      })
    },
  })
  const a: ((message: unknown) => void)[] = []
  const b: ((message: unknown) => void)[] = []
  return [make(a, b), make(b, a)]
}

let bench: Bench
let primary: Runtime
let worker: Runtime
let service: RuntimeService

function start(): void {
  bench = createBench(NO_SANDBOX)
  const egress = createEgress({ allow: [] })
  const options = { egress, secrets: () => '', now: Date.now, log: { info: () => {}, warn: () => {} }, version: '1' }
  primary = createRuntime({
    ...options,
    dataDir: bench.host.dataDir,
    settings: { environment: process.env, isolation: Promise.resolve(NO_SANDBOX) },
  })
  const [here, there] = channelPair()
  service = serveRuntime(primary, here)
  worker = createRuntimeLink(there, options)
}

afterEach(async () => {
  service.close()
  await Promise.all([primary.close(), worker.close()])
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const soon = (): number => Date.now() + 10_000
const call = (name: string, args = {}): { method: string; params: Record<string, unknown>; deadlineAtMs: number } => ({
  method: 'tools/call',
  params: { name, arguments: args },
  deadlineAtMs: soon(),
})

describe('a process as a worker uses it', () => {
  it('answers, reports progress and tells changes', async () => {
    start()
    const deployment = bench.deployment('')
    primary.reconcile([deployment])
    worker.reconcile([deployment])
    const upstream = worker.upstream('default', 'fixture')!
    expect(await upstream.describe(soon())).toMatchObject({ era: 'legacy' })
    const progress: unknown[] = []
    const heard = new Promise((resolve) => upstream.onNotification(resolve))
    expect(await upstream.request({ ...call('steps'), onProgress: (params) => progress.push(params) }).answer).toMatchObject({ ok: true })
    await upstream.request(call('talk')).answer
    expect(progress).toEqual([{ progress: 1 }, { progress: 2 }])
    expect(await heard).toBe('notifications/tools/list_changed')
    expect(worker.statuses('default')).toMatchObject([{ name: 'fixture', state: 'ready', isolation: 'none' }])
    expect(upstream.known()).toMatchObject({ era: 'legacy' })
  })

  it('has its tools counted once it is ready, before anybody lists them', async () => {
    start()
    const deployment = bench.deployment('many')
    const counted = new Promise<DeploymentStatus>((resolve) =>
      worker.onStatus((_tenant, status) => {
        if (status.toolCount !== null) resolve(status)
      }),
    )
    primary.reconcile([deployment])
    worker.reconcile([deployment])
    expect(await counted).toMatchObject({ name: 'fixture', state: 'ready', toolCount: 5000 })
    expect(primary.statuses('default')).toMatchObject([{ toolCount: 5000 }])
  })

  it('that falls over the count is not asked for it again', async () => {
    start()
    const back = new Promise((resolve) =>
      primary.onStatus((_tenant, { state, restarts }) => {
        if (state === 'ready' && restarts === 1) setImmediate(resolve)
      }),
    )
    primary.reconcile([bench.deployment('unlistable')])
    await back
    // A second count would have been written before this call, and ended the process.
    const answer = await primary.upstream('default', 'fixture')!.request(call('run', { code: 'return "here"' })).answer
    expect(answer).toMatchObject({ result: { structuredContent: { value: 'here' } } })
    expect(primary.statuses('default')).toMatchObject([{ state: 'ready', restarts: 1, toolCount: null }])
  })

  it('tells which version and content of its package was installed, and starts it without a network', async () => {
    start()
    const digest = sha256('node_modules/demo-tool 1.2.3 sha512-x\n')
    const folder = join(bench.host.dataDir, 'packages', digest)
    const pin = { packageSpec: 'demo-tool', name: 'demo-tool', version: '1.2.3', digest, folder }
    const own = join(folder, 'node_modules/demo-tool')
    mkdirSync(own, { recursive: true })
    mkdirSync(join(bench.host.dataDir, 'pins'))
    writeFileSync(join(bench.host.dataDir, 'pins', `${sha256('npx demo-tool')}.json`), JSON.stringify(pin))
    const packages = { 'node_modules/demo-tool': { version: '1.2.3', integrity: 'sha512-x' } }
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
    writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'demo-tool', version: '1.2.3', bin: 'server.mjs' }))
    copyFileSync(bench.script, join(own, 'server.mjs'))
    const deployment = deploymentOf({ command: 'npx', args: ['-y', 'demo-tool'] })
    primary.reconcile([deployment])
    worker.reconcile([deployment])
    await worker.upstream('default', 'fixture')!.describe(soon())
    for (const runtime of [primary, worker])
      expect(runtime.statuses('default')).toMatchObject([{ installed: { package: 'demo-tool', version: '1.2.3', integrity: digest } }])
  })

  it('passes problems and cancellations on', async () => {
    start()
    const deployment = bench.deployment('')
    primary.reconcile([deployment])
    worker.reconcile([deployment])
    const upstream = worker.upstream('default', 'fixture')!
    await upstream.describe(soon())
    const pending = upstream.request(call('hang'))
    pending.cancel('enough')
    await expect(pending.answer).rejects.toThrow('enough')
    expect(await upstream.request(call('run', { code: 'return cancelled.length' })).answer).toMatchObject({
      result: { structuredContent: { value: 1 } },
    })
    await expect(upstream.request(call('crash')).answer).rejects.toMatchObject({
      name: 'Problem',
      type: 'upstream-down',
      remedy: 'sallyport deployment logs fixture',
    })
  })

  it('has the calls of a worker that died cancelled', async () => {
    start()
    const deployment = bench.deployment('')
    primary.reconcile([deployment])
    worker.reconcile([deployment])
    const upstream = worker.upstream('default', 'fixture')!
    await upstream.describe(soon())
    upstream.request(call('hang')).answer.catch(() => {})
    // Whatever was sent before this answer has arrived.
    await upstream.describe(soon())
    service.close()
    const direct = primary.upstream('default', 'fixture')!
    expect(await direct.request(call('run', { code: 'return cancelled.length' })).answer).toMatchObject({
      result: { structuredContent: { value: 1 } },
    })
  })
})

describe('reconcile', () => {
  it('restarts what depends on a change and leaves the rest running', async () => {
    start()
    const one = bench.deployment('')
    const two = bench.deployment('noise', {}, { id: 'dep_2', name: 'two' })
    primary.reconcile([one, two])
    const before = [primary.upstream('default', 'fixture'), primary.upstream('default', 'two')]
    await Promise.all(before.map((upstream) => upstream!.describe(soon())))
    primary.reconcile([
      { ...one, title: 'Another title' },
      { ...two, ...pick(deploymentOf({ args: [bench.script, 'many'] })) },
    ])
    expect(primary.upstream('default', 'fixture')).toBe(before[0])
    expect(primary.upstream('default', 'fixture')!.deployment.title).toBe('Another title')
    expect(primary.upstream('default', 'two')).not.toBe(before[1])
    primary.reconcile([one])
    expect(primary.upstream('default', 'two')).toBeUndefined()
    expect(primary.statuses('default').map((status) => status.name)).toEqual(['fixture'])
    expect(primary.statuses('other')).toEqual([])
  })
})

const pick = ({ spec, digest, approvedDigest }: ReturnType<typeof deploymentOf>): Partial<ReturnType<typeof deploymentOf>> => ({
  spec,
  digest,
  approvedDigest,
})
