// Objects that people and servers name the keys of. A key may be `__proto__`: every write makes an own property, every
// read looks at own properties only.

export type Entries = Readonly<Record<string, unknown>>

export const asRecord = (value: unknown): Entries | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entries) : undefined

export const own = (record: Entries, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined)

/** The object with one key set; undefined leaves the key out, for absent is not the same as empty. */
export function withKey(record: Entries, key: string, value: unknown): Entries {
  if (value !== undefined) return { ...record, [key]: value }
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key))
}

export const withItem = (list: readonly unknown[], index: number, value: unknown): readonly unknown[] =>
  list.map((each, at) => (at === index ? value : each))

export const withoutItem = (list: readonly unknown[], index: number): readonly unknown[] => list.filter((_, at) => at !== index)

/** Moves an item by one or more places; past an end it stays there. */
export function moved<Item>(list: readonly Item[], from: number, by: number): readonly Item[] {
  const to = Math.min(Math.max(from + by, 0), list.length - 1)
  const rest = list.filter((_, at) => at !== from)
  return [...rest.slice(0, to), list[from]!, ...rest.slice(to)]
}

/** A step of a JSON pointer (RFC 6901 §3). */
export const pointerStep = (key: string | number): string => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

export const pointerSteps = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Whether two JSON values are the same; keys in any order. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((each, at) => isSame(each, other[at]))
  const [left, right] = [asRecord(one), asRecord(other)]
  if (left === undefined || right === undefined) return false
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]))
}
