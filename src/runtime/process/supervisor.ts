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
  Watched,
} from '../model.ts'
import { ended, type Ending, endingOf } from './attempt-ending.ts'
import { connectInstance, startProblem } from './connect-instance.ts'
import { INPUT_CALLS, isInputMethod } from './declared-input.ts'
import { createDenialList, type Denial, findDenial } from './denials.ts'
import { GreetedTooEarly } from './handshake.ts'
import type { Instance, ProcessHost } from './instance.ts'
import { installedInfo } from './install.ts'
import { InteractiveInstances, isRetry } from './interactive-instances.ts'
import { launchDeployment } from './launch-deployment.ts'
import { createLogRing, type LogRing } from './log-ring.ts'
import { interactiveOpener } from './open-interactive.ts'
import type { Isolation } from './probe-isolation.ts'
import type { Program } from './program.ts'
import { createReadyGate, type ReadyGate } from './ready-gate.ts'
import type { StdioPeer } from './stdio-peer.ts'
import { isGrantable, ungrantedPaths } from './ungranted-paths.ts'
import { announcedLists, createProcessWatches } from './process-watches.ts'

export interface SupervisorEvents {
  readonly onStatus: (status: DeploymentStatus) => void
  readonly onLog: (line: LogLine) => void
}

interface Live {
  readonly instance: Instance
  readonly peer: StdioPeer
  readonly info: UpstreamInfo
}

/** Said to us, not to our callers. */
const OWN_NOTIFICATIONS: ReadonlySet<string> = new Set(['notifications/subscriptions/acknowledged', 'notifications/cancelled'])

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
  readonly #watches: ReturnType<typeof createProcessWatches>
  readonly #interactive: InteractiveInstances
  #state: InstanceState = 'starting'
  #sinceMs: number
  #problem: Problem | null = null
  #live: Live | null = null
  #instance: Instance | null = null
  #info: UpstreamInfo | null = null
  /** Which era it turned out to speak, and since when that is believed. */
  #verdict: { readonly era: Era; readonly sinceMs: number } | null = null
  #restarts = 0
  /** Of instances beside the one that serves everybody. */
  #failures = 0
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
    this.#watches = createProcessWatches(host.now)
    this.#interactive = new InteractiveInstances({
      name: deployment.name,
      now: host.now,
      places: host.places,
      // Our own examples never ask, and one of them keeps notes for everybody.
      isKnownSilent: deployment.origin.kind === 'starter',
      open: interactiveOpener({
        host,
        spec,
        deployment: () => this.deployment,
        onSecrets: (secrets) => this.#log.setSecrets(secrets),
        onDenied: (what) => this.#deny({ kind: 'egress', what }),
        hear: (text, instance) => this.#hear(text, instance),
      }),
      onCount: (isFailure) => {
        if (isFailure) this.#failures++
        events.onStatus(this.status())
      },
      warn: (error) => host.log.warn({ deployment: deployment.name, err: error }, 'ending a process failed'),
    })
    this.#done = this.#run()
  }

  status(): DeploymentStatus {
    const instances = this.#interactive.count()
    const grant = this.#hasRun || this.#problem === null ? this.#denied.remedy(this.deployment.name) : null
    return {
      name: this.deployment.name,
      state: this.#state,
      era: this.#info?.era ?? null,
      isolation: this.#instance?.isolation ?? null,
      pid: this.#instance?.running.pid ?? null,
      restarts: this.#restarts + this.#failures,
      sinceMs: this.#sinceMs,
      toolCount: this.#toolCount,
      cause: this.#problem?.message ?? null,
      remedy: grant ?? this.#problem?.remedy ?? null,
      denied: this.#denied.all(),
      installed: this.#installed,
      ...(instances === 0 ? {} : { instances }),
    }
  }

  async describe(deadlineAtMs: number): Promise<UpstreamInfo> {
    return (this.#live ?? (await this.#whenReady(deadlineAtMs))).info
  }

  known(): UpstreamInfo | null {
    return this.#info
  }

  request(request: UpstreamRequest): PendingAnswer {
    if (this.#live !== null) return this.#interactive.request(this.#live.info, this.#live.peer, request)
    // Its process need not be the shared one, which may be away.
    if (isRetry(request) && this.#info?.era === 'legacy') return this.#interactive.resume(request)
    const { promise: answer, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
    let isCancelled = false
    let sent: PendingAnswer | null = null
    const send = (live: Live): void => {
      if (isCancelled) return
      sent = this.#interactive.request(live.info, live.peer, request)
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

  watch(what: Watched): () => void {
    return this.#watches.watch(what)
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
    void this.#interactive.stopAll()
    void this.#instance?.running.stop()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#wake?.()
    await Promise.all([this.#interactive.close(), this.#instance?.running.stop()])
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
      if (ending.retryAs !== null && expectedEra === null) {
        expectedEra = ending.retryAs
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

  /** A verdict is believed for a while: a server that learnt the modern era must get the chance to say so. */
  #freshVerdict(): Era | null {
    const isFresh = this.#verdict !== null && this.#host.now() - this.#verdict.sinceMs < LIMITS.eraVerdictMsMax
    return isFresh ? this.#verdict!.era : null
  }

  #noteEra(era: Era, expectedEra: Era | null): void {
    if (expectedEra === null || this.#verdict?.era !== era) this.#verdict = { era, sinceMs: this.#host.now() }
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
      this.#instance = await launchDeployment(this.#host, deployment, this.#spec, {
        onSecrets: (secrets) => {
          this.#log.setSecrets(secrets)
          this.#enter(/(^|\/)(npx|uvx)$/.test(this.#spec.command) ? 'installing' : 'starting', null)
        },
        onProgram: (program, isolation) => this.#noteProgram(program, isolation),
        onDenied: (what) => this.#deny({ kind: 'egress', what }),
      })
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
      this.#lose()
      await instance?.release()
    }
  }

  #noteProgram(program: Program, isolation: Isolation): void {
    if (this.#isClosing) throw new Problem('upstream-down', `${this.deployment.name} is stopped.`)
    this.#installed = program.installed === null ? null : installedInfo(program.installed)
    if (isolation.tools !== null) {
      for (const what of ungrantedPaths(this.#spec, program, this.#host.dataDir)) this.#deny({ kind: 'file', what }, true)
    }
    this.#enter('starting', null)
  }

  async #serve(instance: Instance, expectedEra: Era | null): Promise<Ending> {
    const { name, startDeadlineMs } = this.deployment
    const connection = connectInstance({
      name,
      host: this.#host,
      instance,
      hear: (text) => this.#hear(text, instance),
      onNotification: (method, params) => this.#tell(method, params),
      onRequest: ({ method }) => {
        if (isInputMethod(method) && connection.peer.isCalled(INPUT_CALLS)) this.#interactive.noteAskedShared()
        return false
      },
      onGone: () => this.#lose(),
    })
    try {
      const info = await connection.introduce({ startDeadlineMs, expectedEra })
      this.#noteEra(info.era, expectedEra)
      this.#ready({ instance, peer: connection.peer, info })
    } catch (error) {
      instance.running.kill()
      this.#verdict = null
      const problem = await connection.gone
      if (error instanceof GreetedTooEarly) return { ...ended(problem), retryAs: 'modern' }
      if (!(error instanceof Problem)) throw error
      return {
        problem: startProblem(name, startDeadlineMs, error, problem),
        state: 'backoff',
        retryAs: error.type === 'upstream-down' ? 'legacy' : null,
      }
    }
    return ended(await connection.gone)
  }

  /** Nobody can be called now. */
  #lose(): void {
    this.#live = null
    this.#watches.detach()
  }

  #ready(live: Live): void {
    this.#live = live
    this.#info = live.info
    this.#watches.attach(live.peer, live.info)
    this.#enter('ready', null)
    this.#gate.open(live)
    if (this.#restarts === 0) return
    // What changed while nobody was there to say so.
    for (const kind of new Set(['tools', ...announcedLists(live.info)])) this.#tell(`notifications/${kind}/list_changed`, {})
    for (const uri of this.#watches.resources()) this.#tell('notifications/resources/updated', { uri })
  }

  #hear(text: string, { isolation }: Instance): LogLine {
    const line = this.#log.add(text)
    this.#events.onLog(line)
    const denial = isolation === 'none' ? null : findDenial(line.text)
    // A file that the host does not have either is just missing.
    if (denial !== null && (denial.kind === 'egress' || isGrantable(denial.what, this.#host.dataDir))) this.#deny(denial)
    return line
  }

  #deny(denial: Denial, isArgument = false): void {
    if (this.#denied.add(denial, isArgument)) this.#events.onStatus(this.status())
  }

  #tell(method: string, params: Record<string, unknown>): void {
    if (OWN_NOTIFICATIONS.has(method)) return
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
