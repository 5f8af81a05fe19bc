import { backoffMs, LIMITS, Problem } from '#std/index.ts'
import type {
  DeploymentRecord,
  DeploymentStatus,
  Era,
  InstalledPackageInfo,
  InstanceState,
  LogLine,
  PendingAnswer,
  ProcessSpec,
  Upstream,
  UpstreamAnswer,
  UpstreamInfo,
  UpstreamRequest,
} from '../model.ts'
import { assertApproved, blockedState } from '../blocked-upstream.ts'
import { createDenialList, type Denial, findDenial } from './denials.ts'
import { exitProblem } from './exit-problem.ts'
import { handshake } from './handshake.ts'
import { assertIsolation, findProgram, type Instance, openEnvironment, type ProcessHost, startInstance } from './instance.ts'
import { installedInfo } from './install.ts'
import { createLineReader } from './line-reader.ts'
import { createLogRing, type LogRing } from './log-ring.ts'
import { createReadyGate, type ReadyGate } from './ready-gate.ts'
import { StdioPeer } from './stdio-peer.ts'
import { subscribeChanges } from './subscribe-changes.ts'
import { isGrantable, ungrantedPaths } from './ungranted-paths.ts'

export interface SupervisorEvents {
  readonly onStatus: (status: DeploymentStatus) => void
  readonly onLog: (line: LogLine) => void
}

/** Why an attempt ended. */
interface Ending {
  readonly problem: Problem
  /** Trying again would end the same way: only the owner can change that. */
  readonly state: 'backoff' | 'failed' | 'needs-input' | 'waiting-approval'
  readonly mayRetryAsLegacy: boolean
}

interface Live {
  readonly instance: Instance
  readonly peer: StdioPeer
  readonly info: UpstreamInfo
}

type NotificationListener = (method: string, params: Record<string, unknown>) => void

/** Keeps one stdio server running and speaks with it. Starts in the background; nobody waits for it but its callers. */
export class ProcessSupervisor implements Upstream {
  deployment: DeploymentRecord
  readonly http = null
  readonly #spec: ProcessSpec
  readonly #host: ProcessHost
  readonly #events: SupervisorEvents
  readonly #log: LogRing
  readonly #listeners = new Set<NotificationListener>()
  readonly #gate: ReadyGate<Live>
  readonly #denied = createDenialList()
  #state: InstanceState = 'starting'
  #sinceMs: number
  #problem: Problem | null = null
  #live: Live | null = null
  #instance: Instance | null = null
  #info: UpstreamInfo | null = null
  #legacySinceMs: number | null = null
  /** Lines since the process that runs now was started. */
  #linesHeard = 0
  #restarts = 0
  #toolCount: number | null = null
  #installed: InstalledPackageInfo | null = null
  /** Whether this attempt came as far as a process: a former problem is not helped by a grant. */
  #hasRun = false
  #isClosing = false
  #isRestarting = false
  #wake: (() => void) | null = null
  readonly #done: Promise<void>

  constructor(deployment: DeploymentRecord, spec: ProcessSpec, host: ProcessHost, events: SupervisorEvents) {
    this.deployment = deployment
    this.#spec = spec
    this.#host = host
    this.#events = events
    this.#log = createLogRing(host.now)
    this.#gate = createReadyGate(host.now)
    this.#sinceMs = host.now()
    this.#done = this.#run()
  }

  status(): DeploymentStatus {
    const grant = this.#hasRun || this.#problem === null ? this.#denied.remedy(this.deployment.name) : null
    return {
      name: this.deployment.name,
      state: this.#state,
      era: this.#info?.era ?? null,
      isolation: this.#instance?.isolation ?? null,
      pid: this.#instance?.running.pid ?? null,
      restarts: this.#restarts,
      sinceMs: this.#sinceMs,
      toolCount: this.#toolCount,
      cause: this.#problem?.message ?? null,
      remedy: grant ?? this.#problem?.remedy ?? null,
      denied: this.#denied.all(),
      installed: this.#installed,
    }
  }

  async describe(deadlineAtMs: number): Promise<UpstreamInfo> {
    return (this.#live ?? (await this.#whenReady(deadlineAtMs))).info
  }

  known(): UpstreamInfo | null {
    return this.#info
  }

  request(request: UpstreamRequest): PendingAnswer {
    if (this.#live !== null) return this.#live.peer.request(request)
    const { promise: answer, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
    let isCancelled = false
    let sent: PendingAnswer | null = null
    const send = (live: Live): void => {
      if (isCancelled) return
      sent = live.peer.request(request)
      sent.answer.then(resolve, reject)
    }
    this.#whenReady(request.deadlineAtMs).then(send, reject)
    return {
      answer,
      cancel: (reason) => {
        isCancelled = true
        if (sent !== null) sent.cancel(reason)
        else reject(new Problem('upstream-failed', `The call was cancelled: ${reason}.`))
      },
    }
  }

  notify(method: string, params: Record<string, unknown>): void {
    this.#live?.peer.notify(method, params)
  }

  onNotification(listener: NotificationListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  adopt(deployment: DeploymentRecord): void {
    this.deployment = deployment
  }

  logs(): readonly LogLine[] {
    return this.#log.lines()
  }

  noteTools(count: number): void {
    if (count === this.#toolCount) return
    this.#toolCount = count
    this.#events.onStatus(this.status())
  }

  /** Starts anew, at once: also out of a back-off or a failure. */
  restart(): void {
    this.#denied.clear()
    this.#isRestarting = true
    this.#wake?.()
    void this.#instance?.running.stop()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#wake?.()
    await this.#instance?.running.stop()
    // An install goes on for others who wait for it, and ends with the installer.
    if (this.#state !== 'installing') await this.#done
  }

  async #run(): Promise<void> {
    let attempt = 0
    let expectedEra: Era | null = null
    while (!this.#isClosing) {
      const startedAtMs = this.#host.now()
      this.#isRestarting = false
      const ending = await this.#attempt(expectedEra)
      if (this.#isClosing) break
      if (ending.mayRetryAsLegacy && expectedEra === null) {
        expectedEra = 'legacy'
        continue
      }
      expectedEra = this.#freshVerdict()
      if (this.#host.now() - startedAtMs > LIMITS.instanceStableMs) attempt = 0
      this.#restarts++
      this.#enter(ending.state, ending.problem)
      if (!this.#isRestarting)
        await this.#pause(ending.state === 'backoff' ? backoffMs(attempt++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax) : null)
    }
    this.#enter('stopped', new Problem('upstream-down', `${this.deployment.name} is stopped.`))
  }

  /** A legacy verdict is believed for a while: a server that learnt the modern era must get the chance to say so. */
  #freshVerdict(): Era | null {
    const isFresh = this.#legacySinceMs !== null && this.#host.now() - this.#legacySinceMs < LIMITS.eraVerdictMsMax
    return isFresh ? 'legacy' : null
  }

  #noteEra(era: Era, expectedEra: Era | null): void {
    if (era === 'modern') this.#legacySinceMs = null
    else if (expectedEra === null || this.#legacySinceMs === null) this.#legacySinceMs = this.#host.now()
  }

  #pause(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(() => this.#wake?.(), ms)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
      if (this.#isClosing) this.#wake()
    })
  }

  /** One life of the process, from the checks to its end. Never rejects. */
  async #attempt(expectedEra: Era | null): Promise<Ending> {
    const { deployment } = this
    this.#hasRun = false
    try {
      assertApproved(deployment)
      const isolation = await this.#host.isolation
      assertIsolation(isolation, deployment, this.#spec.isolation)
      const { env, secrets } = openEnvironment(this.#host, deployment, this.#spec)
      this.#log.setSecrets(secrets)
      this.#enter(/(^|\/)(npx|uvx)$/.test(this.#spec.command) ? 'installing' : 'starting', null)
      const program = await findProgram(this.#host, this.#spec)
      if (this.#isClosing) return ended(new Problem('upstream-down', `${deployment.name} is stopped.`))
      this.#installed = program.installed === null ? null : installedInfo(program.installed)
      if (isolation.tools !== null) {
        for (const what of ungrantedPaths(this.#spec, program, this.#host.dataDir)) this.#deny({ kind: 'file', what }, true)
      }
      this.#enter('starting', null)
      const onDenied = (what: string): void => this.#deny({ kind: 'egress', what })
      this.#linesHeard = 0
      this.#instance = await startInstance(this.#host, { deployment, spec: this.#spec, program, env, onDenied })
      this.#hasRun = true
      // Closing or restarting may have been asked for in the meantime.
      if (this.#isClosing || this.#isRestarting) this.#instance.running.kill()
      return await this.#serve(this.#instance, expectedEra)
    } catch (error) {
      if (!(error instanceof Problem)) this.#host.log.warn({ deployment: deployment.name, err: error }, 'starting a process failed')
      return endingOf(error)
    } finally {
      const instance = this.#instance
      this.#instance = null
      this.#live = null
      await instance?.release()
    }
  }

  async #serve(instance: Instance, expectedEra: Era | null): Promise<Ending> {
    const { running } = instance
    const { name, startDeadlineMs } = this.deployment
    running.stderr.on(
      'data',
      createLineReader(
        LIMITS.logLineBytesMax * 4,
        (line) => this.#hear(line),
        () => this.#hear('(a line too long to keep)'),
      ),
    )
    let fatal: Problem | null = null
    const peer = new StdioPeer({
      name,
      stdin: running.stdin,
      stdout: running.stdout,
      now: this.#host.now,
      clientInfo: this.#host.clientInfo,
      onNoise: (line) => this.#hear(`stdout: ${line}`),
      onNotification: (method, params) => this.#tell(method, params),
      onFatal: (problem) => {
        fatal ??= problem
        running.kill()
      },
    })
    let isReady = false
    const ending = running.exited.then((exit) => {
      const problem = fatal ?? exitProblem(name, exit, isReady, this.#linesHeard === 0 ? [] : this.#log.lines().slice(-this.#linesHeard))
      this.#live = null
      peer.close(problem)
      return problem
    })
    try {
      const deadlineAtMs = this.#host.now() + startDeadlineMs
      const info = await handshake(peer, { name, now: this.#host.now, deadlineAtMs, clientInfo: this.#host.clientInfo, expectedEra })
      isReady = true
      this.#noteEra(info.era, expectedEra)
      this.#ready({ instance, peer, info })
    } catch (error) {
      running.kill()
      this.#legacySinceMs = null
      const problem = await ending
      if (!(error instanceof Problem)) throw error
      const isTimeout = error.type === 'upstream-timeout'
      const said = isTimeout
        ? new Problem('upstream-down', `${name} did not answer within ${startDeadlineMs} ms of its start.`, {
            remedy: 'Look at its log, or raise startDeadlineMs.',
          })
        : error
      return {
        problem: said === error && error.type === 'upstream-down' ? problem : said,
        state: 'backoff',
        mayRetryAsLegacy: error.type === 'upstream-down',
      }
    }
    return ended(await ending)
  }

  #ready(live: Live): void {
    this.#live = live
    this.#info = live.info
    if (live.info.era === 'modern') subscribeChanges(live.peer, live.info, this.#host.now())
    this.#enter('ready', null)
    this.#gate.open(live)
    // What changed while nobody was there to say so.
    if (this.#restarts > 0) this.#tell('notifications/tools/list_changed', {})
  }

  #hear(text: string): void {
    const line = this.#log.add(text)
    this.#linesHeard++
    this.#events.onLog(line)
    const denial = this.#instance?.isolation === 'none' ? null : findDenial(line.text)
    // A file that the host does not have either is just missing.
    if (denial !== null && (denial.kind === 'egress' || isGrantable(denial.what, this.#host.dataDir))) this.#deny(denial)
  }

  #deny(denial: Denial, isArgument = false): void {
    if (this.#denied.add(denial, isArgument)) this.#events.onStatus(this.status())
  }

  #tell(method: string, params: Record<string, unknown>): void {
    if (method === 'notifications/subscriptions/acknowledged') return
    const { _meta: _, ...rest } = params
    for (const listener of this.#listeners) listener(method, rest)
  }

  #enter(state: InstanceState, problem: Problem | null): void {
    if (state === this.#state && problem === null && this.#problem === null) return
    this.#state = state
    this.#problem = problem
    this.#sinceMs = this.#host.now()
    if (problem !== null) this.#gate.fail(this.#refusal(problem))
    this.#events.onStatus(this.status())
  }

  #whenReady(deadlineAtMs: number): Promise<Live> {
    if (this.#live !== null) return Promise.resolve(this.#live)
    if (this.#problem !== null) return Promise.reject(this.#refusal(this.#problem))
    return this.#gate.wait(deadlineAtMs, () => {
      return new Problem('upstream-timeout', `${this.deployment.name} is still ${this.#state}.`, { remedy: 'Try again in a moment.' })
    })
  }

  /** Why there is nothing to call, as a caller is told. */
  #refusal(cause: Problem): Problem {
    const { name } = this.deployment
    const { remedy } = this.status()
    const detail = cause.message.includes(name) ? cause.message : `${name}: ${cause.message}`
    return new Problem('upstream-down', detail, remedy === null ? { cause } : { remedy, cause })
  }
}

const ended = (problem: Problem): Ending => ({ problem, state: 'backoff', mayRetryAsLegacy: false })

function endingOf(error: unknown): Ending {
  if (!(error instanceof Problem)) {
    return {
      problem: new Problem('internal-error', `Starting it failed: ${(error as Error).message}`, { cause: error }),
      state: 'backoff',
      mayRetryAsLegacy: false,
    }
  }
  return { problem: error, state: blockedState(error) ?? 'backoff', mayRetryAsLegacy: false }
}
