import { join } from 'node:path'
import { openSpool, type Spool } from '#audit/index.ts'
import type { Settings } from '#config.ts'
import { createTrustedProxy, openEdge, type Edge, type EdgeHandlers, type EdgeOptions } from '#edge/index.ts'
import {
  createBodyRecorder,
  createGateway,
  isGatewayPath,
  type BodyRecorder,
  type BodyRecorderOptions,
  type EventStore,
  type Gateway,
  type GatewayBus,
} from '#gateway/index.ts'
import { createAuthenticator, type Authenticator } from '#identity/index.ts'
import { createLimiter } from '#policy/index.ts'
import type { Runtime } from '#runtime/index.ts'
import type { SnapshotHolder } from '#snapshot/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Log, Metrics, Tracer } from '#telemetry/index.ts'
import { withinTime } from './call-bodies.ts'
import { tlsFilesOf } from './listening.ts'
import { answerProblem } from './not-there.ts'
import { knownSecrets } from './secret-bundle.ts'
import { VERSION } from './version.ts'

export interface DataPlaneOptions {
  readonly settings: Settings
  readonly publicUrl: string
  readonly nodeId: string
  readonly sessionKey: Buffer
  readonly snapshots: SnapshotHolder
  readonly runtime: Runtime
  readonly metrics: Metrics
  readonly log: Log
  readonly tracer: Tracer | null
  readonly now: () => number
  readonly bus: GatewayBus
  readonly events: EventStore
  readonly onNudge: () => void
  readonly openSecret: (tenant: string, name: string) => string
  /** Takes bodies of calls to where they are kept. */
  readonly storeBodies: BodyRecorderOptions['store']
}

export interface DataPlane {
  readonly authenticator: Authenticator
  readonly gateway: Gateway
  readonly spool: Spool
  /** Resolves when the bodies that waited are stored, or were given up. */
  close(): Promise<void>
}

/** What answers calls in one process: everything it needs is in memory or in its own spool file. */
export function createDataPlane(options: DataPlaneOptions): DataPlane {
  const { settings, snapshots, metrics, now, log } = options
  const spool = openSpool({
    dir: join(settings.dataDir, 'spool'),
    node: options.nodeId,
    bytesMax: settings.spoolBytesMax,
    onNudge: options.onNudge,
  })
  const authenticator = createAuthenticator({ limits: LIMITS })
  authenticator.replaceKeys(snapshots.current().keys)
  const bodies = settings.recordBodies === 'off' ? null : recordBodies(options)
  const gateway = createGateway({
    authenticator,
    snapshots,
    runtime: options.runtime,
    recorder: spool,
    bodies,
    limiter: createLimiter({ callsPerSecond: settings.callsPerSecond }),
    metrics,
    log,
    tracer: options.tracer,
    sessionKey: options.sessionKey,
    bus: options.bus,
    events: options.events,
    now,
    server: { name: 'sallyport', title: 'Sallyport', version: VERSION, publicUrl: options.publicUrl },
  })
  return {
    authenticator,
    gateway,
    spool,
    async close() {
      gateway.close()
      spool.close()
      await options.tracer?.close()
      await bodies?.close()
    },
  }
}

function recordBodies({ snapshots, metrics, log, openSecret, storeBodies }: DataPlaneOptions): BodyRecorder {
  return createBodyRecorder({
    store: (batch) => withinTime(storeBodies(batch), LIMITS.callBodyStoreMs),
    secretsOf(tenant, name) {
      const { deployments } = snapshots.current()
      return knownSecrets(
        deployments.find((deployment) => deployment.tenant === tenant && deployment.name === name),
        openSecret,
      )
    },
    onDropped: (count) => metrics.bodiesDropped(count),
    onError: (error) => log.warn({ err: error }, 'bodies of calls were not kept'),
  })
}

/** What stands behind the socket; filled in when the port is known, before the first request is handled. */
export interface Planes {
  gateway: Gateway | null
  control: EdgeHandlers['control'] | null
  /** The server was told to stop: it still answers, and says that it is not ready for more. */
  isStopping: boolean
}

/** Opens the socket in front of the planes. */
export function openDoor(
  settings: Settings,
  publicUrl: string | null,
  planes: Planes,
  surroundings: Pick<EdgeOptions, 'bus' | 'now' | 'log'>,
): Promise<Edge> {
  return openEdge({
    host: settings.host,
    port: settings.port,
    tls: tlsFilesOf(settings),
    publicUrl,
    trustedProxy: settings.trustedProxy === undefined ? null : createTrustedProxy(settings.trustedProxy),
    handlers: {
      isGatewayPath,
      admits: (head) => planes.gateway!.admits(head),
      gateway: (inbound, reply) => planes.gateway!.handle(inbound, reply),
      control(request, response, address) {
        // Each process says this for itself, at once: whoever balances load looks here.
        if (planes.isStopping && request.url === '/readyz') answerProblem(response, stopping())
        else planes.control!(request, response, address)
      },
    },
    ...surroundings,
  })
}

function stopping(): Problem {
  return new Problem('overloaded', 'This server is stopping.', { remedy: 'Ask another one.', extensions: { retryAfterSeconds: 1 } })
}
