import { randomBytes, randomFillSync } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 10
const RANDOM_CHARACTERS = 16
/** A multiple of RANDOM_CHARACTERS. */
const POOL_BYTES = 4096

/** Filled once for many identifiers: the system call costs more than all the rest. */
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

let lastTime = -1
let lastTimeText = ''
const random = Buffer.alloc(RANDOM_CHARACTERS)

/**
 * A sortable identifier `prefix_` + 10 characters of time + 16 random ones (80 bits), the shape of a ULID. Those that one
 * process makes in the same millisecond count upwards, so that they sort in the order in which they were made.
 */
export function newId(prefix: string, nowMs: number): string {
  if (nowMs === lastTime) increment()
  else {
    lastTime = nowMs
    lastTimeText = timeText(nowMs)
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    for (let i = 0; i < RANDOM_CHARACTERS; i++) random[i] = pool[used++]! & 31
  }
  let text = `${prefix}_${lastTimeText}`
  for (let i = 0; i < RANDOM_CHARACTERS; i++) text += ALPHABET[random[i]!]
  return text
}

function timeText(nowMs: number): string {
  let rest = nowMs
  let text = ''
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = ALPHABET[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function increment(): void {
  for (let i = RANDOM_CHARACTERS - 1; i >= 0; i--) {
    random[i] = (random[i]! + 1) & 31
    if (random[i] !== 0) return
  }
}

/** The time that an identifier made by `newId` begins with, in milliseconds since the epoch; null when it was not made so. */
export function timeOfId(id: string): number | null {
  const time = id.slice(id.indexOf('_') + 1)
  if (time.length !== TIME_CHARACTERS + RANDOM_CHARACTERS) return null
  let ms = 0
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    const digit = ALPHABET.indexOf(time[i]!)
    if (digit < 0) return null
    ms = ms * 32 + digit
  }
  return ms
}

/** 256 random bits as base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url')
