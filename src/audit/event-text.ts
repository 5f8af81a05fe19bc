import type { AuditEvent, FlightStep } from './model.ts'
import { EVENT_BYTES_MAX, writeEvent } from './write-event.ts'

let scratch: Buffer | undefined

/** The text that `writeEvent` writes. */
export function encodeEvent(event: AuditEvent): string {
  scratch ??= Buffer.allocUnsafeSlow(EVENT_BYTES_MAX)
  return scratch.toString('utf8', 0, writeEvent(event, scratch, 0))
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
