import { Agent, request as proxyRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { ownUrl, type Edge, type EdgeMessage } from '#edge/index.ts'
import { createEgress } from '#egress/index.ts'
import type { BusMessage } from '#gateway/index.ts'
import { createRuntimeLink, type MessageChannel } from '#runtime/index.ts'
import { createSharedState } from '#store/index.ts'
import { createSnapshotHolder, type Snapshot } from '#snapshot/index.ts'
import { asProblem, LIMITS } from '#std/index.ts'
import { createLogger, createMetrics, type Metrics } from '#telemetry/index.ts'
import { createSealedReader } from '#vault/index.ts'
import { createBodyLink } from './body-link.ts'
import { createDataPlane, openDoor, type DataPlane, type Planes } from './data-plane.ts'
import type { ProcessReport } from './gauges.ts'
import { drainTimesOf } from './listening.ts'
import { answerNotThere } from './not-there.ts'
import { openSecret, type SealedTexts } from './secret-bundle.ts'
import { eventsOf } from './shared-events.ts'
import { openTracing } from './tracing.ts'
import { VERSION } from './version.ts'
import { ADDRESS_HEADER, channelOf, isServeMessage, type ToPrimary, type ToWorker, type WorkerStart } from './worker-messages.ts'

/** One data-plane process beside others: no database, no key of the vault, only snapshots and its own spool. */
export async function runWorker(now: () => number): Promise<void> {
  ignoreSignals()
  const channel = channelOf(process)
  const tell = (message: ToPrimary): void => channel.send(message)
  const primary = await hearPrimary(channel)
  const { start } = primary
  const { settings } = start
  const log = createLogger({ level: settings.log })
  const reader = createSealedReader(Buffer.from(start.readerKey, 'base64'))
  let { secrets } = start
  const egress = createEgress({ allow: settings.egressAllow })
  const openRuntimeSecret = (tenant: string, name: string): string => openSecret(secrets, reader, tenant, name)
  const bodies = createBodyLink(tell)
  const runtime = createRuntimeLink(channel, { egress, secrets: openRuntimeSecret, now, log, version: VERSION })
  const snapshots = createSnapshotHolder({ staleMaxMs: settings.staleMaxSeconds * 1000 })
  runtime.reconcile(start.snapshot.deployments)
  snapshots.publish(start.snapshot, start.confirmedAtMs)
  const metrics = createMetrics()
  const bus = createBus<BusMessage>((message) => tell({ serve: 'bus', message }))
  const edgeBus = createBus<EdgeMessage>((message) => tell({ serve: 'edge', message }))
  const events = eventsOf({ settings, shared: await createSharedState({ url: settings.redisUrl ?? null, now, log }), log })
  const tracer = await openTracing(settings, egress, log)
  const planes: Planes = { gateway: null, control: (...passed) => passToPrimary(start.controlSocket, ...passed), isStopping: false }
  const edge = await openDoor(settings, start.publicUrl, planes, { bus: edgeBus, now, log }).catch((error: unknown) => {
    const { type, message: detail, remedy = null } = asProblem(error)
    tell({ serve: 'failed', type, detail, remedy })
    throw error
  })
  const plane = createDataPlane({
    settings,
    publicUrl: start.publicUrl ?? ownUrl(edge.port, settings.tlsCert !== undefined),
    nodeId: start.nodeId,
    sessionKey: Buffer.from(start.sessionKey, 'base64'),
    snapshots,
    runtime,
    metrics,
    log,
    tracer,
    now,
    bus,
    events,
    onNudge: () => tell({ serve: 'nudge' }),
    openSecret: openRuntimeSecret,
    storeBodies: (batch) => bodies.store(batch),
  })
  planes.gateway = plane.gateway
  primary.listen((said) =>
    obey(said, {
      publish(snapshot, confirmedAtMs, sealed) {
        secrets = sealed
        runtime.reconcile(snapshot.deployments)
        snapshots.publish(snapshot, confirmedAtMs)
      },
      confirm: (confirmedAtMs) => snapshots.confirm(confirmedAtMs),
      bus: (message) => bus.hear(message),
      drained: (file, offset) => plane.spool.acknowledge(file, offset),
      bodiesStored: (id, failure) => bodies.stored(id, failure),
      report: (id) => tell({ serve: 'report', id, ...reportOf(plane, metrics) }),
      edge: (message) => edgeBus.hear(message),
      stopping: () => void (planes.isStopping = true),
      stop: (drainMs) => void closeAndExit(plane, edge, drainMs),
    }),
  )
  // Without the primary there is no configuration and nobody to drain the spool.
  process.once('disconnect', () => {
    bodies.end()
    void closeAndExit(plane, edge, drainTimesOf(settings).drainMs)
  })
  tell({ serve: 'listening', port: edge.port })
}

/** Terminals and service managers signal every process; when to stop is for the primary to say, or for its end. */
function ignoreSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
}

/** A bus whose other end is the primary, which passes on what one worker says to the others. */
function createBus<Message>(publish: (message: Message) => void) {
  const hearers = new Set<(message: Message) => void>()
  return {
    publish,
    subscribe: (listener: (message: Message) => void): void => void hearers.add(listener),
    hear: (message: Message): void => hearers.forEach((listener) => listener(message)),
  }
}

async function closeAndExit(plane: DataPlane, edge: Edge, drainMs: number): Promise<void> {
  const closed = edge.close(drainMs)
  plane.gateway.close()
  await closed
  await plane.close()
  process.exit(0)
}

/** What a worker does when it is told to. */
interface Orders {
  publish(snapshot: Snapshot, confirmedAtMs: number, secrets: SealedTexts): void
  confirm(confirmedAtMs: number): void
  bus(message: BusMessage): void
  drained(file: string, offset: number): void
  bodiesStored(id: number, failure: string | null): void
  report(id: number): void
  edge(message: EdgeMessage): void
  stopping(): void
  stop(drainMs: number): void
}

function obey(said: ToWorker, orders: Orders): void {
  switch (said.serve) {
    case 'publish':
      return orders.publish(said.snapshot, said.confirmedAtMs, said.secrets)
    case 'confirm':
      return orders.confirm(said.confirmedAtMs)
    case 'bus':
      return orders.bus(said.message)
    case 'drained':
      return orders.drained(said.file, said.offset)
    case 'bodies-stored':
      return orders.bodiesStored(said.id, said.failure)
    case 'report':
      return orders.report(said.id)
    case 'edge':
      return orders.edge(said.message)
    case 'stopping':
      return orders.stopping()
    case 'stop':
      return orders.stop(said.drainMs)
    case 'start':
      return
  }
}

function reportOf({ gateway, spool }: DataPlane, metrics: Metrics): ProcessReport {
  return {
    metrics: metrics.exportState(),
    inFlight: gateway.inFlight(),
    openStreams: gateway.openStreams(),
    spoolBytes: spool.undrainedBytes(),
  }
}

interface Primary {
  readonly start: WorkerStart
  /** Gets all that was said since the start, and all that will be. */
  listen(listener: (said: ToWorker) => void): void
}

/** Hears from the first moment on: a revocation must not get lost while this process is still setting up. */
function hearPrimary(channel: MessageChannel): Promise<Primary> {
  const early: ToWorker[] = []
  let take = (said: ToWorker): void => void early.push(said)
  return new Promise((resolve) => {
    channel.onMessage((message) => {
      if (!isServeMessage(message)) return
      const said = message as ToWorker
      if (said.serve !== 'start') return take(said)
      resolve({
        start: said,
        listen(listener) {
          take = listener
          early.forEach(listener)
        },
      })
    })
  })
}

/**
 * Connections to the primary, which stay open: one that ends with its answer would end while somebody's body that nobody
 * reads is still on its way, and the answer would be lost.
 */
const TO_PRIMARY = new Agent({ keepAlive: true })

/** The control plane lives in the primary: its requests go there over a socket in the data folder. */
function passToPrimary(socketPath: string, request: IncomingMessage, response: ServerResponse, address: string): void {
  const passed = proxyRequest(
    {
      socketPath,
      agent: TO_PRIMARY,
      path: request.url,
      method: request.method,
      headers: { ...withoutConnection(request.headers), [ADDRESS_HEADER]: address },
    },
    (answer) => {
      const { 'transfer-encoding': _framing, ...headers } = withoutConnection(answer.headers)
      response.writeHead(answer.statusCode ?? 502, headers)
      answer.pipe(response)
    },
  )
  passed.on('error', () => {
    if (response.headersSent) return void response.end()
    answerNotThere(response)
  })
  response.on('close', () => {
    passed.destroy()
    // What is still coming of a body that was answered unread: stopped, its connection would stand still with all that follows.
    request.unpipe(passed)
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > LIMITS.discardBytesMax) request.destroy()
    })
    request.resume()
  })
  request.pipe(passed)
}

/** What is said about one connection is nothing to the next one (RFC 9110 §7.6.1), be it of HTTP/2 or of HTTP/1.1. */
function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _connection, 'keep-alive': _keepAlive, upgrade: _upgrade, ...others } = headers
  for (const name in others) if (name.startsWith(':')) delete others[name]
  return others
}
