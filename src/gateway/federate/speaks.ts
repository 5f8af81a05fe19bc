import { legacy, type Revision, revisionOf } from '#protocol/index.ts'
import { header } from '../http.ts'
import type { ReceivedCall } from '../call.ts'

/** The revision in which this client is answered: said on each request, agreed on for a session, or about to be. */
export function revisionFor({ speech, session, message, inbound }: ReceivedCall): Revision {
  if (speech?.era === 'modern') return revisionOf(speech.envelope.version)
  if (session !== null) return revisionOf(session.version)
  if (message?.kind === 'request' && message.method === 'initialize')
    return revisionOf(legacy.negotiateVersion(message.params['protocolVersion']))
  return revisionOf(header(inbound, 'mcp-protocol-version'))
}
