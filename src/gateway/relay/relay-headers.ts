import type { ReceivedCall } from '../call.ts'

/** What a client may tell an upstream by header. Credentials, cookies, hop and internal headers are not among it (R4, R18). */
const FORWARDED = [
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
  'traceparent',
  'tracestate',
] as const
const PARAM_PREFIX = 'mcp-param-'
/** What an upstream may tell the client by header; the session id is sealed separately. */
const RETURNED = ['content-type', 'cache-control', 'allow', 'mcp-protocol-version'] as const

/** The header list for the upstream, with its own session id in place of ours. */
export function headersToUpstream(call: ReceivedCall): string[] {
  const { headers } = call.inbound
  const list: string[] = []
  for (const name of FORWARDED) {
    const value = headers[name]
    if (typeof value === 'string' && (name !== 'traceparent' || call.trace === null)) list.push(name, value)
  }
  if (call.trace !== null) list.push('traceparent', call.trace.traceparent)
  if (headers['accept'] === undefined) list.push('accept', 'application/json, text/event-stream')
  if (call.speech?.era === 'modern') {
    for (const name in headers) {
      const value = headers[name]
      if (name.startsWith(PARAM_PREFIX) && typeof value === 'string') list.push(name, value)
    }
  }
  const upstreamSession = call.session?.upstreamSession
  if (typeof upstreamSession === 'string') list.push('mcp-session-id', upstreamSession)
  return list
}

/** The header list for the client. */
export function headersToClient(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  const list: string[] = []
  for (const name of RETURNED) {
    const value = headers[name]
    if (typeof value === 'string') list.push(name, value)
  }
  return list
}
