import { isLegacyVersion, LEGACY_VERSIONS } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamInfo } from '../model.ts'
import type { Carrier } from './carrier.ts'
import { openEventCarrier } from './event-carrier.ts'
import { LegacySession } from './legacy-session.ts'
import type { Link } from './link.ts'
import { problemOfStatus } from './peer.ts'
import { isObject, type RpcAnswer, type RpcReply } from './rpc-exchange.ts'
import { StreamableCarrier } from './streamable-carrier.ts'

export interface SessionWishes {
  /** The client capabilities that the server is told of. */
  readonly declared: Readonly<Record<string, unknown>>
  readonly isShared: boolean
  /** How messages travel; null when that is to be found out. */
  readonly transport: 'streamable' | 'events' | null
}

/** What a server of the older transport answers to a POST where it expects a GET. */
const NOT_POSTED_HERE: readonly number[] = [400, 404, 405]

/** Does the handshake of the legacy era. Rejects with a `Problem`: what answers neither era is no MCP endpoint. */
export async function openSession(link: Link, wishes: SessionWishes, deadlineMs: number): Promise<LegacySession> {
  if (wishes.transport !== 'events') {
    const carrier = new StreamableCarrier(link)
    const reply = await initialize(link, carrier, wishes, deadlineMs)
    const isElsewhere = wishes.transport === null && NOT_POSTED_HERE.includes(reply.status)
    const older = isElsewhere ? await openEventCarrier(link, Math.min(deadlineMs, LIMITS.eraProbeMs)) : null
    if (older === null) return endUnless(carrier, establish(link, carrier, reply, wishes, deadlineMs))
    return endUnless(older, handshake(link, older, wishes, deadlineMs))
  }
  const carrier = await openEventCarrier(link, Math.min(deadlineMs, LIMITS.eraProbeMs))
  if (carrier === null) throw notMcp(link, 'no event stream')
  return endUnless(carrier, handshake(link, carrier, wishes, deadlineMs))
}

/** A session that could not be established is not left behind. */
async function endUnless(carrier: Carrier, established: Promise<LegacySession>): Promise<LegacySession> {
  try {
    return await established
  } catch (error) {
    await carrier.end()
    throw error
  }
}

async function handshake(link: Link, carrier: Carrier, wishes: SessionWishes, deadlineMs: number): Promise<LegacySession> {
  return establish(link, carrier, await initialize(link, carrier, wishes, deadlineMs), wishes, deadlineMs)
}

function initialize(link: Link, carrier: Carrier, { declared }: SessionWishes, deadlineMs: number): Promise<RpcReply> {
  const id = link.nextId()
  const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: declared, clientInfo: link.clientInfo }
  const message = { jsonrpc: '2.0', id, method: 'initialize', params }
  return carrier.call({ message, id, deadlineMs, onMessage: () => undefined }).reply
}

async function establish(
  link: Link,
  carrier: Carrier,
  reply: RpcReply,
  { declared, isShared }: SessionWishes,
  deadlineMs: number,
): Promise<LegacySession> {
  const info = readInfo(link, answerOf(link, reply))
  carrier.established(info.protocolVersion, reply.headers)
  const session = new LegacySession({ link, carrier, info, declared, isShared })
  // The server may refuse everything else until it has seen this, so it is waited for.
  await carrier.deliver({ jsonrpc: '2.0', method: 'notifications/initialized' }, deadlineMs)
  return session
}

function answerOf(link: Link, reply: RpcReply): RpcAnswer {
  const { answer, status } = reply
  if (status === 401 || status === 403) throw problemOfStatus(link, reply)
  if (answer !== null) return answer
  throw status >= 300 && status < 500 && status !== 429 ? notMcp(link, `HTTP ${status}`) : problemOfStatus(link, reply)
}

function readInfo(link: Link, answer: RpcAnswer): UpstreamInfo {
  if ('error' in answer) throw notMcp(link, `error ${answer.error.code}${supportedText(answer.error.data)}`)
  const { protocolVersion: version, capabilities, serverInfo, instructions } = answer.result
  if (typeof version !== 'string' || !isLegacyVersion(version)) {
    throw new Problem(
      'upstream-failed',
      `${link.name} (${link.hostPort}) wants to speak MCP ${JSON.stringify(version)?.slice(0, 40)}, which is not known here.`,
      { remedy: `This gateway speaks ${LEGACY_VERSIONS.join(', ')} and 2026-07-28.` },
    )
  }
  return {
    era: 'legacy',
    protocolVersion: version,
    capabilities: isObject(capabilities) ? capabilities : {},
    serverInfo: isObject(serverInfo) ? serverInfo : null,
    instructions: typeof instructions === 'string' ? instructions : null,
  }
}

function notMcp({ name, hostPort }: Link, how: string): Problem {
  return new Problem('upstream-failed', `${name} (${hostPort}) answers neither server/discover nor initialize at this address (${how}).`, {
    remedy: 'Check the path of the URL: a Streamable HTTP endpoint often ends in /mcp, one of the older HTTP+SSE in /sse.',
  })
}

function supportedText(data: unknown): string {
  const supported =
    isObject(data) && Array.isArray(data['supported']) ? data['supported'].filter((version) => typeof version === 'string') : []
  return supported.length === 0 ? '' : `; it speaks ${supported.slice(0, 10).join(', ').slice(0, 200)}`
}
