import { isLegacyVersion, LEGACY_VERSIONS, META, MODERN_VERSIONS } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Era, UpstreamAnswer, UpstreamInfo } from '../model.ts'
import type { StdioPeer } from './stdio-peer.ts'

export interface HandshakeOptions {
  readonly name: string
  readonly now: () => number
  readonly deadlineAtMs: number
  readonly clientInfo: Record<string, unknown>
  /** Skips the probe: what a former instance of the same program turned out to speak. */
  readonly expectedEra: Era | null
  /** What a legacy server may ask us for. Absent: nothing. */
  readonly capabilities?: Json
}

type Json = Record<string, unknown>

/**
 * A modern server was so slow that it was greeted in the way of the legacy era as well, and accepted that too: from now on it
 * may take this connection for one of either era. Greeted once more, in its own way, it is modern.
 */
export class GreetedTooEarly extends Error {
  override name = 'GreetedTooEarly'
}

/**
 * Finds out which era a stdio server speaks: `server/discover` first; any error, or silence, means the handshake of the
 * legacy era on the same process. A server that starts slower than the probe waits may answer it late:
 * that answer still counts. Rejects with a `Problem`, among them the one the peer was closed with, or `GreetedTooEarly`.
 */
export async function handshake(peer: StdioPeer, options: HandshakeOptions): Promise<UpstreamInfo> {
  const { deadlineAtMs, expectedEra } = options
  if (expectedEra === 'legacy') return settle(peer, await initialize(peer, options))
  const probe = peer.request({ method: 'server/discover', params: {}, deadlineAtMs })
  const discovered = probe.answer.then(readDiscovery)
  const first = expectedEra === 'modern' ? await discovered : await within(discovered, LIMITS.eraProbeMs)
  if (first !== undefined && first !== null) return settle(peer, first)
  const initialized = initialize(peer, options)
  if (first === null) return settle(peer, await initialized)
  // No answer yet: try the handshake, and see which of the two succeeds.
  const late = discovered.then(
    (info) => info ?? Promise.reject(new Problem('upstream-failed', `${options.name} does not know server/discover.`)),
  )
  try {
    const info = await Promise.any([initialized, late])
    if (info.era === 'modern' && !(await isRefused(initialized))) throw new GreetedTooEarly('server/discover was answered late')
    return settle(peer, info)
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  } finally {
    probe.cancel('The era is known.')
  }
}

/** Whether a modern server has said that it knows no such handshake. */
function isRefused(initialized: Promise<UpstreamInfo>): Promise<boolean | undefined> {
  return within(
    initialized.then(
      () => false,
      (error: unknown) => error instanceof Problem && error.type === 'upstream-failed',
    ),
    LIMITS.eraProbeMs,
  )
}

/** Decides: whatever the server may still answer to the other question no longer counts. */
function settle(peer: StdioPeer, info: UpstreamInfo): UpstreamInfo {
  peer.speak(info)
  if (info.era === 'legacy') peer.notify('notifications/initialized', {})
  return info
}

/** What the promise gives, or undefined after `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Null: this is no modern server. */
function readDiscovery(answer: UpstreamAnswer): UpstreamInfo | null {
  if (answer.ok !== true) return null
  const { result } = answer
  const versions = Array.isArray(result['supportedVersions']) ? result['supportedVersions'] : []
  const protocolVersion = MODERN_VERSIONS.find((version) => versions.includes(version))
  if (protocolVersion === undefined) return null
  const meta = asObject(result['_meta'])
  return infoOf('modern', protocolVersion, result, meta?.[META.serverInfo])
}

async function initialize(peer: StdioPeer, options: HandshakeOptions): Promise<UpstreamInfo> {
  const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: options.capabilities ?? {}, clientInfo: options.clientInfo }
  const { answer } = peer.request({ method: 'initialize', params, deadlineAtMs: options.deadlineAtMs })
  const outcome = await answer
  if (outcome.ok === 'input') throw new Problem('upstream-failed', `${options.name} answered initialize with a question.`)
  if (!outcome.ok) throw new Problem('upstream-failed', `${options.name} refused to be initialized: ${outcome.error.message.slice(0, 300)}`)
  const version = outcome.result['protocolVersion']
  if (typeof version !== 'string' || !isLegacyVersion(version)) {
    throw new Problem(
      'upstream-failed',
      `${options.name} answered initialize with a protocol version that is not known: ${JSON.stringify(version)?.slice(0, 60)}.`,
    )
  }
  const info = infoOf('legacy', version, outcome.result, outcome.result['serverInfo'])
  // Tasks of that era are another protocol than those of today, and nobody here speaks it.
  const { tasks: _, ...capabilities } = info.capabilities
  return { ...info, capabilities }
}

function infoOf(era: Era, protocolVersion: string, result: Json, serverInfo: unknown): UpstreamInfo {
  const instructions = result['instructions']
  return {
    era,
    protocolVersion,
    capabilities: asObject(result['capabilities']) ?? {},
    serverInfo: asObject(serverInfo) ?? null,
    instructions: typeof instructions === 'string' ? instructions : null,
  }
}

const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
