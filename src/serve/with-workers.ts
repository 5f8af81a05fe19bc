import cluster, { type Worker } from 'node:cluster'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSpool } from '#audit/index.ts'
import { ownUrl } from '#edge/index.ts'
import { createAuthenticator } from '#identity/index.ts'
import { serveRuntime, type RuntimeService } from '#runtime/index.ts'
import { backoffMs, LIMITS, Problem } from '#std/index.ts'
import { createControlPlane } from './control-plane.ts'
import type { Core } from './core.ts'
import type { Planes } from './data-plane.ts'
import { feedGauges, type ProcessReport } from './gauges.ts'
import { answerNotThere } from './not-there.ts'
import { ofRemotes } from './secret-bundle.ts'
import { ROOT_FOLDER } from './root-folder.ts'
import { storeBodies } from './store-bodies.ts'
import type { Hooks, Started } from './serve.ts'
import { ADDRESS_HEADER, channelOf, isServeMessage, type ToPrimary, type ToWorker } from './worker-messages.ts'
import { WORKER_ARGUMENT } from './worker-argument.ts'

/** What the kernel takes as the path of a socket, less a byte (unix(7)). */
const SOCKET_PATH_LENGTH_MAX = 107

/** The control plane, the database and the processes of servers here; the data plane in `workers` processes beside it. */
export async function startWithWorkers(core: Core, hooks: Hooks, startedAtMs: number): Promise<Started> {
  const { settings } = core.loaded
  const controlSocket = controlSocketIn(settings.dataDir)
  const planes: Planes = { gateway: null, control: null, isStopping: false }
  const server = controlServer(planes)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(controlSocket, resolve))

  const publicUrlGiven = core.loaded.origins.publicUrl === 'default' ? null : settings.publicUrl
  const spool = openSpool({
    dir: join(settings.dataDir, 'spool'),
    node: core.nodeId,
    bytesMax: settings.spoolBytesMax,
    onNudge: () => core.drain.nudge(),
  })
  const pool = startPool(core, (worker) => ({
    serve: 'start',
    settings: { ...settings, ownerKey: undefined, databaseUrl: undefined, metricsToken: undefined },
    publicUrl: publicUrlGiven,
    nodeId: `${core.nodeId}-w${worker.id}`,
    sessionKey: core.vault.deriveKey('session').toString('base64'),
    readerKey: core.vault.readerKey().toString('base64'),
    controlSocket,
    snapshot: core.snapshots.current(),
    confirmedAtMs: core.snapshots.confirmedAtMs(),
    secrets: ofRemotes(core.secrets(), core.snapshots.current().deployments),
  }))
  hooks.onPublish = (snapshot, confirmedAtMs, secrets) =>
    pool.tell({ serve: 'publish', snapshot, confirmedAtMs, secrets: ofRemotes(secrets, snapshot.deployments) })
  hooks.onConfirm = (confirmedAtMs) => pool.tell({ serve: 'confirm', confirmedAtMs })
  hooks.onDrained = (file, offset) => {
    spool.acknowledge(file, offset)
    pool.tell({ serve: 'drained', file, offset })
  }
  core.bus.subscribe((message) => pool.tell({ serve: 'bus', message }))
  const port = await pool.listening
  const publicUrl = publicUrlGiven ?? ownUrl(port, settings.tlsCert !== undefined)
  const authenticator = createAuthenticator({ limits: LIMITS })
  authenticator.replaceKeys(core.snapshots.current().keys)
  core.snapshots.onChange((snapshot) => authenticator.replaceKeys(snapshot.keys))
  planes.control = createControlPlane({
    core,
    publicUrl,
    authenticator,
    recorder: spool,
    spoolBytes: () => core.drain.lag().bytes,
    async metricsText() {
      const reports = await pool.reports()
      const sum = (pick: (report: ProcessReport) => number): number => reports.reduce((total, report) => total + pick(report), 0)
      feedGauges(core, {
        inFlight: sum((report) => report.inFlight),
        openStreams: sum((report) => report.openStreams),
        spoolBytes: core.drain.lag().bytes,
      })
      return await core.metrics.render(reports.map((report) => report.metrics))
    },
    startedAtMs,
  })
  return {
    publicUrl,
    announceStop: () => pool.tell({ serve: 'stopping' }),
    async close(drainMs) {
      await pool.close(drainMs)
      await new Promise((resolve) => server.close(resolve))
      spool.close()
      rmSync(controlSocket, { force: true })
    },
  }
}

/** Where workers pass on what is not for them. */
function controlServer(planes: Planes): Server {
  const server = createServer((request, response) => {
    // A worker listens before this process knows where.
    if (planes.control === null) answerNotThere(response)
    else planes.control(request, response, addressSaidBy(request))
  })
  // Workers keep their connections; a request must not meet one that is just being closed.
  server.keepAliveTimeout = 0
  return server
}

/** Only workers reach our socket; each says which client it passes on. */
function addressSaidBy({ headers }: IncomingMessage): string {
  const said = headers[ADDRESS_HEADER]
  return typeof said === 'string' ? said : ''
}

/** Where the workers reach the control plane; what a killed server left there is removed. */
function controlSocketIn(dataDir: string): string {
  const folder = join(dataDir, 'run')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'control.sock')
  if (path.length > SOCKET_PATH_LENGTH_MAX) return join(mkdtempSync(join(tmpdir(), 'sallyport-')), 'control.sock')
  rmSync(path, { force: true })
  return path
}

interface Pool {
  /** The port that the workers share. */
  readonly listening: Promise<number>
  tell(message: ToWorker): void
  reports(): Promise<readonly ProcessReport[]>
  /** Tells all to stop, and kills those that have not by then. */
  close(drainMs: number): Promise<void>
}

function startPool(core: Core, startOf: (worker: Worker) => ToWorker): Pool {
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>()
  const waiting = new Map<number, (report: ProcessReport) => void>()
  const services = new Map<Worker, RuntimeService>()
  let isClosing = false
  let deaths = 0
  let reportId = 0
  // Every process takes connections from the one socket. Handed out in turn, which is the default, a connection on its way
  // to a process that has just died would stay open for ever without an answer.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ exec: join(ROOT_FOLDER, 'src/main.ts'), args: [WORKER_ARGUMENT], serialization: 'json' })
  const workers = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
  // A process may die at any moment: what it can no longer be told, its successor starts with.
  const say = (worker: Worker, message: ToWorker): void => channelOf(worker.process as never).send(message)

  const fork = (): void => {
    const forkedAtMs = core.now()
    const worker = cluster.fork({ SALLYPORT_OWNER_KEY: '', SALLYPORT_DATABASE_URL: '', SALLYPORT_METRICS_TOKEN: '' })
    const channel = channelOf(worker.process as never)
    services.set(worker, serveRuntime(core.runtime, channel))
    channel.send(startOf(worker))
    channel.onMessage((message) => {
      if (!isServeMessage(message)) return
      const said = message as ToPrimary
      if (said.serve === 'listening') resolve(said.port)
      else if (said.serve === 'failed') reject(new Problem(said.type, said.detail, said.remedy === null ? {} : { remedy: said.remedy }))
      else if (said.serve === 'nudge') core.drain.nudge()
      else if (said.serve === 'bodies')
        void storeBodies(core, said.batch).then((failure) => say(worker, { serve: 'bodies-stored', id: said.id, failure }))
      else if (said.serve === 'bus' || said.serve === 'edge') for (const other of workers()) if (other !== worker) say(other, said)
      if (said.serve === 'bus') core.bus.publish(said.message)
      if (said.serve === 'report') waiting.get(said.id)?.(said)
    })
    worker.on('exit', (code, signal) => {
      services.get(worker)?.close()
      services.delete(worker)
      if (isClosing) return
      deaths = core.now() - forkedAtMs > LIMITS.instanceStableMs ? 1 : deaths + 1
      core.log.error({ code, signal }, 'a data-plane process ended; another one takes its place')
      setTimeout(() => !isClosing && fork(), backoffMs(deaths, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax)).unref()
    })
  }
  for (let i = 0; i < core.loaded.settings.workers; i++) fork()

  return {
    listening,
    tell: (message) => workers().forEach((worker) => say(worker, message)),
    async reports() {
      const all = workers().map((worker) => {
        const id = ++reportId
        const report = new Promise<ProcessReport | null>((done) => {
          waiting.set(id, done)
          setTimeout(done, LIMITS.workerReportMs, null).unref()
        }).finally(() => waiting.delete(id))
        say(worker, { serve: 'report', id })
        return report
      })
      return (await Promise.all(all)).filter((report) => report !== null)
    },
    async close(drainMs) {
      isClosing = true
      const ended = workers().map((worker) => new Promise((done) => worker.once('exit', done)))
      for (const worker of workers()) say(worker, { serve: 'stop', drainMs })
      await Promise.race([Promise.all(ended), new Promise((done) => setTimeout(done, drainMs + LIMITS.stopGraceMs).unref())])
      for (const worker of workers()) worker.process.kill('SIGKILL')
    },
  }
}
