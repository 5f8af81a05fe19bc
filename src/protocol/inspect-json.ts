import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '#std/index.ts'

export interface JsonLimits {
  readonly depthMax: number
  readonly keysMax: number
}

export interface JsonFault {
  readonly reason: 'malformed' | 'too-deep' | 'too-many-keys' | 'duplicate-key' | 'forbidden-key'
  readonly detail: string
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Parses JSON text that came from outside. Bombs of depth and keys are refused before anything is built from them. Where
 * the text decides something (`isStrict`), what two readers could read differently is refused as well: a key written
 * twice, also through an escape, `__proto__`, and bytes that are not UTF-8 (R2). Linear in the size of the text.
 */
export function inspectJson(bytes: Buffer, limits: JsonLimits, isStrict = true): Result<unknown, JsonFault> {
  if (!isUtf8(bytes)) return err({ reason: 'malformed', detail: 'the text is not UTF-8' })
  const { keys, depth } = measure(bytes, limits)
  if (depth > limits.depthMax) return tooDeep(limits)
  if (keys > limits.keysMax) return tooManyKeys(limits)
  const parsed = parse(bytes)
  if (!parsed.ok || !isStrict) return parsed
  const { value } = parsed
  const kept = countKept(value)
  if (kept < 0) return err({ reason: 'forbidden-key', detail: '`__proto__` is not accepted as a key' })
  return kept === keys ? ok(value) : err({ reason: 'duplicate-key', detail: 'an object holds the same key twice' })
}

function parse(bytes: Buffer): Result<unknown, JsonFault> {
  try {
    return ok(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    return err({ reason: 'malformed', detail: error instanceof Error ? error.message : 'not JSON' })
  }
}

const tooDeep = ({ depthMax }: JsonLimits): Result<never, JsonFault> =>
  err({ reason: 'too-deep', detail: `it is nested deeper than ${depthMax}` })
const tooManyKeys = ({ keysMax }: JsonLimits): Result<never, JsonFault> =>
  err({ reason: 'too-many-keys', detail: `it has more than ${keysMax} keys` })

/** Whether a parsed value is nested deeper than `depthMax`. */
export function isDeeperThan(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeperThan(item, depthMax - 1)) return true
    return false
  }
  for (const key in value) if (isDeeperThan((value as Record<string, unknown>)[key], depthMax - 1)) return true
  return false
}

/** Keys (colons outside strings) and depth of the text, counted until one of them is beyond its limit. */
function measure(bytes: Buffer, { depthMax, keysMax }: JsonLimits): { keys: number; depth: number } {
  let keys = 0
  let open = 0
  let depth = 0
  const { length } = bytes
  for (let i = 0; i < length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        for (i++; i < length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++
        break
      case COLON:
        if (++keys > keysMax) return { keys, depth }
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++open > depth && (depth = open) > depthMax) return { keys, depth }
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        open--
        break
      default:
        break
    }
  }
  return { keys, depth }
}

/** The number of keys that parsing kept; negative when one of them is `__proto__`. */
function countKept(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      const inside = countKept(item)
      if (inside < 0) return inside
      keys += inside
    }
    return keys
  }
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue
    if (key === '__proto__') return -Infinity
    const inside = countKept((value as Record<string, unknown>)[key])
    if (inside < 0) return inside
    keys += 1 + inside
  }
  return keys
}
