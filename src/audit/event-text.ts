import { LIMITS } from '#std/index.ts'
import type { AuditEvent, FlightStep } from './model.ts'

// The text of an event is canonical JSON (RFC 8785): keys in code-unit order, no spaces, integers only. It is what the
// hash chain covers, so it is written by hand, once, and kept as text ever after.

const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/

function quote(text: string): string {
  const kept = text.length > LIMITS.auditTextLengthMax ? text.slice(0, LIMITS.auditTextLengthMax) : text
  return NEEDS_ESCAPE.test(kept) ? JSON.stringify(kept.toWellFormed()) : `"${kept}"`
}

/** Quoted texts that come back with every event: names that callers cannot choose. */
const known = new Map<string, string>()

function quoteKnown(text: string): string {
  const found = known.get(text)
  if (found !== undefined) return found
  const quoted = quote(text)
  if (known.size < LIMITS.auditKnownTextsMax) known.set(text, quoted)
  return quoted
}

/** Not a number or infinite would not be JSON. */
function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value
  return Number.isFinite(value) ? Math.round(value) : 0
}

let lastSecond = Number.NaN
let lastSecondText = ''

/** ISO 8601 with milliseconds. The text of a second is kept: making one from a Date costs more than the rest of an event. */
function isoTime(atMs: number): string {
  const ms = integer(atMs)
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastSecondText = new Date(second * 1000).toISOString().slice(0, -4)
  }
  const rest = ms - second * 1000
  return `${lastSecondText}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`
}

/** A step is an array, name, microseconds, note: keys that come back with each of them would be half of an event. */
function stepsText(steps: readonly FlightStep[]): string {
  let text = ''
  const count = Math.min(steps.length, LIMITS.auditStepsMax)
  for (let i = 0; i < count; i++) {
    const { name, note, us } = steps[i]!
    text += `${i === 0 ? '' : ','}[${quoteKnown(name)},${integer(us)}${note === undefined ? '' : `,${quote(note)}`}]`
  }
  return text
}

/**
 * The canonical JSON of an event, without a line end. Texts longer than `auditTextLengthMax` and steps beyond
 * `auditStepsMax` are cut off, so that no caller can make an event that does not fit the spool.
 */
export function encodeEvent(event: AuditEvent): string {
  return (
    `{"actorId":${quoteKnown(event.actorId)},"actorKind":${quoteKnown(event.actorKind)},"actorName":${quoteKnown(event.actorName)}` +
    `,"at":"${isoTime(event.atMs)}","bodySha256":${quote(event.bodySha256)},"bytesIn":${integer(event.bytesIn)}` +
    `,"bytesOut":${integer(event.bytesOut)},"deployment":${quoteKnown(event.deployment)},"endpoint":${quote(event.endpoint)}` +
    `,"era":${quoteKnown(event.era)},"id":${quote(event.id)},"kind":${quoteKnown(event.kind)},"method":${quote(event.method)}` +
    `,"outcome":${quoteKnown(event.outcome)},"rule":${quoteKnown(event.rule)},"status":${integer(event.status)}` +
    `,"steps":[${stepsText(event.steps)}],"target":${quote(event.target)},"tenant":${quoteKnown(event.tenant)}` +
    `,"us":${integer(event.us)},"verdict":${quoteKnown(event.verdict)}}`
  )
}

/** An event read back, with the time as it stands in the text: the hash covers that spelling. */
export interface DecodedEvent {
  readonly at: string
  readonly event: AuditEvent
}

const TEXTS = [
  'actorId', 'actorKind', 'actorName', 'bodySha256', 'deployment', 'endpoint', 'era', 'id', 'kind', 'method', 'outcome', 'rule', 'target', 'tenant', 'verdict',
] as const // prettier-ignore
const NUMBERS = ['bytesIn', 'bytesOut', 'status', 'us'] as const

/** Reads a text made by `encodeEvent`. Null when it is not one. */
export function decodeEvent(text: string): DecodedEvent | null {
  let value: WrittenEvent | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || typeof value.at !== 'string' || !Array.isArray(value.steps)) return null
  const atMs = Date.parse(value.at)
  if (Number.isNaN(atMs)) return null
  for (const name of TEXTS) if (typeof value[name] !== 'string') return null
  for (const name of NUMBERS) if (!Number.isSafeInteger(value[name])) return null
  const steps = stepsOf(value.steps)
  return steps === null ? null : { at: value.at, event: eventOf(value, atMs, steps) }
}

/** An event as its text says it. */
type WrittenEvent = Omit<AuditEvent, 'atMs' | 'steps'> & { readonly at: string; readonly steps: readonly unknown[] }

function stepsOf(written: readonly unknown[]): FlightStep[] | null {
  const steps: FlightStep[] = []
  for (const step of written) {
    if (!Array.isArray(step)) return null
    const [name, us, note] = step as [unknown, unknown, unknown]
    if (typeof name !== 'string' || typeof us !== 'number' || (note !== undefined && typeof note !== 'string')) return null
    steps.push((note === undefined ? { name, us } : { name, us, note }) as FlightStep)
  }
  return steps
}

/** Field by field: copying by spread costs more than reading the JSON. */
function eventOf(value: WrittenEvent, atMs: number, steps: readonly FlightStep[]): AuditEvent {
  return {
    id: value.id,
    atMs,
    tenant: value.tenant,
    kind: value.kind,
    actorId: value.actorId,
    actorKind: value.actorKind,
    actorName: value.actorName,
    endpoint: value.endpoint,
    deployment: value.deployment,
    method: value.method,
    target: value.target,
    era: value.era,
    verdict: value.verdict,
    rule: value.rule,
    outcome: value.outcome,
    status: value.status,
    bytesIn: value.bytesIn,
    bytesOut: value.bytesOut,
    us: value.us,
    bodySha256: value.bodySha256,
    steps,
  }
}
