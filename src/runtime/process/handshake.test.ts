import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import type { Era } from '../model.ts'
import { GreetedTooEarly, handshake } from './handshake.ts'
import { StdioPeer } from './stdio-peer.ts'

type Sent = { readonly id?: number; readonly method: string; readonly params: Record<string, unknown> }

/** A server of which the test says each word. */
function createScript() {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const sent: Sent[] = []
  stdin.on('data', (chunk: Buffer) =>
    sent.push(
      ...chunk
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Sent),
    ),
  )
  const peer = new StdioPeer({
    name: 'scripted',
    stdin,
    stdout,
    now: Date.now,
    clientInfo: { name: 'test' },
    onNoise: () => {},
    onNotification: () => {},
    onFatal: () => {},
  })
  const answer = (method: string, body: Record<string, unknown>): void => {
    const id = sent.find((message) => message.method === method)?.id
    stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`)
  }
  const start = (startDeadlineMs = 60_000, expectedEra: Era | null = null, capabilities = {}) =>
    handshake(peer, {
      name: 'scripted',
      now: Date.now,
      deadlineAtMs: Date.now() + startDeadlineMs,
      clientInfo: { name: 'test' },
      expectedEra,
      capabilities,
    })
  return { peer, sent, answer, start, methods: () => sent.map((message) => message.method) }
}

const MODERN = {
  result: { supportedVersions: ['2026-07-28'], capabilities: {}, _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'm' } } },
}
const LEGACY = { result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'l' } } }

describe('the handshake with a stdio server', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks the modern question first, and needs no other when it is answered', async () => {
    const { answer, methods, start, sent } = createScript()
    const info = start()
    await vi.advanceTimersByTimeAsync(1)
    answer('server/discover', MODERN)
    expect(await info).toMatchObject({ era: 'modern', protocolVersion: '2026-07-28', serverInfo: { name: 'm' } })
    expect(methods()).toEqual(['server/discover'])
    expect(sent[0]!.params['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'test' },
    })
  })

  it.each([-32601, -32600, -32000, -32002])('takes the error %i for the legacy era', async (code) => {
    const { answer, methods, start } = createScript()
    const info = start()
    await vi.advanceTimersByTimeAsync(1)
    answer('server/discover', { error: { code, message: 'no' } })
    await vi.advanceTimersByTimeAsync(1)
    answer('initialize', LEGACY)
    expect(await info).toMatchObject({ era: 'legacy', protocolVersion: '2025-06-18' })
    expect(methods()).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
  })

  it('takes silence for the legacy era', async () => {
    const { answer, methods, start } = createScript()
    const info = start()
    await vi.advanceTimersByTimeAsync(LIMITS.eraProbeMs + 1)
    answer('initialize', LEGACY)
    expect((await info).era).toBe('legacy')
    expect(methods()).toEqual(['server/discover', 'initialize', 'notifications/initialized', 'notifications/cancelled'])
  })

  it('believes a modern server that was slow to start, and knows no other handshake', async () => {
    const { answer, methods, start, peer } = createScript()
    const info = start()
    await vi.advanceTimersByTimeAsync(LIMITS.eraProbeMs + 1)
    answer('server/discover', MODERN)
    await vi.advanceTimersByTimeAsync(1)
    answer('initialize', { error: { code: -32601, message: 'what is that' } })
    expect((await info).era).toBe('modern')
    expect(methods()).not.toContain('notifications/initialized')
    peer.close(new Problem('upstream-down', 'over'))
  })

  it.each([
    ['accepted', (answer: ReturnType<typeof createScript>['answer']) => answer('initialize', LEGACY)],
    ['did not answer', () => undefined],
  ])('believes nothing of a connection on which a slow modern server %s the other handshake, too', async (_, then) => {
    const { answer, methods, start } = createScript()
    const outcome = start().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(LIMITS.eraProbeMs + 1)
    answer('server/discover', MODERN)
    await vi.advanceTimersByTimeAsync(1)
    then(answer)
    await vi.advanceTimersByTimeAsync(LIMITS.eraProbeMs)
    expect(await outcome).toBeInstanceOf(GreetedTooEarly)
    expect(methods()).not.toContain('notifications/initialized')
  })

  it('waits for a server that was modern before, however slow it is', async () => {
    const { answer, methods, start } = createScript()
    const info = start(60_000, 'modern')
    await vi.advanceTimersByTimeAsync(LIMITS.eraProbeMs * 4)
    expect(methods()).toEqual(['server/discover'])
    answer('server/discover', MODERN)
    expect((await info).era).toBe('modern')
  })

  it('tells a server of the legacy era what its caller can be asked, and takes its tasks for none', async () => {
    const { answer, sent, start } = createScript()
    const info = start(60_000, 'legacy', { roots: {} })
    await vi.advanceTimersByTimeAsync(1)
    answer('initialize', { result: { ...LEGACY.result, capabilities: { tools: {}, tasks: { list: {} } } } })
    expect((await info).capabilities).toEqual({ tools: {} })
    expect(sent[0]!.params['capabilities']).toEqual({ roots: {} })
  })

  it.each([
    ['an unknown version', { result: { protocolVersion: '1999-01-01', capabilities: {} } }],
    ['no version', { result: {} }],
    ['an error', { error: { code: -32603, message: 'broken' } }],
  ])('fails on %s', async (_, body) => {
    const { answer, start } = createScript()
    const outcome = start().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1)
    answer('server/discover', { error: { code: -32601, message: 'no' } })
    await vi.advanceTimersByTimeAsync(1)
    answer('initialize', body)
    expect(await outcome).toMatchObject({ name: 'Problem', type: 'upstream-failed' })
  })

  it('ends at the deadline with a server that never answers', async () => {
    const { start } = createScript()
    const outcome = start(20_000).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_001)
    expect(await outcome).toMatchObject({ name: 'Problem', type: 'upstream-timeout' })
  })
})
