import { type ProblemType, PROBLEMS, Problem } from '#std/index.ts'
import type { DeploymentStatus, UpstreamAnswer, UpstreamInfo, UpstreamRequest, Watched } from './model.ts'

/** A way to another process of ours that carries structured JSON in order, such as the channel of `node:child_process`. */
export interface MessageChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** A request without its callbacks, which stay on the side of the worker. */
export interface LinkedRequest extends Omit<UpstreamRequest, 'onProgress' | 'onLog'> {
  readonly wantsProgress: boolean
  readonly wantsLog: boolean
}

/** What a worker says; `id` counts per worker. `hello`: tell me the status of this one, now and whenever it changes. */
export type ToPrimary =
  | { readonly runtime: 'hello'; readonly tenant: string; readonly name: string }
  | { readonly runtime: 'request'; readonly id: number; readonly tenant: string; readonly name: string; readonly request: LinkedRequest }
  | { readonly runtime: 'describe'; readonly id: number; readonly tenant: string; readonly name: string; readonly deadlineAtMs: number }
  | { readonly runtime: 'cancel'; readonly id: number; readonly reason: string }
  | {
      readonly runtime: 'notify'
      readonly tenant: string
      readonly name: string
      readonly method: string
      readonly params: Record<string, unknown>
    }
  | { readonly runtime: 'watch' | 'unwatch'; readonly tenant: string; readonly name: string; readonly what: Watched }
  | { readonly runtime: 'tools'; readonly tenant: string; readonly name: string; readonly count: number }
  | { readonly runtime: 'restart'; readonly tenant: string; readonly name: string }

/** What the primary says. */
export type ToWorker =
  | { readonly runtime: 'answer'; readonly id: number; readonly answer: UpstreamAnswer }
  | { readonly runtime: 'info'; readonly id: number; readonly info: UpstreamInfo }
  | { readonly runtime: 'problem'; readonly id: number; readonly problem: PlainProblem }
  | { readonly runtime: 'progress' | 'log'; readonly id: number; readonly params: Record<string, unknown> }
  | { readonly runtime: 'status'; readonly tenant: string; readonly status: DeploymentStatus; readonly info: UpstreamInfo | null }
  | {
      readonly runtime: 'heard'
      readonly tenant: string
      readonly name: string
      readonly method: string
      readonly params: Record<string, unknown>
    }

/** A problem as plain JSON. */
export interface PlainProblem {
  readonly type: string
  readonly detail: string
  readonly remedy: string | null
  readonly extensions: Readonly<Record<string, unknown>>
  readonly rpcData: Readonly<Record<string, unknown>>
}

export function toPlainProblem({ type, message, remedy, extensions, rpcData }: Problem): PlainProblem {
  return { type, detail: message, remedy: remedy ?? null, extensions, rpcData }
}

export function fromPlainProblem({ type, detail, remedy, extensions, rpcData }: PlainProblem): Problem {
  const known: ProblemType = Object.hasOwn(PROBLEMS, type) ? (type as ProblemType) : 'upstream-failed'
  return new Problem(known, detail, { ...(remedy === null ? {} : { remedy }), extensions, rpcData })
}

/** Whether a message on a shared channel belongs to the runtime. */
export function isRuntimeMessage(message: unknown): message is { readonly runtime: string } {
  return typeof message === 'object' && message !== null && 'runtime' in message
}
