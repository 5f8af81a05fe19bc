import { err, LIMITS, ok, type Result } from '#std/index.ts'

/** First segments below `/mcp/{name}` that mean something else somewhere: no endpoint may be called so. */
const RESERVED: ReadonlySet<string> = new Set(['sse', 'ws', 'messages', 'invoke'])
const NAME = /^[a-z0-9-]+$/
/** Stands between server and tool in a federated list, so no name may hold it. */
const SEPARATOR = '__'

/** The name of a deployment or profile made of any text; the error is a sentence without its full stop. */
export function normaliseName(text: string): Result<string, string> {
  const shown = JSON.stringify(text.length > LIMITS.nameLengthMax ? `${text.slice(0, LIMITS.nameLengthMax)}…` : text)
  if (text === '') return err('a name may not be empty')
  if (text.includes(SEPARATOR)) return err(`the name ${shown} holds "${SEPARATOR}", which separates server and tool; use "-"`)
  const name = text.toLowerCase().replaceAll(/[^a-z0-9-]/gu, '-')
  if (name.length > LIMITS.nameLengthMax) return err(`the name ${shown} is longer than ${LIMITS.nameLengthMax} characters`)
  if (RESERVED.has(name)) return err(`the name ${shown} is reserved; choose another`)
  return ok(name)
}

/** Whether a text is a name as it stands. */
export const isName = (text: string): boolean => NAME.test(text) && text.length <= LIMITS.nameLengthMax && !RESERVED.has(text)

/** Whether a pattern, a tool name with at most one `*` as wildcard at its end, covers a tool. */
export function matchesTool(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
