import { asRecord, isSame, own, pointerSteps, type Entries } from './entries.ts'

/** A schema of JSON Schema 2020-12 as a server sent it: anything may be wrong with it. */
export type Schema = unknown
/** What a schema comes to once references are followed and everything in `allOf` is laid together. */
export type Flat = Entries

const REFERENCES_MAX = 64
const PARTS_MAX = 200

/** Keywords that say where something stands, not what it is like. */
const PLACES = new Set(['$ref', '$defs', 'definitions', 'allOf', '$schema', '$id', '$anchor', '$comment', '$dynamicAnchor'])

/**
 * One schema out of a reference, its siblings and `allOf`. Null when nothing can fit, when it refers to what is not
 * there or to itself, or when it is larger than any form would show.
 */
export function flatten(schema: Schema, root: Schema): Flat | null {
  const budget = { parts: PARTS_MAX }
  return flattenPart(schema, root, budget, [])
}

function flattenPart(schema: Schema, root: Schema, budget: { parts: number }, via: readonly string[]): Flat | null {
  if (schema === true || schema === undefined) return {}
  const record = asRecord(schema)
  if (record === undefined || budget.parts-- <= 0) return null
  let flat: Flat = Object.fromEntries(Object.entries(record).filter(([key]) => !PLACES.has(key)))
  const parts: Flat[] = []
  const reference = own(record, '$ref')
  if (reference !== undefined) {
    if (typeof reference !== 'string' || via.includes(reference) || via.length >= REFERENCES_MAX) return null
    const found = refer(reference, root)
    if (found === undefined) return null
    const part = flattenPart(found, root, budget, [...via, reference])
    if (part === null) return null
    parts.push(part)
  }
  const all = own(record, 'allOf')
  for (const each of Array.isArray(all) ? (all as unknown[]) : []) {
    const part = flattenPart(each, root, budget, via)
    if (part === null) return null
    parts.push(part)
  }
  for (const part of parts) {
    const joined = merge(part, flat)
    if (joined === null) return null
    flat = joined
  }
  return flat
}

/** What a reference inside of the same document names; nothing is ever fetched. */
export function refer(reference: string, root: Schema): Schema {
  const top = asRecord(root)
  const id = top === undefined ? undefined : own(top, '$id')
  const local = typeof id === 'string' && reference.startsWith(id) ? reference.slice(id.length) : reference
  if (local === '' || local === '#') return root
  if (local.startsWith('#/')) {
    let at: unknown = root
    for (const step of pointerSteps(decoded(local.slice(1)))) {
      if (Array.isArray(at)) at = at[Number(step)] as unknown
      else at = asRecord(at) === undefined ? undefined : own(at as Entries, step)
    }
    return at
  }
  if (!local.startsWith('#')) return undefined
  const defs = asRecord(top === undefined ? undefined : own(top, '$defs')) ?? {}
  return Object.values(defs).find((each) => asRecord(each)?.['$anchor'] === local.slice(1))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

type Join = (one: unknown, other: unknown) => unknown
const larger: Join = (one, other) => (typeof one === 'number' && typeof other === 'number' ? Math.max(one, other) : other)
const smaller: Join = (one, other) => (typeof one === 'number' && typeof other === 'number' ? Math.min(one, other) : other)
const both: Join = (one, other) => (isSame(one, other) ? one : { allOf: [one, other] })
const named: Join = (one, other) => {
  const [left, right] = [asRecord(one) ?? {}, asRecord(other) ?? {}]
  const keys = [...new Set([...Object.keys(right), ...Object.keys(left)])]
  return Object.fromEntries(
    keys.map((key) => [
      key,
      Object.hasOwn(left, key) && Object.hasOwn(right, key) ? both(left[key], right[key]) : (own(left, key) ?? own(right, key)),
    ]),
  )
}

/** How two schemas that both hold say one thing. What is not here: the outer one wins, and validation knows both. */
const JOINS: Readonly<Record<string, Join>> = {
  properties: named,
  patternProperties: named,
  dependentSchemas: named,
  items: both,
  additionalProperties: (one, other) => (one === false || other === false ? false : both(one, other)),
  required: (one, other) => [...new Set([one, other].flatMap((names): readonly unknown[] => (Array.isArray(names) ? names : [])))],
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  enum: (one, other) =>
    Array.isArray(one) && Array.isArray(other) ? (one as unknown[]).filter((each) => other.some((value) => isSame(each, value))) : other,
}

function merge(inner: Flat, outer: Flat): Flat | null {
  const joined = new Map(Object.entries(inner))
  for (const [key, value] of Object.entries(outer)) {
    if (!joined.has(key)) joined.set(key, value)
    else if (key === 'type') {
      const types = commonTypes(joined.get(key), value)
      if (types.length === 0) return null
      joined.set(key, types.length === 1 ? types[0] : types)
    } else if ((key === 'anyOf' || key === 'oneOf') && !isSame(joined.get(key), value)) return null
    else joined.set(key, Object.hasOwn(JOINS, key) ? JOINS[key]!(joined.get(key), value) : value)
  }
  return Object.fromEntries(joined)
}

export const typesOf = (type: unknown): readonly string[] => [type].flat().filter((each) => typeof each === 'string')

function commonTypes(one: unknown, other: unknown): readonly string[] {
  const [left, right] = [typesOf(one), typesOf(other)]
  const common = left.filter((type) => right.includes(type))
  const narrowed = (these: readonly string[], those: readonly string[]): boolean => these.includes('integer') && those.includes('number')
  return !common.includes('integer') && (narrowed(left, right) || narrowed(right, left)) ? [...common, 'integer'] : common
}
