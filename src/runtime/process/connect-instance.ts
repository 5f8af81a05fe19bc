import { LIMITS, Problem } from '#std/index.ts'
import type { Era, LogLine, UpstreamInfo } from '../model.ts'
import { exitProblem, LINES_CONSIDERED } from './exit-problem.ts'
import { handshake } from './handshake.ts'
import type { Instance, ProcessHost } from './instance.ts'
import { createLineReader } from './line-reader.ts'
import { StdioPeer, type StdioPeerOptions } from './stdio-peer.ts'

export interface ConnectOptions extends Pick<StdioPeerOptions, 'name' | 'onNotification' | 'onRequest'> {
  readonly host: Pick<ProcessHost, 'now' | 'clientInfo'>
  readonly instance: Instance
  /** Takes a line beside the protocol; gives it as it was kept. */
  readonly hear: (text: string) => LogLine
  /** The process is gone; what waits for it is told right after this. */
  readonly onGone: () => void
}

/** The two ends of one process: what it says beside the protocol, and the protocol. */
export interface Connection {
  readonly peer: StdioPeer
  /** Why the process is gone, once it is. Never rejects. */
  readonly gone: Promise<Problem>
  /** Introduces us within `startDeadlineMs`. Rejects with a `Problem`: `upstream-down` when the process has ended meanwhile. */
  introduce(options: {
    readonly startDeadlineMs: number
    readonly expectedEra: Era | null
    readonly capabilities?: Record<string, unknown>
  }): Promise<UpstreamInfo>
}

export function connectInstance(options: ConnectOptions): Connection {
  const { name, host, instance } = options
  const { running } = instance
  const lastLines: LogLine[] = []
  let isReady = false
  let fatal: Problem | null = null
  const hear = (text: string): void => {
    lastLines.push(options.hear(text))
    if (lastLines.length > LINES_CONSIDERED) lastLines.shift()
  }
  running.stderr.on(
    'data',
    createLineReader(LIMITS.logLineBytesMax * 4, hear, () => hear('(a line too long to keep)')),
  )
  const peer = new StdioPeer({
    name,
    stdin: running.stdin,
    stdout: running.stdout,
    now: host.now,
    clientInfo: host.clientInfo,
    onNoise: (line) => hear(`stdout: ${line}`),
    onNotification: options.onNotification,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    onFatal: (problem) => {
      fatal ??= problem
      running.kill()
    },
  })
  const gone = running.exited.then((exit) => {
    const problem = fatal ?? exitProblem(name, exit, isReady, lastLines)
    options.onGone()
    peer.close(problem)
    return problem
  })
  return {
    peer,
    gone,
    async introduce({ startDeadlineMs, ...more }) {
      const deadlineAtMs = host.now() + startDeadlineMs
      const info = await handshake(peer, { name, now: host.now, deadlineAtMs, clientInfo: host.clientInfo, ...more })
      isReady = true
      return info
    },
  }
}

/** Why an introduction failed, as whoever waits for the server is told. `gone`: how its process ended. */
export function startProblem(name: string, startDeadlineMs: number, error: Problem, gone: Problem): Problem {
  if (error.type === 'upstream-down') return gone
  if (error.type !== 'upstream-timeout') return error
  return new Problem('upstream-down', `${name} did not answer within ${startDeadlineMs} ms of its start.`, {
    remedy: 'Look at its log, or raise startDeadlineMs.',
  })
}
