import { readdirSync } from 'node:fs'
import { newId } from '#std/index.ts'
import type { AuditEvent, Recorder } from './model.ts'

// For tests only. Nothing of the program imports this file.

/** PGlite takes seconds to start, and many of them when all cores are busy. */
export const PATIENT = { timeout: 60_000 }

export const NOON_MS = Date.UTC(2026, 10, 21, 12)

/** A call as the gateway would record it. */
export function sampleEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: newId('evt', changes.atMs ?? NOON_MS),
    atMs: NOON_MS,
    tenant: 'default',
    kind: 'call',
    actorId: 'key_1',
    actorKind: 'key',
    actorName: 'laptop',
    endpoint: 'everything',
    deployment: 'everything',
    method: 'tools/call',
    target: 'echo',
    era: 'modern',
    verdict: 'allow',
    rule: 'access:granted',
    outcome: 'ok',
    status: 200,
    bytesIn: 450,
    bytesOut: 1750,
    us: 512,
    bodySha256: 'ab'.repeat(32),
    steps: [
      { name: 'identify', us: 3, note: 'key:laptop' },
      { name: 'forward', us: 400 },
    ],
    ...changes,
  }
}

/** Records and waits until the event may be answered. */
export function recorded(recorder: Recorder, event: AuditEvent = sampleEvent()): Promise<AuditEvent> {
  return new Promise((resolve, reject) => {
    recorder.record(event, (failure) => (failure === null ? resolve(event) : reject(failure)))
  })
}

export const spoolFiles = (dir: string): string[] => readdirSync(dir).toSorted()
