import { isLegacyVersion, LEGACY_VERSIONS } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamInfo } from '../model.ts'
import { problemOfStatus, type Link } from './peer.ts'
import { isObject, startExchange } from './rpc-exchange.ts'

/** What `initialize` established. The id is the server's secret and never leaves this folder. */
export interface LegacySession {
  readonly id: string | null
  readonly info: UpstreamInfo
  /** The least severe level that the session was told to send. */
  logLevel: string | null
}

/** The first revision whose requests name the negotiated version in a header. */
const VERSION_HEADER_SINCE = '2025-06-18'
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/

/** Does the handshake of the legacy era. Rejects with a `Problem`: what answers neither era is no MCP endpoint. */
export async function openSession(link: Link, deadlineMs: number): Promise<LegacySession> {
  const id = link.nextId()
  const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: link.clientInfo }
  const message = { jsonrpc: '2.0', id, method: 'initialize', params }
  const reply = await startExchange(link.http, link.name, { method: 'POST', headers: POST_HEADERS, message, id, deadlineMs }).reply
  const { answer } = reply
  if (answer === null) {
    const problem = problemOfStatus(link, reply)
    throw reply.status >= 300 && reply.status < 500 && ![401, 403, 429].includes(reply.status)
      ? notMcp(link, `HTTP ${reply.status}`)
      : problem
  }
  if ('error' in answer) {
    if (reply.status === 401 || reply.status === 403) throw problemOfStatus(link, reply)
    throw notMcp(link, `error ${answer.error.code}${supportedText(answer.error.data)}`)
  }
  const version = answer.result['protocolVersion']
  if (typeof version !== 'string' || !isLegacyVersion(version)) {
    throw new Problem(
      'upstream-failed',
      `${link.name} (${link.hostPort}) wants to speak MCP ${JSON.stringify(version)?.slice(0, 40)}, which is not known here.`,
      { remedy: `This gateway speaks ${LEGACY_VERSIONS.join(', ')} and 2026-07-28.` },
    )
  }
  const sessionId = reply.headers['mcp-session-id']
  const session: LegacySession = {
    id: typeof sessionId === 'string' && SESSION_ID.test(sessionId) ? sessionId : null,
    info: infoOf(version, answer.result),
    logLevel: null,
  }
  // The server may refuse everything else until it has seen this, so it is waited for.
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
  await startExchange(link.http, link.name, {
    method: 'POST',
    headers: sessionHeaders(session),
    message: initialized,
    id: null,
    deadlineMs,
  }).reply
  return session
}

const POST_HEADERS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']

/** Headers of a message within a session. */
export function sessionHeaders(session: LegacySession): string[] {
  const headers = [...POST_HEADERS]
  const version = session.info.protocolVersion
  if (version >= VERSION_HEADER_SINCE) headers.push('mcp-protocol-version', version)
  if (session.id !== null) headers.push('mcp-session-id', session.id)
  return headers
}

/** Tells the server that the session is over. Servers need not understand it. */
export async function endSession(link: Link, session: LegacySession): Promise<void> {
  if (session.id === null) return
  await new Promise<void>((resolve) => {
    const done = (): void => resolve()
    link.http.send('DELETE', sessionHeaders(session), null, LIMITS.upstreamTailMs, {
      onHead: done,
      onData: () => true,
      onEnd: done,
      onError: done,
    })
  })
}

function infoOf(version: string, result: Record<string, unknown>): UpstreamInfo {
  const { capabilities, serverInfo, instructions } = result
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
    remedy:
      'Check the path of the URL: a Streamable HTTP endpoint often ends in /mcp. Endpoints of the old HTTP+SSE transport (/sse) are not spoken.',
  })
}

function supportedText(data: unknown): string {
  const supported =
    isObject(data) && Array.isArray(data['supported']) ? data['supported'].filter((version) => typeof version === 'string') : []
  return supported.length === 0 ? '' : `; it speaks ${supported.slice(0, 10).join(', ').slice(0, 200)}`
}
