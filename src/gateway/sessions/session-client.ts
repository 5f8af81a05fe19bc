import { revisionOf } from '#protocol/index.ts'
import type { SessionClient } from './session-seal.ts'

/** Capabilities that a server may use through us, and the members that say which kinds (2025-11-25, basic/lifecycle). */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  elicitation: ['form', 'url'],
  sampling: ['tools', 'context'],
  roots: ['listChanged'],
}
const TEXT_LENGTH_MAX = 64

/** What a client says of itself in `initialize`, as far as a session keeps it: it is sealed into a header, so it is short. */
export function readClient(params: Record<string, unknown>, version: string): SessionClient {
  const { capabilities, clientInfo } = params
  const declared = revisionOf(version).readClientCapabilities(capabilities)
  return { info: isObject(clientInfo) ? infoOf(clientInfo) : null, capabilities: capabilitiesOf(declared) }
}

function capabilitiesOf(declared: Record<string, unknown>): SessionClient['capabilities'] {
  const kept: Record<string, Record<string, unknown>> = {}
  for (const [name, kinds] of Object.entries(KINDS)) {
    const value = declared[name]
    if (!isObject(value)) continue
    const members = kinds.flatMap((kind): [string, unknown][] => {
      const member = value[kind]
      return isObject(member) ? [[kind, {}]] : typeof member === 'boolean' ? [[kind, member]] : []
    })
    kept[name] = Object.fromEntries(members)
  }
  return kept
}

function infoOf(info: Record<string, unknown>): SessionClient['info'] {
  const { name, version } = info
  if (typeof name !== 'string' || typeof version !== 'string') return null
  return { name: name.slice(0, TEXT_LENGTH_MAX), version: version.slice(0, TEXT_LENGTH_MAX) }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
