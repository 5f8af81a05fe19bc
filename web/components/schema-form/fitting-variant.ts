import { asRecord, isSame, own } from './entries.ts'
import { flatten, typesOf, type Schema } from './flatten.ts'

/** How well a value fits a variant at first sight: types, fixed values, required keys. Below zero: not at all. */
export function fitness(value: unknown, schema: Schema, root: Schema): number {
  const flat = flatten(schema, root)
  if (flat === null) return -1
  const types = typesOf(flat['type'])
  if (types.length > 0 && !types.includes(typeOf(value)) && !(typeOf(value) === 'integer' && types.includes('number'))) return -1
  if (Object.hasOwn(flat, 'const')) return isSame(flat['const'], value) ? 100 : -1
  if (Array.isArray(flat['enum'])) return flat['enum'].some((each) => isSame(each, value)) ? 50 : -1
  const record = asRecord(value)
  if (record === undefined) return 1
  let score = 1
  const properties = asRecord(flat['properties']) ?? {}
  for (const [name, property] of Object.entries(properties)) {
    if (!Object.hasOwn(record, name)) continue
    const fixed = asRecord(property)
    if (fixed !== undefined && Object.hasOwn(fixed, 'const')) {
      if (!isSame(own(fixed, 'const'), record[name])) return -1
      score += 20
    } else score += 2
  }
  const required: readonly unknown[] = Array.isArray(flat['required']) ? flat['required'] : []
  for (const name of required) if (typeof name === 'string' && Object.hasOwn(record, name)) score += 3
  const isClosed = flat['additionalProperties'] === false
  if (isClosed && Object.keys(record).some((name) => !Object.hasOwn(properties, name))) return 0
  return score
}

/** The variant that a value belongs to: the preferred one as long as it fits, else the best; 0 when none does. */
export function fittingVariant(
  value: unknown,
  variants: readonly { readonly schema: Schema }[],
  root: Schema,
  preferred: number | null,
): number {
  if (preferred !== null && preferred < variants.length && (value === undefined || fitness(value, variants[preferred]!.schema, root) >= 0))
    return preferred
  if (value === undefined) return 0
  const scores = variants.map(({ schema }) => fitness(value, schema, root))
  return Math.max(0, scores.indexOf(Math.max(...scores)))
}

/** The value to begin a variant with: what it shares with the value before is kept. */
export function carriedOver(before: unknown, initial: unknown, schema: Schema, root: Schema): unknown {
  const [from, to] = [asRecord(before), asRecord(initial)]
  const flat = flatten(schema, root)
  if (from === undefined || to === undefined || flat === null) return initial
  const properties = asRecord(flat['properties']) ?? {}
  const kept = Object.entries(from).filter(
    ([name, value]) => Object.hasOwn(properties, name) && !Object.hasOwn(to, name) && fitness(value, properties[name], root) >= 0,
  )
  return { ...to, ...Object.fromEntries(kept) }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
