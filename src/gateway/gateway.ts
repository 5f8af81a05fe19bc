import { LRUCache } from 'lru-cache'
import { ruleForEndpoint, EVERYTHING, TokenBucket } from '#policy/index.ts'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import type { ReceivedCall } from './call.ts'
import { createCatalogue } from './federate/catalogue.ts'
import { createChanges } from './federate/changes.ts'
import { createMentions } from './federate/mentions.ts'
import { createResultCache } from './federate/result-cache.ts'
import { compileEndpoints } from './endpoints.ts'
import type { BusMessage, GatewayDeps, GatewayState } from './deps.ts'
import { handle } from './handle.ts'
import { handleRead } from './handle-read.ts'
import { header, type Inbound, type Reply } from './http.ts'
import { createInFlight } from './in-flight.ts'
import { routeOf } from './route.ts'
import { createClientQuestions } from './sessions/client-questions.ts'
import { createRequestStates } from './sessions/request-states.ts'
import { createSessionSeal } from './sessions/session-seal.ts'
import { createSessionWatches } from './sessions/session-watches.ts'
import { createTokenSeal } from './sessions/token-seal.ts'
import { createStreamRegistry } from './streams.ts'

export interface Gateway {
  /** Whether a request may send its body: its credential is good and the address is one that it may use. */
  admits(head: Omit<Inbound, 'body'>): boolean
  /** Answers one request below `/mcp` or `/t/{tenant}/mcp`. Never rejects. */
  handle(inbound: Inbound, reply: Reply): Promise<void>
  /** The tools of an endpoint for people: what the owner's own list shows. */
  readonly inFlight: () => number
  readonly openStreams: () => number
  /** Ends all streams; calls under way go on. */
  close(): void
}

export function createGateway(deps: GatewayDeps): Gateway {
  const tokens = createTokenSeal(deps.sessionKey)
  const state: GatewayState = {
    ...deps,
    tokens,
    seal: createSessionSeal(tokens),
    requestStates: createRequestStates(tokens, deps.bus),
    questions: createClientQuestions(deps.bus),
    watches: createSessionWatches(deps.bus),
    catalogue: createCatalogue(deps.runtime, deps.now),
    changes: createChanges(deps.runtime, () => state),
    mentions: createMentions(),
    results: createResultCache(deps.now),
    inFlight: createInFlight(),
    streams: createStreamRegistry(),
    floodRecords: new TokenBucket(LIMITS.floodRecordsPerSecond, LIMITS.floodRecordsPerSecond, deps.now()),
    endedSessions: new LRUCache({ max: LIMITS.endedSessionsMax }),
    logLevels: new LRUCache({ max: LIMITS.endedSessionsMax }),
    endpoints: compileEndpoints(deps.snapshots.current()),
  }
  const stopWatching = deps.snapshots.onChange((snapshot) => {
    state.authenticator.replaceKeys(snapshot.keys)
    state.endpoints = compileEndpoints(snapshot)
    state.catalogue.retain(snapshot.deployments)
    // A stream of several servers goes on with those that its endpoint has now.
    state.streams.sweep((call) => mayStillListen(call, state, call.endpoint?.deployment === null))
    state.inFlight.sweep((call) => mayStillListen(call, state, false))
    state.changes.refresh()
  })
  // Time alone ends rights too: keys expire, and a snapshot may become too old to believe.
  const sweeping = setInterval(() => {
    const nowMs = deps.now()
    const isFresh = isBelieved(deps, nowMs)
    const mayStay = (call: ReceivedCall): boolean => isFresh && call.caller !== null && nowMs < call.caller.expiresAtMs
    state.streams.sweep(mayStay)
    state.inFlight.sweep(mayStay)
  }, LIMITS.eventStreamSweepMs)
  sweeping.unref()
  deps.bus.subscribe((message) => hear(message, state))
  return {
    admits: (head) => admits(head, state),
    async handle(inbound, reply) {
      try {
        const route = routeOf(inbound)
        if (inbound.method === 'POST') await handle(inbound, reply, route, state)
        else await handleRead(inbound, reply, route, state)
      } catch (error) {
        const problem = asProblem(error)
        if (problem.type === 'internal-error') deps.log.error({ err: error }, 'a request failed before it became a call')
        reply.send(problem.status, ['content-type', 'application/problem+json', ...allowOf(problem)], JSON.stringify(problem.toDocument()))
      }
    },
    inFlight: () => state.inFlight.count,
    openStreams: () => state.streams.count,
    close() {
      stopWatching()
      clearInterval(sweeping)
      state.streams.closeAll()
      state.changes.close()
    },
  }
}

/** What another process of this server says. */
function hear(message: BusMessage, state: GatewayState): void {
  switch (message.kind) {
    case 'cancel':
      return void state.inFlight.cancel(message.key)
    case 'session-ended':
      return void state.endedSessions.set(message.nonce, true)
    case 'log-level':
      return void state.logLevels.set(message.nonce, message.level)
    case 'given':
      return void state.questions.take(message.nonce, message.id, message.answer)
    case 'watches':
      return state.watches.take(message.nonce, message.uris)
    case 'state-used':
      return state.requestStates.markUsed(message.nonce)
  }
}

/** The first two steps of a call without their record; whoever is not admitted meets them again and is refused there. */
function admits(head: Omit<Inbound, 'body'>, state: GatewayState): boolean {
  try {
    const caller = state.authenticator.authenticate(header(head, 'authorization'), state.now())
    const { tenant, name } = routeOf(head)
    if (name === EVERYTHING) return caller.kind !== 'anonymous' && caller.tenant === tenant
    const endpoint = state.endpoints.find(tenant, name)
    return endpoint !== undefined && ruleForEndpoint(caller, endpoint) !== null
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/** An open stream ends when its credential was revoked or its endpoint is gone, changed hands or was replaced. */
function mayStillListen(call: ReceivedCall, state: GatewayState, mayMove: boolean): boolean {
  try {
    const caller = state.authenticator.authenticate(header(call.inbound, 'authorization'), state.now())
    const name = call.endpoint?.name ?? ''
    if (name === EVERYTHING) return caller.kind !== 'anonymous'
    const endpoint = state.endpoints.find(call.endpoint?.tenant ?? '', name)
    return endpoint !== undefined && ruleForEndpoint(caller, endpoint) !== null && (mayMove || isSameOffer(call, endpoint.sources))
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

function isBelieved({ snapshots }: GatewayDeps, nowMs: number): boolean {
  try {
    snapshots.assertFresh(nowMs)
    return true
  } catch {
    return false
  }
}

function isSameOffer(call: ReceivedCall, sources: readonly { deployment: { digest: string } }[]): boolean {
  const before = call.endpoint?.sources.map((source) => source.deployment.digest).join() ?? ''
  return before === sources.map((source) => source.deployment.digest).join()
}

function allowOf(problem: Problem): string[] {
  return problem.type === 'method-not-allowed' ? ['allow', 'POST, GET, DELETE'] : []
}
