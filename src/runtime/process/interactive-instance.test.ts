import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { createInstancePlaces } from './instance-places.ts'
import type { OpenOptions } from './interactive-instance.ts'
import { InteractiveInstances } from './interactive-instances.ts'
import { StdioPeer } from './stdio-peer.ts'

const INFO: UpstreamInfo = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {}, serverInfo: null, instructions: null }

type Sent = { readonly id?: number | string; readonly method?: string; readonly params?: Record<string, unknown>; readonly error?: unknown }

/** A process of which the test says each word, and its two ends. */
function createProcess({ onRequest = () => false, onNotification = () => {}, onEnded = () => {} }: Partial<OpenOptions> = {}) {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const sent: Sent[] = []
  stdin.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) sent.push(JSON.parse(line) as Sent)
  })
  const peer = new StdioPeer({
    name: 'scripted',
    stdin,
    stdout,
    now: Date.now,
    clientInfo: {},
    onNoise: () => {},
    onNotification,
    onRequest,
    onFatal: () => {},
  })
  peer.speak(INFO)
  let isStopped = false
  return {
    peer,
    sent,
    isStopped: () => isStopped,
    say: (message: object) => stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    stop: async (): Promise<void> => {
      isStopped = true
      peer.close(new Problem('upstream-down', 'scripted was stopped.'))
    },
    crash: (): void => {
      const problem = new Problem('upstream-down', 'scripted ended with exit code 1.')
      peer.close(problem)
      onEnded(problem)
    },
  }
}

function createScene() {
  const processes: ReturnType<typeof createProcess>[] = []
  const counts: number[] = []
  const shared = createProcess()
  const instances = new InteractiveInstances({
    name: 'scripted',
    now: Date.now,
    places: createInstancePlaces(),
    isKnownSilent: false,
    open: async (options) => {
      const process = createProcess(options)
      processes.push(process)
      return process
    },
    onCount: () => counts.push(instances.count()),
    warn: (error) => {
      throw error
    },
  })
  const request = (principal: string, more: Partial<UpstreamRequest> = {}) =>
    instances.request(INFO, shared.peer, {
      method: 'tools/call',
      params: { name: 'work' },
      deadlineAtMs: Date.now() + 30_000,
      principal,
      clientCapabilities: { roots: {} },
      ...more,
    })
  return { processes, counts, instances, request, shared }
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(LIMITS.serverRequestGatherMs + 1)
const methods = ({ sent }: { sent: readonly Sent[] }): unknown[] => sent.map(({ method }) => method)

async function parkedState(answer: Promise<UpstreamAnswer>): Promise<string> {
  const outcome = await answer
  if (outcome.ok !== 'input') throw new Error('expected a question')
  return outcome.input.state!
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a parked call', () => {
  it('outlives the deadline of its first caller, and is cancelled at the server when nobody comes for it', async () => {
    const { processes, request } = createScene()
    const { answer } = request('ann')
    await settle()
    const [process] = processes
    process!.say({ id: 'q', method: 'roots/list' })
    await settle()
    const state = await parkedState(answer)
    await vi.advanceTimersByTimeAsync(LIMITS.parkedCallMsMax - 1_000)
    expect(methods(process!)).toEqual(['tools/call'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(process!.sent.slice(1)).toEqual([
      expect.objectContaining({
        method: 'notifications/cancelled',
        params: expect.objectContaining({ requestId: process!.sent[0]!.id }) as object,
      }),
      expect.objectContaining({ id: 'q', error: expect.objectContaining({ code: -32603 }) as object }),
    ])
    const late = request('ann', { given: { responses: { 'ask-1': { roots: [] } }, state } }).answer
    await expect(late).rejects.toMatchObject({ type: 'invalid-params' })
    const next = request('ann').answer
    await settle()
    expect(methods(process!).at(-1)).toBe('tools/call')
    process!.say({ id: process!.sent.at(-1)!.id, result: {} })
    expect(await next).toEqual({ ok: true, result: {} })
  })

  it('gets a new deadline with its retry', async () => {
    const { processes, request } = createScene()
    const { answer } = request('ann')
    await settle()
    processes[0]!.say({ id: 1, method: 'roots/list' })
    await settle()
    const state = await parkedState(answer)
    await vi.advanceTimersByTimeAsync(60_000)
    const retry = request('ann', { given: { responses: { 'ask-1': { roots: [] } }, state }, deadlineAtMs: Date.now() + 500 })
    const outcome = retry.answer.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(499)
    expect(methods(processes[0]!)).toEqual(['tools/call', undefined])
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toMatchObject({ type: 'upstream-timeout' })
    expect(methods(processes[0]!).at(-1)).toBe('notifications/cancelled')
  })

  it('that is asked about again without an answer lives no longer for it', async () => {
    const { processes, request } = createScene()
    const { answer } = request('ann')
    await settle()
    processes[0]!.say({ id: 'q', method: 'roots/list' })
    await settle()
    const first = await parkedState(answer)
    await vi.advanceTimersByTimeAsync(LIMITS.parkedCallMsMax - 1_000)
    const again = request('ann', { given: { responses: {}, state: first } }).answer
    await settle()
    const second = await parkedState(again)
    expect(second).not.toBe(first)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(methods(processes[0]!)).toContain('notifications/cancelled')
    const late = request('ann', { given: { responses: { 'ask-1': { roots: [] } }, state: second } }).answer
    await expect(late).rejects.toMatchObject({ type: 'invalid-params' })
  })

  it('whose answer comes too early waits for the retry, unless another call needs the place', async () => {
    const { processes, request } = createScene()
    const park = async (): Promise<string> => {
      const { answer } = request('ann')
      await settle()
      const { id } = processes[0]!.sent.findLast(({ method }) => method === 'tools/call')!
      processes[0]!.say({ id: 'q', method: 'roots/list' })
      await settle()
      const state = await parkedState(answer)
      processes[0]!.say({ id, result: { early: true } })
      await settle()
      return state
    }
    const first = await park()
    expect(await request('ann', { given: { responses: {}, state: first } }).answer).toEqual({ ok: true, result: { early: true } })
    const second = await park()
    const third = await park()
    await expect(request('ann', { given: { responses: {}, state: second } }).answer).rejects.toMatchObject({ type: 'upstream-failed' })
    expect(await request('ann', { given: { responses: {}, state: third } }).answer).toEqual({ ok: true, result: { early: true } })
  })
})

describe('an instance that nothing is asked of', () => {
  it('ends after a while, but not while a call is parked', async () => {
    const { processes, counts, request } = createScene()
    const work = async (): Promise<void> => {
      const { answer } = request('ann')
      await settle()
      processes.at(-1)!.say({ id: processes.at(-1)!.sent.at(-1)!.id, result: {} })
      await answer
    }
    await work()
    await vi.advanceTimersByTimeAsync(LIMITS.interactiveInstanceIdleMs - 1_000)
    await work()
    await vi.advanceTimersByTimeAsync(LIMITS.interactiveInstanceIdleMs - 1_000)
    expect(processes.map((process) => process.isStopped())).toEqual([false])
    const { answer } = request('ann')
    await settle()
    processes[0]!.say({ id: 'q', method: 'roots/list' })
    await settle()
    await parkedState(answer)
    await vi.advanceTimersByTimeAsync(LIMITS.interactiveInstanceIdleMs + 1_000)
    expect(processes[0]!.isStopped()).toBe(false)
    await vi.advanceTimersByTimeAsync(LIMITS.parkedCallMsMax)
    expect(processes[0]!.isStopped()).toBe(true)
    expect(counts).toEqual([1, 0])
    await work()
    expect(processes).toHaveLength(2)
  })
})

describe('an instance that crashes', () => {
  it('again and again is started after growing waits, and its callers are told', async () => {
    const { processes, request } = createScene()
    const attempt = async (): Promise<unknown> => {
      const outcome = request('ann').answer.catch((error: unknown) => error)
      await settle()
      processes.at(-1)?.crash()
      return outcome
    }
    expect(await attempt()).toMatchObject({ type: 'upstream-down', message: 'scripted ended with exit code 1.' })
    expect(await attempt()).toMatchObject({ type: 'upstream-down', message: expect.stringContaining('started again in') as string })
    expect(processes).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(LIMITS.restartBackoffMsMax)
    await attempt()
    expect(processes).toHaveLength(2)
  })
})

describe('calls of a modern server', () => {
  it('go to the one process that there is, whoever makes them, with what they bring', async () => {
    const { processes, instances, shared } = createScene()
    shared.peer.speak({ ...INFO, era: 'modern', protocolVersion: '2026-07-28' })
    const given = { responses: { a: { roots: [] } }, state: 'theirs' }
    const pending = instances.request({ ...INFO, era: 'modern' }, shared.peer, {
      method: 'tools/call',
      params: { name: 'work' },
      deadlineAtMs: Date.now() + 30_000,
      principal: 'ann',
      clientCapabilities: { roots: {} },
      given,
    })
    await settle()
    expect(shared.sent[0]!.params).toMatchObject({ name: 'work', inputResponses: given.responses, requestState: 'theirs' })
    shared.say({ id: shared.sent[0]!.id, result: { resultType: 'complete', content: [] } })
    expect(await pending.answer).toEqual({ ok: true, result: { content: [] } })
    expect(processes).toEqual([])
  })
})
