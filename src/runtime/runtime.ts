import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Egress } from '#egress/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { DeploymentRecord, DeploymentStatus, LogLine, RemoteSpec, Runtime, SecretOr, Upstream } from './model.ts'
import { assertApproved, createBlockedUpstream, openSecret } from './blocked-upstream.ts'
import { countTools } from './count-tools.ts'
import { createInstaller, type Installer } from './process/install.ts'
import type { ProcessHost } from './process/instance.ts'
import { createInstancePlaces } from './process/instance-places.ts'
import type { HostEnvironment } from './process/host-programs.ts'
import { type Isolation, probeIsolation } from './process/probe-isolation.ts'
import { ProcessSupervisor } from './process/supervisor.ts'
import { createUidPool } from './process/uid-pool.ts'
import { linkRuntime } from './linked-upstream.ts'
import { openApiDriver } from './openapi/index.ts'
import { createRemoteUpstream } from './remote/index.ts'
import type { MessageChannel } from './runtime-link.ts'
import { specValues } from './spec-values.ts'

export interface RuntimeLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface RuntimeOptions {
  /** DATA_DIR: packages are kept under it, and no sandbox sees the rest of it. */
  readonly dataDir: string
  readonly egress: Egress
  /** Opens a vault reference of a tenant. Throws a `Problem` when there is none. */
  readonly secrets: (tenant: string, reference: string) => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly log: RuntimeLog
  /** Version of this program, told to servers. */
  readonly version: string
  readonly settings: RuntimeSettings
}

/** What a worker needs: processes run elsewhere. */
export type LinkOptions = Omit<RuntimeOptions, 'dataDir' | 'settings'>

export interface RuntimeSettings {
  /** The environment of our own process: where `npm`, `uv` and commands are looked up; servers never see it. */
  readonly environment: HostEnvironment
  /** Overrides the probe; the tests use it to try each level on one machine. */
  readonly isolation?: Promise<Isolation>
}

/** What a driver makes of a deployment. */
export interface Driven extends Upstream {
  /** Takes over a record that differs in nothing this driver works from. */
  adopt(deployment: DeploymentRecord): void
  logs(): readonly LogLine[]
  restart(): void
  noteTools(count: number): void
  close(): Promise<void>
}

export interface DriverEvents {
  readonly onStatus: (status: DeploymentStatus) => void
  readonly onLog: (line: LogLine) => void
}

export type Driver = (deployment: DeploymentRecord, events: DriverEvents) => Driven
export type Drivers = Readonly<Record<DeploymentRecord['spec']['kind'], Driver>>

/** Makes the runtime of this node: remote upstreams, and processes that it starts, contains and restarts. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const isolation = options.settings.isolation ?? probeIsolation(options.settings.environment)
  isolation.then(
    ({ level, reason }) => options.log.info({ isolation: level, reason }, 'isolation of processes'),
    (error: unknown) => options.log.warn({ err: error }, 'isolation could not be probed'),
  )
  const installer = createInstaller({
    folder: join(options.dataDir, 'packages'),
    pinFolder: join(options.dataDir, 'pins'),
    environment: options.settings.environment,
  })
  const drivers = {
    remote: remoteDriver(options, true),
    process: processDriver(options, isolation, installer),
    openapi: openApiDriver(options, true),
  } satisfies Drivers
  const runtime = runtimeOf(counting(drivers, options.now), (deployment) => secretsDigest(deployment, options.secrets))
  return {
    ...runtime,
    close: () => {
      installer.close()
      return runtime.close()
    },
  }
}

/**
 * Makes the runtime of a worker: remote upstreams are reached directly, processes through the primary, which runs them
 * and serves this channel with `serveRuntime`.
 */
export function createRuntimeLink(channel: MessageChannel, options: LinkOptions): Runtime {
  const link = linkRuntime(channel, options.now)
  const drivers = {
    remote: remoteDriver(options, false),
    process: (deployment, events) => link.upstream(deployment, events),
    openapi: openApiDriver(options, false),
  } satisfies Drivers
  return runtimeOf(drivers, (deployment) => (deployment.spec.kind === 'process' ? '' : secretsDigest(deployment, options.secrets)))
}

/**
 * A runtime over any set of drivers: keeps what runs equal to what is recorded. `digestOf` stands for the secrets that a
 * deployment refers to: with another value, it is started anew.
 */
function runtimeOf(drivers: Drivers, digestOf: (deployment: DeploymentRecord) => string): Runtime {
  const entries = new Map<string, { fingerprint: string; driven: Driven }>()
  const statusListeners = new Set<(tenant: string, status: DeploymentStatus) => void>()
  const logListeners = new Set<(tenant: string, name: string, line: LogLine) => void>()
  const closing = new Set<Promise<void>>()

  const end = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    const closed = entry.driven.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const start = (deployment: DeploymentRecord): Driven => {
    const { tenant, name } = deployment
    return drivers[deployment.spec.kind](deployment, {
      onStatus: (status) => {
        for (const listener of statusListeners) listener(tenant, status)
      },
      onLog: (line) => {
        for (const listener of logListeners) listener(tenant, name, line)
      },
    })
  }
  const find = (tenant: string, name: string): Driven | undefined => entries.get(keyOf(tenant, name))?.driven

  return {
    upstream: find,
    reconcile(deployments) {
      const wanted = new Map(deployments.map((deployment) => [keyOf(deployment.tenant, deployment.name), deployment]))
      for (const key of entries.keys()) if (!wanted.has(key)) end(key)
      for (const [key, deployment] of wanted) {
        const fingerprint = fingerprintOf(deployment) + digestOf(deployment)
        const entry = entries.get(key)
        if (entry?.fingerprint === fingerprint) {
          entry.driven.adopt(deployment)
          continue
        }
        end(key)
        entries.set(key, { fingerprint, driven: start(deployment) })
      }
    },
    statuses: (tenant) =>
      [...entries.values()].filter(({ driven }) => driven.deployment.tenant === tenant).map(({ driven }) => driven.status()),
    logs: (tenant, name) => find(tenant, name)?.logs() ?? [],
    onLog: (listener) => subscribe(logListeners, listener),
    onStatus: (listener) => subscribe(statusListeners, listener),
    noteTools: (tenant, name, count) => find(tenant, name)?.noteTools(count),
    restart: (tenant, name) => find(tenant, name)?.restart(),
    async close() {
      for (const key of entries.keys()) end(key)
      await Promise.all(closing)
    },
  }
}

function processDriver(options: RuntimeOptions, isolation: Promise<Isolation>, installer: Installer): Driver {
  const { dataDir, egress, secrets, now, log, settings } = options
  const host: ProcessHost = {
    dataDir,
    environment: { HOME: homedir(), ...settings.environment },
    egress,
    installer,
    isolation,
    uids: createUidPool(),
    places: createInstancePlaces(),
    secrets,
    now,
    log,
    clientInfo: clientInfoOf(options),
  }
  return (deployment, events) => {
    if (deployment.spec.kind !== 'process') throw new Error(`${deployment.name} is no process`)
    return new ProcessSupervisor(deployment, deployment.spec, host, events)
  }
}

/**
 * Drivers whose upstreams list their tools once, when they are first ready, so that a status tells how many there are. Not
 * each time: one that falls over it would be made to do so for ever.
 */
function counting(drivers: Drivers, now: () => number): Drivers {
  const withCount =
    (driver: Driver): Driver =>
    (deployment, events) => {
      let isCounted = false
      const driven: Driven = driver(deployment, {
        ...events,
        onStatus(status) {
          events.onStatus(status)
          if (isCounted || status.state !== 'ready') return
          isCounted = true
          // A server that fails here fails its callers as well, who are told why.
          countTools(driven, now() + LIMITS.listDeadlineMsDefault).then(
            (count) => count !== null && driven.noteTools(count),
            () => {},
          )
        },
      })
      return driven
    }
  // How many operations a document has is known from the document.
  return { remote: withCount(drivers.remote), process: withCount(drivers.process), openapi: drivers.openapi }
}

/** What a running process depends on: a new title or access level is no reason to restart it. Remote upstreams are cheap to make anew. */
function fingerprintOf(deployment: DeploymentRecord): string {
  if (deployment.spec.kind === 'remote') return JSON.stringify(deployment)
  const { id, digest, approvedDigest, startDeadlineMs, origin, spec } = deployment
  // A document may have megabytes, and the digest stands for it.
  if (spec.kind === 'openapi') return JSON.stringify([id, digest, approvedDigest, origin])
  return JSON.stringify([id, digest, approvedDigest, startDeadlineMs, origin.kind, spec])
}

/** `isEager`: makes contact at once, so that a status is known before the first call; one process of a node does that. */
function remoteDriver(options: LinkOptions, isEager: boolean): Driver {
  const { egress, secrets, now, log } = options
  return (deployment, events) => {
    try {
      assertApproved(deployment)
      if (deployment.spec.kind !== 'remote') throw new Error(`${deployment.name} is not remote`)
      const headers = openHeaders(deployment, deployment.spec, secrets)
      let toolCount: number | null = null
      const counted = (status: DeploymentStatus): DeploymentStatus => ({ ...status, toolCount })
      const onStatus = (status: DeploymentStatus): void => events.onStatus(counted(status))
      const remote = createRemoteUpstream({
        deployment,
        egress,
        headers: () => headers,
        now,
        clientInfo: clientInfoOf(options),
        log,
        onStatus,
      })
      if (isEager) remote.start()
      return withoutProcess(remote, {
        status: () => counted(remote.status()),
        restart: () => remote.start(),
        noteTools: (count) => {
          if (count === toolCount) return
          toolCount = count
          onStatus(remote.status())
        },
        close: () => remote.close(),
      })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return withoutProcess(createBlockedUpstream(deployment, error, now()), {})
    }
  }
}

/** Completes an upstream that has no process. */
function withoutProcess(upstream: Upstream, own: Partial<Driven>): Driven {
  return { ...upstream, adopt: () => {}, logs: () => [], restart: () => {}, noteTools: () => {}, close: async () => {}, ...own }
}

/** Stands for the values of the secrets without being one of them. */
function secretsDigest(deployment: DeploymentRecord, secrets: RuntimeOptions['secrets']): string {
  const digest = createHash('sha256')
  for (const value of specValues(deployment.spec)) {
    if ('text' in value) continue
    try {
      digest.update(`${value.secret} ${openSecret(secrets, deployment, value.secret)} `)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      digest.update(`${value.secret} missing `)
    }
  }
  return digest.digest('hex')
}

/** Name, value, name, value. */
function openHeaders(deployment: DeploymentRecord, spec: RemoteSpec, secrets: RuntimeOptions['secrets']): readonly string[] {
  const open = (value: SecretOr): string => ('text' in value ? value.text : openSecret(secrets, deployment, value.secret))
  return Object.entries(spec.headers).flatMap(([name, value]) => [name, open(value)])
}

const clientInfoOf = ({ version }: LinkOptions): Record<string, unknown> => ({ name: 'sallyport', title: 'Sallyport', version })

const keyOf = (tenant: string, name: string): string => `${tenant}/${name}`

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
