import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { TASKS_EXTENSION } from '#protocol/index.ts'

/** The client of a call as servers may know it. */
export interface CallClient {
  readonly info: Record<string, unknown> | null
  /** What it can be asked for on this call. */
  readonly capabilities: Record<string, unknown>
  readonly logLevel: string | null
}

const NOBODY: CallClient = { info: null, capabilities: {}, logLevel: null }
/** Capabilities that the gateway can keep its word on; what else a client declares stays here. */
const PASSED = ['elicitation', 'sampling', 'roots', 'extensions'] as const

export function clientOf({ speech, session, shape, caller }: InspectedCall, { logLevels }: GatewayState): CallClient {
  if (shape === 'invoke') return NOBODY
  if (speech.era === 'modern') {
    const { clientCapabilities, clientInfo, logLevel } = speech.envelope
    return { info: clientInfo, capabilities: pick(clientCapabilities, caller.tools !== null), logLevel }
  }
  if (session === null || session.mode !== 'local') return NOBODY
  const { info, capabilities } = session.client
  return { info: info === null ? null : { ...info }, capabilities, logLevel: logLevels.get(session.nonce) ?? null }
}

/** A credential that may use some tools only is not offered tasks, whose methods it may not use. */
function pick(capabilities: Record<string, unknown>, isForTools: boolean): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of PASSED) if (capabilities[name] !== undefined) picked[name] = capabilities[name]
  const { extensions } = picked
  if (isForTools && typeof extensions === 'object' && extensions !== null) {
    const { [TASKS_EXTENSION]: _, ...others } = extensions as Record<string, unknown>
    picked['extensions'] = others
  }
  return picked
}

/** Whose state at a server this call may touch: that of its session, else of its credential. */
export function principalOf({ session, caller, endpoint }: InspectedCall): string {
  if (session !== null) return `session ${session.nonce}`
  return caller.kind === 'anonymous' ? `anonymous ${endpoint.tenant}` : `caller ${caller.tenant} ${caller.id}`
}
