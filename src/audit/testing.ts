import { readdirSync } from 'node:fs'
import { newId } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { appendBatch } from './append.ts'
import { linesOf, toRecord } from './block.ts'
import { decodeLines } from './decode-lines.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent, AuditRecord, DrainedBatch, Recorder } from './model.ts'

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

/** Puts each batch of events into the database as the drain would: one block per tenant, where times are close. */
export async function append(store: Store, ...batches: readonly (readonly AuditEvent[])[]): Promise<void> {
  for (const events of batches) {
    const bytes = Buffer.from(events.map((event) => `${encodeEvent(event)}\n`).join(''))
    const facts = await decodeLines(bytes, 0, bytes.length, () => {})
    const lines = { bytes, room: Buffer.alloc(bytes.length) }
    await appendBatch(store, { parts: [], events: facts.toSorted((a, b) => a.atMs - b.atMs), lines }, false)
  }
}

/** All events of a tenant as the database has them, in the order of the chain. */
export async function storedEvents(store: Store, tenant = 'default'): Promise<AuditRecord[]> {
  const blocks = await store.db.selectFrom('audit_block').selectAll().where('tenant', '=', tenant).orderBy('first_seq').execute()
  return blocks.flatMap(({ first_seq: firstSeq, hash, body }) => recordsOf(firstSeq, hash, body))
}

export async function storedIds(store: Store, tenant = 'default'): Promise<string[]> {
  return (await storedEvents(store, tenant)).map(({ event }) => event.id)
}

/** The events that a listener of the drain is given: to be read while it is called. */
export const recordsIn = ({ blocks }: DrainedBatch): AuditRecord[] =>
  blocks.flatMap(({ firstSeq, hash, body }) => recordsOf(firstSeq, hash, body.toString()))

const recordsOf = (firstSeq: number, hash: string, body: string): AuditRecord[] =>
  linesOf(body).flatMap((line, i) => toRecord(line, firstSeq + i, hash) ?? [])
