import type { Schema } from './flatten.ts'

const PATTERN_LENGTH_MAX = 200
const KEY_LENGTH_MAX = 100
const REPEATS_MAX = 2

/**
 * Whether a pattern that a server wrote may run in the page: no repeated groups, no look-around, no back references and
 * at most two open repeats, so that its time stays bounded for a short key. Everything else is for validation, which
 * runs where it can be stopped.
 */
export function isTamePattern(pattern: string): boolean {
  if (pattern.length > PATTERN_LENGTH_MAX) return false
  if (/\)[*+?{]|\(\?|\\[1-9]|\\k</.test(pattern)) return false
  return (pattern.match(/[*+]|\{\d*,/g) ?? []).length <= REPEATS_MAX
}

/** The schema of a key by the patterns of its object. Undefined: no pattern says anything about it, or none may be run. */
export function schemaByPattern(key: string, patterns: readonly (readonly [string, Schema])[]): Schema {
  if (key.length > KEY_LENGTH_MAX) return undefined
  return patterns.find(([pattern]) => isTamePattern(pattern) && matches(pattern, key))?.[1]
}

function matches(pattern: string, key: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(key)
  } catch {
    return false
  }
}
