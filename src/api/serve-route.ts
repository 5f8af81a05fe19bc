import { recordAdmin } from '#audit/index.ts'
import { ANONYMOUS, type Caller } from '#identity/index.ts'
import { TokenBucket } from '#policy/index.ts'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import { z } from 'zod'
import { emptyAnswer, jsonAnswer, newIncidentId, problemAnswer } from './answer.ts'
import { CONTRACT, type Route, type RouteId } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { createStreamCount, type StreamCount, streamAnswer } from './event-stream.ts'
import { assertMay, identify } from './gatekeeping.ts'
import type { ApiCall, Handler, Passage } from './handler.ts'
import { fitInput, NO_QUERY, readJsonBody, readQuery } from './read-input.ts'
import { watchCredential } from './watch-credential.ts'

/** What all routes share. */
export interface Shared {
  readonly streams: StreamCount
  /** Refusals of addresses that fail too often, as far as they are recorded. */
  readonly floodRecords: TokenBucket
}

export const createShared = (nowMs: number): Shared => ({
  streams: createStreamCount(),
  floodRecords: new TokenBucket(LIMITS.floodRecordsPerSecond, LIMITS.floodRecordsPerSecond, nowMs),
})

export type ServedRoute = (request: Request, params: Readonly<Record<string, string>>, address: string) => Promise<Response>

/**
 * Serves one route of the contract: identify, authorise, read, do, publish, record, answer. The order is the promise:
 * nothing of a request is read before its credential is known to be good for it, and nothing is answered unrecorded.
 */
export function serveRoute<Id extends RouteId>(deps: ApiDeps, shared: Shared, id: Id, handler: Handler<Id>): ServedRoute {
  const route: Route = CONTRACT[id]
  return async (request, params, address) => {
    const passage: Passage = {
      caller: ANONYMOUS,
      target: params['name'] ?? params['id'] ?? '',
      headers: {},
      address,
      startedAtMs: deps.now(),
      started: performance.now(),
    }
    try {
      if (route.needs !== 'nobody') passage.caller = identify(deps, request.headers.get('authorization'), address)
      assertMay(passage.caller, route.needs)
      const call = await readCall<Id>(route, request, params, passage)
      if (route.effect !== 'read') deps.audit.recorder.assertWritable()
      const result = await handler({ ...call, stream: openStream(deps, shared.streams, route, request, passage.caller) })
      if (result instanceof Response) return result
      passage.target ||= nameOf(result)
      if (route.effect === 'change') await deps.publisher.changed()
      if (route.effect !== 'read') await record(deps, id, passage, route.status, null)
      return result === undefined ? emptyAnswer(passage.headers) : jsonAnswer(route.status, result, passage.headers)
    } catch (error) {
      return refuse(deps, shared, id, passage, failureOf(deps, route, passage, error))
    }
  }
}

async function readCall<Id extends RouteId>(
  route: Route,
  request: Request,
  params: Readonly<Record<string, string>>,
  passage: Passage,
): Promise<Omit<ApiCall<Id>, 'stream'>> {
  const query = fitInput(route.query ?? NO_QUERY, readQuery(new URL(request.url)), 'query')
  const bytesMax = route.needs === 'nobody' ? LIMITS.openBodyBytesMax : LIMITS.apiBodyBytesMax
  const path = route.params === undefined ? undefined : fitInput(route.params, params, 'path')
  const body = route.body === undefined ? undefined : fitInput(route.body, await readJsonBody(request, bytesMax), 'body')
  return {
    caller: passage.caller,
    passage,
    params: path,
    query: route.query === undefined ? undefined : query,
    body,
    accept: request.headers.get('accept') ?? '',
  } as Omit<ApiCall<Id>, 'stream'>
}

/** Where nobody has to say who they are, each refusal counts as a failed authentication of the address. */
function failureOf({ limiter }: ApiDeps, { needs }: Route, { caller, address, startedAtMs }: Passage, error: unknown): unknown {
  if (needs !== 'nobody' || caller.kind !== 'anonymous' || asProblem(error).status >= 500) return error
  try {
    limiter.takeFailure(address, startedAtMs)
    return error
  } catch (tooMany) {
    return tooMany
  }
}

async function refuse(deps: ApiDeps, { floodRecords }: Shared, id: RouteId, passage: Passage, error: unknown): Promise<Response> {
  const problem = asProblem(error)
  const incident = problem.type === 'internal-error' ? newIncidentId(passage.startedAtMs) : undefined
  if (incident !== undefined) deps.log.error({ incident, route: id, err: error }, 'The control plane failed')
  // Every refusal of a right and every change that was not made is evidence; a misspelt query is not.
  // A flood of wrong credentials is no more than counted: a record of each would let strangers fill the disk.
  const isFlood = problem.type === 'rate-limited' && passage.caller.kind === 'anonymous' && floodRecords.take(passage.startedAtMs) > 0
  if (!isFlood && (CONTRACT[id].effect !== 'read' || problem.status === 401 || problem.status === 403)) {
    await record(deps, id, passage, problem.status, problem).catch((cause: unknown) => {
      deps.log.error({ route: id, problem: problem.type, err: cause }, 'A refusal could not be recorded')
    })
  }
  if (incident === undefined) return problemAnswer(problem)
  return problemAnswer(new Problem('internal-error', problem.message, { extensions: { incident } }))
}

async function record(
  deps: ApiDeps,
  id: RouteId,
  { caller, target, startedAtMs, started }: Passage,
  status: number,
  problem: Problem | null,
): Promise<void> {
  await recordAdmin(deps.audit.recorder, {
    atMs: startedAtMs,
    tenant: caller.tenant,
    actor: { id: caller.id, kind: caller.kind, name: caller.name },
    method: methodName(id),
    target,
    ...(CONTRACT[id].noun === 'deployments' ? { deployment: target } : {}),
    verdict: problem === null ? 'allow' : 'deny',
    rule: problem === null ? (caller.kind === 'owner' ? 'owner-may-all' : caller.keyRule) : problem.type,
    outcome: problem?.type ?? 'ok',
    status,
    us: Math.round((performance.now() - started) * 1000),
  })
}

/** `createOwnerLink` is recorded as `owner-link.create`. */
export function methodName(id: RouteId): string {
  const [, verb = id, noun = ''] = /^([a-z]+)(\w*)$/.exec(id) ?? []
  const kebab = noun.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
  return kebab === '' ? verb : `${kebab}.${verb}`
}

const named = z.union([z.object({ name: z.string() }), z.object({ id: z.string() }).transform(({ id }) => ({ name: id }))])

/** What was made, by the name or id that the answer gives it. */
function nameOf(result: unknown): string {
  return named.safeParse(result).data?.name ?? ''
}

/** A stream lives as long as its client listens and its credential is good for the route. */
function openStream(deps: ApiDeps, streams: StreamCount, route: Route, request: Request, caller: Caller): ApiCall<RouteId>['stream'] {
  return (events, stop) => {
    const giveBack = streams.take(caller.id)
    const watch = watchCredential(deps, request.headers.get('authorization'), caller, route.needs)
    return streamAnswer(events, AbortSignal.any([request.signal, watch.signal]), () => {
      stop()
      watch.stop()
      giveBack()
    })
  }
}
