import { LIMITS } from '#std/index.ts'
import type { AuditEvent, FlightStep } from './model.ts'

// The text of an event is canonical JSON (RFC 8785): keys in code-unit order, no spaces, integers only. It is what the
// hash chain covers, so it is written by hand, once, and kept as text ever after. It is written as bytes straight to where
// it goes: a string of so many pieces costs twice the time, and leaves several times its length behind.

const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d
const CAPITAL_Z = 0x5a

const TEXTS = 15
const NUMBERS = 4
/** Two quotes, and an escape for each character. */
const TEXT_BYTES_MAX = LIMITS.auditTextLengthMax * 6 + 2
/** As long as a number gets in ECMAScript. */
const NUMBER_BYTES_MAX = 25
const STEP_BYTES_MAX = 2 * TEXT_BYTES_MAX + NUMBER_BYTES_MAX + 5
const REST_BYTES_MAX = 512

/** No event takes more, whatever it holds. */
export const EVENT_BYTES_MAX = TEXTS * TEXT_BYTES_MAX + NUMBERS * NUMBER_BYTES_MAX + LIMITS.auditStepsMax * STEP_BYTES_MAX + REST_BYTES_MAX

const bytesOf = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

const KEY = {
  actorId: bytesOf('{"actorId":'),
  actorKind: bytesOf(',"actorKind":'),
  actorName: bytesOf(',"actorName":'),
  at: bytesOf(',"at":"'),
  bodySha256: bytesOf('","bodySha256":'),
  bytesIn: bytesOf(',"bytesIn":'),
  bytesOut: bytesOf(',"bytesOut":'),
  deployment: bytesOf(',"deployment":'),
  endpoint: bytesOf(',"endpoint":'),
  era: bytesOf(',"era":'),
  id: bytesOf(',"id":'),
  kind: bytesOf(',"kind":'),
  method: bytesOf(',"method":'),
  outcome: bytesOf(',"outcome":'),
  rule: bytesOf(',"rule":'),
  status: bytesOf(',"status":'),
  steps: bytesOf(',"steps":['),
  target: bytesOf('],"target":'),
  tenant: bytesOf(',"tenant":'),
  us: bytesOf(',"us":'),
  verdict: bytesOf(',"verdict":'),
  end: bytesOf('}'),
}

/** Where the next byte goes, while an event is written. */
let bytes: Buffer = Buffer.alloc(0)
let at = 0

/**
 * Writes the canonical JSON of an event, without a line end, and returns where it ends. There must be room for
 * `EVENT_BYTES_MAX`: texts longer than `auditTextLengthMax` and steps beyond `auditStepsMax` are cut off.
 */
export function writeEvent(event: AuditEvent, into: Buffer, from: number): number {
  bytes = into
  at = from
  known(KEY.actorId, event.actorId)
  known(KEY.actorKind, event.actorKind)
  known(KEY.actorName, event.actorName)
  put(KEY.at)
  time(event.atMs)
  text(KEY.bodySha256, event.bodySha256)
  number(KEY.bytesIn, event.bytesIn)
  number(KEY.bytesOut, event.bytesOut)
  known(KEY.deployment, event.deployment)
  text(KEY.endpoint, event.endpoint)
  known(KEY.era, event.era)
  text(KEY.id, event.id)
  known(KEY.kind, event.kind)
  text(KEY.method, event.method)
  known(KEY.outcome, event.outcome)
  known(KEY.rule, event.rule)
  number(KEY.status, event.status)
  put(KEY.steps)
  steps(event.steps)
  text(KEY.target, event.target)
  known(KEY.tenant, event.tenant)
  number(KEY.us, event.us)
  known(KEY.verdict, event.verdict)
  put(KEY.end)
  return at
}

/** A loop: for so few bytes anything else costs more. */
function put(piece: Uint8Array): void {
  const count = piece.length
  for (let i = 0; i < count; i++) bytes[at + i] = piece[i]!
  at += count
}

/** Quoted texts that come back with every event: names that callers cannot choose. */
const quoted = new Map<string, Uint8Array>()

function known(key: Uint8Array, value: string): void {
  put(key)
  putKnown(value)
}

function putKnown(value: string): void {
  const found = quoted.get(value)
  if (found !== undefined) return put(found)
  const start = at
  putText(value)
  if (quoted.size < LIMITS.auditKnownTextsMax) quoted.set(value, new Uint8Array(bytes.subarray(start, at)))
}

function text(key: Uint8Array, value: string): void {
  put(key)
  putText(value)
}

function putText(value: string): void {
  const count = Math.min(value.length, LIMITS.auditTextLengthMax)
  bytes[at] = QUOTE
  for (let i = 0; i < count; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return putEscaped(value)
    bytes[at + 1 + i] = unit
  }
  at += count + 1
  bytes[at++] = QUOTE
}

function putEscaped(value: string): void {
  at += bytes.write(JSON.stringify(value.slice(0, LIMITS.auditTextLengthMax).toWellFormed()), at)
}

function number(key: Uint8Array, value: number): void {
  put(key)
  putNumber(value)
}

/** Small integers by their digits. Not a number or infinite would not be JSON. */
function putNumber(value: number): void {
  const whole = integer(value)
  if (whole < 0 || whole > 0x7fffffff) {
    at += bytes.write(String(whole), at)
    return
  }
  let digits = 1
  for (let bound = 10; bound <= whole; bound *= 10) digits += 1
  let rest = whole
  for (let i = at + digits - 1; i >= at; i--) {
    bytes[i] = ZERO + (rest % 10)
    rest = Math.trunc(rest / 10)
  }
  at += digits
}

function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value
  return Number.isFinite(value) ? Math.round(value) : 0
}

let lastSecond = Number.NaN
let lastSecondBytes = bytesOf('')

/** ISO 8601 with milliseconds. The text of a second is kept: making one from a Date costs more than the rest of an event. */
function time(atMs: number): void {
  const ms = integer(atMs)
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastSecondBytes = bytesOf(new Date(second * 1000).toISOString().slice(0, -4))
  }
  put(lastSecondBytes)
  const rest = ms - second * 1000
  bytes[at] = ZERO + Math.trunc(rest / 100)
  bytes[at + 1] = ZERO + (Math.trunc(rest / 10) % 10)
  bytes[at + 2] = ZERO + (rest % 10)
  bytes[at + 3] = CAPITAL_Z
  at += 4
}

/** A step is an array, name, microseconds, note: keys that come back with each of them would be half of an event. */
function steps(all: readonly FlightStep[]): void {
  const count = Math.min(all.length, LIMITS.auditStepsMax)
  for (let i = 0; i < count; i++) {
    const { name, note, us } = all[i]!
    if (i > 0) bytes[at++] = COMMA
    bytes[at++] = OPEN
    putKnown(name)
    bytes[at++] = COMMA
    putNumber(us)
    if (note !== undefined) {
      bytes[at++] = COMMA
      putText(note)
    }
    bytes[at++] = CLOSE
  }
}
