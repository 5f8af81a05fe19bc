import { isLegacyVersion, isModernVersion, META, MODERN_VERSIONS } from '#protocol/index.ts'
import { Problem } from '#std/index.ts'
import type { UpstreamInfo } from '../model.ts'
import { createLegacyPeer } from './legacy-peer.ts'
import type { Link } from './link.ts'
import { createModernPeer } from './modern-peer.ts'
import { encodeModernRequest } from './modern-wire.ts'
import { openSession } from './open-session.ts'
import { EraDoubt, problemOfStatus, remainingMs, type Peer } from './peer.ts'
import { isObject, startExchange, type RpcReply } from './rpc-exchange.ts'

/** HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion: only a modern server knows these. */
const MODERN_CODES: readonly number[] = [-32020, -32021, -32022]
const UNSUPPORTED_VERSION = -32022

type Finding =
  | { readonly era: 'modern'; readonly info: UpstreamInfo }
  | { readonly era: 'legacy' }
  | { readonly era: 'modern'; readonly info: null; readonly supported: readonly string[] }

/**
 * Finds out which era a server speaks: the modern question first; what only a modern server would
 * answer decides for it, other refusals lead to `initialize`; a missing credential or a failure decides nothing.
 * `before` is what answered until now: a session that still lives is kept, with the calls that are under way in it.
 */
export async function probeEra(link: Link, deadlineAtMs: number, before: Peer | null): Promise<Peer> {
  for (const version of MODERN_VERSIONS) {
    const found = await discover(link, version, deadlineAtMs)
    if (found.era === 'legacy') break
    if (found.info !== null) return createModernPeer(link, found.info)
    if (found.supported.some(isModernVersion)) continue
    if (found.supported.some(isLegacyVersion)) break
    throw new Problem(
      'upstream-failed',
      `${link.name} (${link.hostPort}) speaks only MCP ${found.supported.slice(0, 10).join(', ').slice(0, 200)}.`,
      { remedy: 'Use a version of the server, or of this gateway, that has a revision in common.' },
    )
  }
  if (before?.info.era === 'legacy' && (await isAlive(before, deadlineAtMs))) return before
  const wishes = { declared: {}, isShared: true, transport: null }
  return createLegacyPeer(link, await openSession(link, wishes, remainingMs(link, deadlineAtMs)))
}

/** A legacy peer begins a new session by itself when the old one has ended. */
async function isAlive(peer: Peer, deadlineAtMs: number): Promise<boolean> {
  const ticket = { running: null, assertWanted: () => undefined }
  return peer.call({ method: 'ping', params: {}, deadlineAtMs }, ticket).then(
    () => true,
    (error: unknown) => {
      if (error instanceof EraDoubt) return false
      throw error
    },
  )
}

async function discover(link: Link, version: string, deadlineAtMs: number): Promise<Finding> {
  const id = link.nextId()
  const request = { method: 'server/discover', params: {}, deadlineAtMs, clientInfo: link.clientInfo }
  const { headers, message } = encodeModernRequest(id, version, request, [])
  const reply = await startExchange(link.http, link.name, {
    method: 'POST',
    headers,
    message,
    id,
    deadlineMs: remainingMs(link, deadlineAtMs),
  }).reply
  return judge(link, version, reply)
}

function judge(link: Link, version: string, reply: RpcReply): Finding {
  const { status, answer } = reply
  if (status === 401 || status === 403 || status === 429 || status >= 500) throw problemOfStatus(link, reply)
  if (answer === null) return { era: 'legacy' }
  if ('error' in answer) {
    const { code, data, message } = answer.error
    if (!MODERN_CODES.includes(code)) return { era: 'legacy' }
    if (code === UNSUPPORTED_VERSION)
      return { era: 'modern', info: null, supported: textsOf(isObject(data) ? data['supported'] : null).filter((text) => text !== version) }
    throw new Problem('upstream-failed', `${link.name} (${link.hostPort}) refuses to be asked what it is: ${message.slice(0, 200)}`, {
      remedy: 'Look into the log of the server.',
    })
  }
  const supported = textsOf(answer.result['supportedVersions'])
  // A server that answers anything to anything has not said that it is modern.
  if (supported.length === 0) return { era: 'legacy' }
  if (!supported.includes(version)) return { era: 'modern', info: null, supported }
  return { era: 'modern', info: infoOf(version, answer.result) }
}

function infoOf(version: string, result: Record<string, unknown>): UpstreamInfo {
  const { capabilities, instructions, _meta: meta } = result
  const serverInfo = isObject(meta) ? meta[META.serverInfo] : null
  return {
    era: 'modern',
    protocolVersion: version,
    capabilities: isObject(capabilities) ? capabilities : {},
    serverInfo: isObject(serverInfo) ? serverInfo : null,
    instructions: typeof instructions === 'string' ? instructions : null,
  }
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [])
