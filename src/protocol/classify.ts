import { Problem } from '#std/index.ts'
import type { Message } from './message.ts'
import { checkHeaders, hasEnvelope, readEnvelope, type Envelope, type HeaderBag } from './rev2026-07-28/index.ts'
import { isModernVersion } from './versions.ts'

export type ClientSpeech = { readonly era: 'modern'; readonly envelope: Envelope } | { readonly era: 'legacy'; readonly envelope: null }

const LEGACY: ClientSpeech = { era: 'legacy', envelope: null }

/**
 * Which era a message belongs to. The body decides; headers are only checked against it (2026-07-28, basic/versioning).
 * `isLenient` believes the body where real clients are known to send headers that disagree.
 */
export function classify(message: Message, headers: HeaderBag, isLenient: boolean): ClientSpeech {
  if (message.kind !== 'response' && hasEnvelope(message)) {
    if (!isLenient) checkHeaders(message, headers)
    return { era: 'modern', envelope: readEnvelope(message) }
  }
  const version = headers['mcp-protocol-version']
  if (isLenient || typeof version !== 'string' || !isModernVersion(version)) return LEGACY
  if (message.method === 'initialize' || message.kind === 'response') {
    throw new Problem('header-mismatch', `The header MCP-Protocol-Version says ${version}, the body is of an older revision.`, {
      remedy: 'Send the header only after initialize, with the negotiated version.',
    })
  }
  if (message.kind === 'notification') return LEGACY
  throw new Problem('invalid-params', `A request of ${version} must carry its envelope in params._meta.`)
}
