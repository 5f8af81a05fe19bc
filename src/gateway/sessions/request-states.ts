import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { DeploymentRecord } from '#runtime/index.ts'
import { LIMITS, newSecret, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayBus } from '../deps.ts'
import type { TokenClaims, TokenSeal } from './token-seal.ts'

/** What a `requestState` of ours holds: the upstream's own, and for which call of whom it is good. */
interface StateClaims extends TokenClaims {
  /** The deployment in the specification that asked. */
  readonly boundTo: string
  /** SHA-256 of method and parameters: a retry is the same request again. */
  readonly request: string
  readonly state: string | null
  readonly nonce: string
}

/**
 * The state between a call that asked for input and its retry (2026-07-28, basic/patterns/mrtr; R20). It is sealed for one
 * caller, endpoint, deployment and request, and it is good once: what is altered, foreign, expired or used is all the same.
 */
export interface RequestStates {
  wrap(call: InspectedCall, deployment: DeploymentRecord, state: string | null): string
  /** The upstream's state. Throws `invalid-params` for what is not good here and now. */
  unwrap(call: InspectedCall, deployment: DeploymentRecord, token: string): string | null
  markUsed(nonce: string): void
}

export function createRequestStates(tokens: TokenSeal, bus: GatewayBus): RequestStates {
  const used = new LRUCache<string, true>({ max: LIMITS.usedRequestStatesMax, ttl: LIMITS.parkedCallMsMax })
  return {
    wrap(call, deployment, state) {
      const claims: StateClaims = {
        tenant: call.endpoint.tenant,
        endpoint: call.endpoint.name,
        callerId: call.caller.id,
        expiresAtMs: call.startedAtMs + LIMITS.parkedCallMsMax,
        boundTo: boundTo(deployment),
        request: digestOf(call),
        state,
        nonce: newSecret().slice(0, 16),
      }
      return tokens.seal('state', claims)
    },
    unwrap(call, deployment, token) {
      const claims =
        token.length > LIMITS.requestStateLengthMax ? null : (tokens.open('state', token, call.startedAtMs) as StateClaims | null)
      if (claims === null || !isFor(claims, call, deployment) || used.has(claims.nonce)) throw unknownState()
      used.set(claims.nonce, true)
      bus.publish({ kind: 'state-used', nonce: claims.nonce })
      return claims.state
    },
    markUsed: (nonce) => void used.set(nonce, true),
  }
}

function isFor(claims: StateClaims, call: InspectedCall, deployment: DeploymentRecord): boolean {
  const { caller, endpoint } = call
  return (
    claims.tenant === endpoint.tenant &&
    claims.endpoint === endpoint.name &&
    claims.callerId === caller.id &&
    claims.boundTo === boundTo(deployment) &&
    claims.request === digestOf(call)
  )
}

const boundTo = ({ id, digest }: DeploymentRecord): string => `${id} ${digest}`

const NOT_OF_THE_REQUEST: ReadonlySet<string> = new Set(['_meta', 'inputResponses', 'requestState'])

/** Of what the call asks, in whatever order its members came. */
function digestOf({ message }: InspectedCall): string {
  const asked = Object.fromEntries(Object.entries(message.params).filter(([key]) => !NOT_OF_THE_REQUEST.has(key)))
  return hash('sha256', `${message.method} ${canonical(asked)}`, 'base64url')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

function unknownState(): Problem {
  return new Problem('invalid-params', 'params.requestState is not known here, or has expired.', {
    remedy: 'Make the call again without requestState and inputResponses.',
  })
}
