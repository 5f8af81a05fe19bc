import { newId } from '#std/index.ts'
import type { AuditEvent, Recorder } from './model.ts'

/** What the control plane did or refused to do. */
export interface AdminEvent {
  readonly atMs: number
  readonly tenant: string
  readonly actor: { readonly id: string; readonly kind: string; readonly name: string }
  /** Noun and verb: `key.create`. */
  readonly method: string
  /** Name of the object it was about. */
  readonly target: string
  readonly deployment?: string
  readonly verdict: 'allow' | 'deny'
  readonly rule: string
  readonly outcome: string
  readonly status: number
  /** Microseconds. */
  readonly us?: number
  /** `system`: the program did it by itself. Default: `admin`. */
  readonly kind?: 'admin' | 'system'
}

/** Leaves an event of the control plane in the same spool. Resolves with its id when it is there; rejects with `audit-unavailable`. */
export function recordAdmin(recorder: Recorder, admin: AdminEvent): Promise<string> {
  const { actor, kind = 'admin', us = 0, deployment = '', ...rest } = admin
  const event: AuditEvent = {
    ...rest,
    id: newId('evt', admin.atMs),
    kind,
    actorId: actor.id,
    actorKind: actor.kind,
    actorName: actor.name,
    endpoint: '',
    deployment,
    era: '',
    bytesIn: 0,
    bytesOut: 0,
    us,
    bodySha256: '',
    steps: [],
  }
  return new Promise((resolve, reject) => {
    recorder.record(event, (failure) => (failure === null ? resolve(event.id) : reject(failure)))
  })
}
