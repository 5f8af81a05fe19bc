import { recordAdmin } from '#audit/index.ts'
import { ANONYMOUS, type Caller } from '#identity/index.ts'
import { asProblem, Problem } from '#std/index.ts'
import { z } from 'zod'
import { emptyAnswer, jsonAnswer, newIncidentId, problemAnswer } from './answer.ts'
import { CONTRACT, type Route, type RouteId } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { type StreamCount, streamAnswer } from './event-stream.ts'
import { assertMay, identify } from './gatekeeping.ts'
import type { ApiCall, Handler } from './handler.ts'
import { fitInput, NO_QUERY, readJsonBody, readQuery } from './read-input.ts'
import { watchCredential } from './watch-credential.ts'

export type ServedRoute = (request: Request, params: Readonly<Record<string, string>>, address: string) => Promise<Response>

/** One request on its way through; what is known so far is what the audit trail gets. */
interface Passage {
  caller: Caller
  target: string
  readonly startedAtMs: number
  readonly started: number
}

/**
 * Serves one route of the contract: identify, authorise, read, do, publish, record, answer. The order is the promise:
 * nothing of a request is read before its credential is known to be good for it, and nothing is answered unrecorded.
 */
export function serveRoute<Id extends RouteId>(deps: ApiDeps, streams: StreamCount, id: Id, handler: Handler<Id>): ServedRoute {
  const route: Route = CONTRACT[id]
  return async (request, params, address) => {
    const passage: Passage = {
      caller: ANONYMOUS,
      target: params['name'] ?? params['id'] ?? '',
      startedAtMs: deps.now(),
      started: performance.now(),
    }
    try {
      passage.caller = identify(deps, request.headers.get('authorization'), address)
      assertMay(passage.caller, route.needs)
      const call = await readCall<Id>(route, request, params, passage.caller)
      if (route.effect !== 'read') deps.audit.recorder.assertWritable()
      const result = await handler({ ...call, stream: openStream(deps, streams, route, request, passage.caller) })
      if (result instanceof Response) return result
      passage.target ||= nameOf(result)
      if (route.effect === 'change') await deps.publisher.changed()
      if (route.effect !== 'read') await record(deps, id, passage, route.status, null)
      return result === undefined ? emptyAnswer() : jsonAnswer(route.status, result)
    } catch (error) {
      return refuse(deps, id, route, passage, error)
    }
  }
}

async function readCall<Id extends RouteId>(
  route: Route,
  request: Request,
  params: Readonly<Record<string, string>>,
  caller: Caller,
): Promise<Omit<ApiCall<Id>, 'stream'>> {
  const query = fitInput(route.query ?? NO_QUERY, readQuery(new URL(request.url)), 'query')
  const path = route.params === undefined ? undefined : fitInput(route.params, params, 'path')
  const body = route.body === undefined ? undefined : fitInput(route.body, await readJsonBody(request), 'body')
  return {
    caller,
    params: path,
    query: route.query === undefined ? undefined : query,
    body,
    accept: request.headers.get('accept') ?? '',
  } as Omit<ApiCall<Id>, 'stream'>
}

async function refuse(deps: ApiDeps, id: RouteId, route: Route, passage: Passage, error: unknown): Promise<Response> {
  const problem = asProblem(error)
  const incident = problem.type === 'internal-error' ? newIncidentId(passage.startedAtMs) : undefined
  if (incident !== undefined) deps.log.error({ incident, route: id, err: error }, 'The control plane failed')
  // Every refusal of a right and every change that was not made is evidence; a misspelt query is not.
  if (route.effect !== 'read' || problem.status === 401 || problem.status === 403) {
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
