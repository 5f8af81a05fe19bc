import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { sessionCookieName, type EdgeHandlers } from '#edge/index.ts'
import { createApi, loadConsoleFiles, type ApiDeps } from '#api/index.ts'
import { getEvent, listEvents, readDeploymentTotals, readInsights, verifyChain, type Recorder } from '#audit/index.ts'
import { createCatalogue } from '#gateway/index.ts'
import type { Authenticator } from '#identity/index.ts'
import { createLimiter } from '#policy/index.ts'
import { fetchOpenApiDocument } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { SETTINGS, type LoadedSettings } from '#config.ts'
import type { Core } from './core.ts'
import { healthOf } from './health.ts'
import { ROOT_FOLDER } from './root-folder.ts'
import { VERSION } from './version.ts'

export interface ControlPlaneOptions {
  readonly core: Core
  readonly publicUrl: string
  readonly authenticator: Authenticator
  readonly recorder: Recorder
  readonly spoolBytes: () => number
  /** The metrics of all data-plane processes as Prometheus text. */
  readonly metricsText: () => Promise<string>
  readonly startedAtMs: number
}

/** The API, the reference page and the operations routes, as a listener for requests that are not for the data plane. */
export function createControlPlane(options: ControlPlaneOptions): EdgeHandlers['control'] {
  const api = createApi(apiDeps(options))
  const addresses = new WeakMap<object, string>()
  const listener = getRequestListener((request, env) => api(request, addresses.get(env.incoming)), { overrideGlobalObjects: false })
  return (request, response, remoteAddress) => {
    addresses.set(request, remoteAddress)
    void listener(request, response)
  }
}

function apiDeps(options: ControlPlaneOptions): ApiDeps {
  const { core, publicUrl } = options
  const { store, identity, profiles, deployments, runtime, vault, publisher, snapshots, feed, log, now, loaded } = core
  const catalogue = createCatalogue(runtime, now)
  return {
    identity,
    authenticator: options.authenticator,
    limiter: createLimiter({ callsPerSecond: loaded.settings.callsPerSecond }),
    profiles,
    deployments,
    runtime,
    vault,
    publisher: { changed: async () => void (await publisher.changed()) },
    snapshots,
    audit: {
      recorder: options.recorder,
      list: (tenant, { filters, cursor, limit }) =>
        listEvents({ store, tenant, filters, limit, ...(cursor === undefined ? {} : { cursor }) }),
      get: (tenant, id) => getEvent(store, tenant, id),
      async verify(tenant) {
        await core.drain.drainNow()
        return await verifyChain({ store, tenant })
      },
      insights: (tenant, range) => readInsights({ store, tenant, ...range }),
      deploymentTotals: (tenant, sinceMs, untilMs) => readDeploymentTotals(store, tenant, sinceMs, untilMs),
      feed,
    },
    bodies: { recording: loaded.settings.recordBodies, get: (tenant, id) => core.bodies.get(tenant, id) },
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: options.metricsText, token: loaded.settings.metricsToken },
    settings: shownSettings(loaded, publicUrl),
    declared: core.declared,
    assertEgressAllowed: (url) => core.egress.assertAllowed(url),
    fetchDocument: (url) => fetchOpenApiDocument(core.egress, url, false),
    async listTools(tenant, name) {
      const deployment = snapshots.current().deployments.find((record) => record.tenant === tenant && record.name === name)
      if (deployment === undefined) throw new Problem('not-found', `There is no deployment ${name}.`)
      const { catalogue: tools, problem } = await catalogue.read(deployment, now() + LIMITS.listDeadlineMsDefault)
      if (tools === null && problem !== null) throw problem
      return (tools?.items ?? []) as never
    },
    health: () => healthOf(core, options.spoolBytes),
    notReady: () => (snapshots.confirmedAtMs() > 0 ? null : 'the configuration is not compiled yet'),
    sessionCookie: sessionCookieName(publicUrl),
    console: loadConsoleFiles(join(ROOT_FOLDER, 'web/dist')),
    server: { version: VERSION, publicUrl, startedAtMs: options.startedAtMs },
    now,
    log,
  }
}

/** Every setting with where it came from; secret ones without their value. */
function shownSettings({ settings, origins }: LoadedSettings, publicUrl: string): ApiDeps['settings'] {
  return Object.entries(SETTINGS).map(([name, row]) => {
    const isSecret = 'isSecret' in row && row.isSecret
    const value = name === 'publicUrl' ? publicUrl : settings[name as keyof typeof settings]
    return {
      name,
      env: row.env,
      flag: 'flag' in row ? row.flag : null,
      value: isSecret ? null : (value ?? null),
      isSet: value !== undefined,
      isSecret,
      origin: origins[name as keyof typeof origins],
      doc: row.doc,
    }
  })
}
