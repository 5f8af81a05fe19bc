import { fieldOf, DEPTH_MAX } from './field-of.ts'
import type { Schema } from './flatten.ts'

const ITEMS_MAX = 20

/**
 * What a field holds before anybody typed: a default, the only choice there is, and the required parts of an object.
 * Undefined where a person has to say it. Optional fields begin left out.
 */
export function initialValue(schema: Schema, root: Schema, depth = 0): unknown {
  const { initial, way } = fieldOf(schema, root, depth)
  if (initial !== undefined) return initial
  if (depth > DEPTH_MAX) return undefined
  switch (way.kind) {
    case 'boolean':
      return false
    case 'choice':
      return way.choices.length === 1 ? way.choices[0]!.value : undefined
    case 'checks':
      return []
    case 'list': {
      const places = way.prefix.map((place) => initialValue(place, root, depth + 1))
      const more = Math.min(Math.max(way.itemsMin - places.length, 0), ITEMS_MAX)
      const rest = Array.from({ length: way.rest === null ? 0 : more }, () => initialValue(way.rest, root, depth + 1))
      return [...places, ...rest].map((value) => value ?? null)
    }
    case 'object':
      return Object.fromEntries(
        way.properties.flatMap(({ name, schema: each, isRequired }) => {
          const value = isRequired ? initialValue(each, root, depth + 1) : undefined
          return value === undefined ? [] : [[name, value]]
        }),
      )
    case 'variants':
      return way.variants.length === 0 ? undefined : initialValue(way.variants[0]!.schema, root, depth + 1)
    case 'text':
    case 'number':
    case 'json':
      return undefined
  }
}

/** The arguments a tool's form begins with. */
export function initialArguments(schema: Schema): Readonly<Record<string, unknown>> {
  const value = initialValue(schema, schema)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
