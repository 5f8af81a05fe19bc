import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createEgress } from '#egress/index.ts'
import type { DeploymentStatus, InputGiven, Runtime, UpstreamRequest } from './model.ts'
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

describe('a call that asks, from a worker', () => {
  const code = `return [await ask('elicitation/create', { message: 'Who?' }), process.pid]`
  const asking = (principal: string, given?: InputGiven): UpstreamRequest => ({
    ...call('run', { code }),
    principal,
    clientCapabilities: { elicitation: { form: {} } },
    ...(given === undefined ? {} : { given }),
  })

  it('is parked where its process runs, so that its retry may come from any of them, and from nobody else', async () => {
    start()
    const [here, there] = channelPair()
    const otherService = serveRuntime(primary, here)
    const egress = createEgress({ allow: [] })
    const other = createRuntimeLink(there, {
      egress,
      secrets: () => '',
      now: Date.now,
      log: { info: () => {}, warn: () => {} },
      version: '1',
    })
    const deployment = bench.deployment('')
    for (const runtime of [primary, worker, other]) runtime.reconcile([deployment])
    const [first, second] = [worker, other].map((runtime) => runtime.upstream('default', 'fixture')!)
    const answer = await first!.request(asking('ann')).answer
    if (answer.ok !== 'input') throw new Error('expected a question')
    const { requests, state } = answer.input
    expect(Object.values(requests)).toEqual([{ method: 'elicitation/create', params: { message: 'Who?' } }])
    const given = { responses: Object.fromEntries(Object.keys(requests).map((key) => [key, { action: 'decline' }])), state }
    await expect(second!.request(asking('bob', given)).answer).rejects.toMatchObject({ name: 'Problem', type: 'invalid-params' })
    const done = await second!.request(asking('ann', given)).answer
    expect(done).toMatchObject({ ok: true, result: { structuredContent: { value: [{ action: 'decline' }, expect.any(Number)] } } })
    expect(primary.statuses('default')).toMatchObject([{ instances: 1 }])
    otherService.close()
    await other.close()
  })

  it('stays parked when the worker that made it dies', async () => {
    start()
    const deployment = bench.deployment('')
    for (const runtime of [primary, worker]) runtime.reconcile([deployment])
    const answer = await worker.upstream('default', 'fixture')!.request(asking('ann')).answer
    if (answer.ok !== 'input') throw new Error('expected a question')
    service.close()
    const given = { responses: { 'ask-1': { action: 'cancel' } }, state: answer.input.state }
    expect(await primary.upstream('default', 'fixture')!.request(asking('ann', given)).answer).toMatchObject({ ok: true })
  })
})

describe('what a worker watches', () => {
  const updates = (): unknown[] => {
    const heard: unknown[] = []
    worker.upstream('default', 'fixture')!.onNotification((method, params) => {
      if (method === 'notifications/resources/updated') heard.push(params['uri'])
    })
    return heard
  }
  /** However busy the machine is. */
  const PATIENT = { timeout: 10_000 }

  it('is watched once, until nobody there wants it, and by a server that was started anew', async () => {
    start()
    const deployment = bench.deployment('')
    worker.reconcile([deployment])
    const heard = updates()
    const upstream = worker.upstream('default', 'fixture')!
    // The primary does not know the deployment yet.
    const stops = [upstream.watch({ resource: 'file:///a' }), upstream.watch({ resource: 'file:///a' })]
    primary.reconcile([deployment])
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a'])
    stops[0]!()
    stops[0]!()
    const stopB = upstream.watch({ resource: 'file:///b' })
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a', 'file:///b'])
    primary.reconcile([{ ...deployment, ...pick(deploymentOf({ args: [bench.script, 'noise'] })) }])
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a', 'file:///b', 'file:///a', 'file:///b'])
    stopB()
    await expect.poll(() => heard.slice(4), PATIENT).toEqual(['gone:file:///b'])
    service.close()
    expect(await primary.upstream('default', 'fixture')!.request(call('run', { code: 'return subscribed' })).answer).toMatchObject({
      result: { structuredContent: { value: ['+file:///a', '+file:///b', '-file:///b', '-file:///a'] } },
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
