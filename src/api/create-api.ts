import { Hono } from 'hono'
import { declaredSchema } from '#declared/index.ts'
import { asProblem, Problem } from '#std/index.ts'
import { activityBodiesHandlers } from './activity-bodies.ts'
import { activityHandlers } from './activity.ts'
import { attentionHandlers } from './attention.ts'
import { jsonAnswer, newIncidentId, problemAnswer } from './answer.ts'
import { API_BASE, CONTRACT, type RouteId } from './contract.ts'
import { CONSOLE_BASE, consolePage, favicon } from './console-page.ts'
import { deploymentHandlers } from './deployments.ts'
import type { ApiDeps } from './deps.ts'
import { docsPage } from './docs-page.ts'
import type { Handler, Handlers } from './handler.ts'
import { insightHandlers } from './insights.ts'
import { keyHandlers } from './keys.ts'
import { metricsPage } from './metrics-page.ts'
import { openApiDocument } from './openapi.ts'
import { profileHandlers } from './profiles.ts'
import { createReportPlaces } from './report-places.ts'
import { runningHandlers } from './running-deployments.ts'
import { secretHandlers } from './secrets.ts'
import { createShared, serveRoute } from './serve-route.ts'
import { serverHandlers } from './server.ts'
import { sessionHandlers } from './session.ts'
import { redeemOwnerLink, welcomePage } from './welcome-page.ts'

/** Answers a request of the control plane; `address` is that of the client, for limits on failures. */
export type Api = (request: Request, address?: string) => Promise<Response>

interface Bindings {
  readonly Bindings: { readonly address: string }
}

/** Puts the control plane together: the routes of the contract, and the few addresses beside them. */
export function createApi(deps: ApiDeps): Api {
  const app = new Hono<Bindings>()
  addContract(app, deps)
  addPages(app, deps)
  addOperations(app, deps)
  app.notFound((context) => problemAnswer(unknownAddress(context.req.path)))
  app.onError((error) => {
    const problem = asProblem(error)
    if (problem.type !== 'internal-error') return problemAnswer(problem)
    const incident = newIncidentId(deps.now())
    deps.log.error({ incident, err: error }, 'The control plane failed')
    return problemAnswer(new Problem('internal-error', problem.message, { extensions: { incident } }))
  })
  return async (request, address = '') => app.fetch(request, { address })
}

function addContract(app: Hono<Bindings>, deps: ApiDeps): void {
  const reports = createReportPlaces()
  const handlers: Handlers = {
    ...serverHandlers(deps),
    ...sessionHandlers(deps),
    ...deploymentHandlers(deps),
    ...runningHandlers(deps),
    ...profileHandlers(deps),
    ...keyHandlers(deps),
    ...activityHandlers(deps),
    ...activityBodiesHandlers(deps),
    ...insightHandlers(deps, reports),
    ...attentionHandlers(deps, reports),
    ...secretHandlers(deps),
  }
  const shared = createShared(deps.now())
  const methods = new Map<string, string[]>()
  for (const id of Object.keys(CONTRACT) as RouteId[]) {
    const { method, path } = CONTRACT[id]
    const pattern = API_BASE + path.replaceAll(/\{(\w+)\}/g, ':$1')
    const serve = serveRoute(deps, shared, id, handlers[id] as Handler<RouteId>)
    app.on(method, pattern, (context) => serve(context.req.raw, context.req.param(), context.env.address))
    methods.set(pattern, [...(methods.get(pattern) ?? []), method])
  }
  // Last, so that a fixed path is not taken for a parameter with another method.
  for (const [pattern, allowed] of methods) {
    app.all(pattern, (context) => {
      const allow = allowed.join(', ')
      return problemAnswer(new Problem('method-not-allowed', `${context.req.method} is not for this address; it takes ${allow}.`), {
        allow,
      })
    })
  }
}

function addPages(app: Hono<Bindings>, deps: ApiDeps): void {
  const { version, publicUrl } = deps.server
  const document = openApiDocument(version, publicUrl)
  const schema = declaredSchema()
  app.get(`${API_BASE}/openapi.json`, () => jsonAnswer(200, document))
  app.get('/schemas/sallyport.json', () =>
    jsonAnswer(200, schema, { 'content-type': 'application/schema+json', 'access-control-allow-origin': '*' }),
  )
  app.get('/docs', () => docsPage(version, publicUrl))
  app.get('/', (context) => context.redirect(deps.console === null ? '/docs' : `${CONSOLE_BASE}/`, 302))
  for (const path of [CONSOLE_BASE, `${CONSOLE_BASE}/*`]) app.get(path, (context) => consolePage(deps.console, context.req.raw))
  for (const path of ['/favicon.ico', '/favicon.svg']) {
    app.get(path, (context) => (deps.console === null ? null : favicon(deps.console, context.req.raw)) ?? context.notFound())
  }
  app.get('/welcome', (context) => welcomePage(deps, context.req.query('token') ?? '', context.env.address))
  app.post('/welcome', (context) => redeemOwnerLink(deps, context.req.raw, context.env.address))
}

function addOperations(app: Hono<Bindings>, deps: ApiDeps): void {
  app.get('/healthz', () => jsonAnswer(200, { status: 'ok' }))
  app.get('/readyz', () => {
    const reason = deps.notReady()
    if (reason === null) return jsonAnswer(200, { status: 'ready' })
    return problemAnswer(new Problem('overloaded', `Not ready: ${reason}`))
  })
  app.get('/metrics', (context) => metricsPage(deps, context.req.raw, context.env.address))
}

function unknownAddress(path: string): Problem {
  const isApi = path.startsWith('/api/')
  return new Problem('not-found', isApi ? 'The control plane has no such route.' : 'There is nothing at this address.', {
    remedy: 'GET /docs lists the routes.',
  })
}
