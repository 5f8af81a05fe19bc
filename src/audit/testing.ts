import { readdirSync } from 'node:fs'
import { newId } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { appendBatch } from './append.ts'
import { recordsOf } from './block.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent, AuditRecord, DrainedBatch, Recorder } from './model.ts'
import { readFacts } from './read-facts.ts'

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
    const facts = events.map((event) => readFacts(encodeEvent(event))!).toSorted((a, b) => a.atMs - b.atMs)
    await appendBatch(store, { parts: [], events: facts }, false)
  }
}

/** All events of a tenant as the database has them, in the order of the chain. */
export async function storedEvents(store: Store, tenant = 'default'): Promise<AuditRecord[]> {
  const blocks = await store.db.selectFrom('audit_block').selectAll().where('tenant', '=', tenant).orderBy('first_seq').execute()
  return blocks.flatMap(({ first_seq: firstSeq, hash, body }) => recordsOf({ tenant, firstSeq, hash, body }))
}

export async function storedIds(store: Store, tenant = 'default'): Promise<string[]> {
  return (await storedEvents(store, tenant)).map(({ event }) => event.id)
}

/** What a listener of the drain was given. */
export const recordsIn = (batches: readonly DrainedBatch[]): AuditRecord[] => batches.flatMap(({ blocks }) => blocks.flatMap(recordsOf))
