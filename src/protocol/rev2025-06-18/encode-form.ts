import { isObject, omit } from '../map-result.ts'
import type { JsonObject } from '../revision.ts'

/**
 * The parameters of an elicitation by form in the words of 2025-06-18 (client/elicitation); null when it is one by URL, or
 * asks for what has no form there. The answer needs no translation: it holds the values, not their titles.
 */
export function encodeForm(params: JsonObject): JsonObject | null {
  const { mode, requestedSchema } = params
  if ((mode !== undefined && mode !== 'form') || !isObject(requestedSchema)) return null
  const { properties } = requestedSchema
  if (!isObject(properties)) return null
  const encoded: JsonObject = {}
  for (const [name, property] of Object.entries(properties)) {
    const field = isObject(property) ? encodeField(property) : null
    if (field === null) return null
    encoded[name] = field
  }
  return { ...omit(params, ['mode']), requestedSchema: { ...omit(requestedSchema, ['$schema']), properties: encoded } }
}

/** One of several with titles was written as two lists (SEP-1330); several of several could not be chosen. */
function encodeField(field: JsonObject): JsonObject | null {
  if (field['type'] === 'array') return null
  const { oneOf, ...rest } = field
  if (oneOf === undefined) return field
  if (!Array.isArray(oneOf)) return null
  const choices = oneOf.filter(
    (choice): choice is { const: string; title: string } => isObject(choice) && typeof choice['const'] === 'string',
  )
  if (choices.length !== oneOf.length) return null
  const titles = choices.map(({ const: value, title }) => (typeof title === 'string' ? title : value))
  return { ...rest, enum: choices.map(({ const: value }) => value), enumNames: titles }
}
