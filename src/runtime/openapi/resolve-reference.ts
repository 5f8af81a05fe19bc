import { LIMITS } from '#std/index.ts'
import { isObject, type JsonObject, member, UnusableOperation } from './model.ts'

/** What a local reference (`#/components/schemas/Pet`) stands for. Throws `UnusableOperation` for any other, and for one that leads nowhere. */
export function resolveReference(document: JsonObject, reference: string): unknown {
  const shown = JSON.stringify(reference.slice(0, 200))
  if (!reference.startsWith('#/'))
    throw new UnusableOperation(`the reference ${shown} leads out of the document, and only local ones are followed`)
  let value: unknown = document
  for (const part of reference.slice(2).split('/')) {
    const key = unescaped(part)
    value = Array.isArray(value) ? (value as unknown[])[Number(key)] : member(value, key)
    if (value === undefined) throw new UnusableOperation(`the reference ${shown} leads nowhere`)
  }
  return value
}

/** RFC 6901 §6: percent-encoding first, then `~1` and `~0`. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch (error) {
    if (error instanceof URIError) return part
    throw error
  }
}

/** The object that is meant, whatever references lead to it; null when there is none. Throws `UnusableOperation`. */
export function followed(document: JsonObject, value: unknown): JsonObject | null {
  let current = value
  for (let step = 0; step <= LIMITS.openapiRefsMax; step++) {
    if (!isObject(current)) return null
    const reference = member(current, '$ref')
    if (typeof reference !== 'string') return current
    current = resolveReference(document, reference)
  }
  throw new UnusableOperation(`more than ${LIMITS.openapiRefsMax} references follow each other`)
}
