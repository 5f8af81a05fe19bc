import { inspectJson } from '#protocol/index.ts'
import { err, LIMITS, ok, type Result } from '#std/index.ts'
import { type DocumentFault, isObject, type JsonObject } from './model.ts'

type Parsed = Result<JsonObject, readonly DocumentFault[]>
const BYTE_ORDER_MARK = /^\uFEFF/

/** Reads JSON or YAML (1.2, core schema, no tags of its own) with every bound that keeps a hostile text small. */
export async function parseDocument(given: string): Promise<Parsed> {
  const bytes = Buffer.byteLength(given)
  if (bytes > LIMITS.openapiDocumentBytesMax)
    return refused(`it has ${bytes} bytes, more than the ${LIMITS.openapiDocumentBytesMax} that are read`)
  const text = given.replace(BYTE_ORDER_MARK, '')
  const parsed = text.trimStart().startsWith('{') ? await parseJson(text) : await parseYaml(text)
  return parsed.ok ? checkShape(parsed.value) : parsed
}

async function parseJson(text: string): Promise<Result<unknown, readonly DocumentFault[]>> {
  const limits = { depthMax: LIMITS.openapiDepthMax, keysMax: LIMITS.openapiNodesMax }
  const json = inspectJson(Buffer.from(text), limits)
  if (json.ok) return ok(json.value)
  // The reader of YAML can tell where the fault is; it also takes a comment or a trailing comma, which harm nobody.
  return json.error.reason === 'malformed' ? parseYaml(text) : refused(json.error.detail)
}

async function parseYaml(text: string): Promise<Result<unknown, readonly DocumentFault[]>> {
  // Loaded when the first document needs it: most nodes never read one.
  const { parseDocument: read } = await import('yaml')
  try {
    const document = read(text, { schema: 'core', version: '1.2', merge: false, uniqueKeys: true, stringKeys: true, logLevel: 'error' })
    const faults = [...document.errors, ...document.warnings].slice(0, LIMITS.openapiFaultsMax).map(({ code, message, linePos }) => ({
      message: explain(code, message),
      where: '',
      line: linePos?.[0].line ?? null,
      column: linePos?.[0].col ?? null,
    }))
    return faults.length > 0 ? err(faults) : ok(document.toJS({ maxAliasCount: LIMITS.openapiAliasesMax }))
  } catch (error) {
    // Both are how the reader of YAML refuses a text that would take too much.
    if (error instanceof ReferenceError) return refused(`it uses aliases for more than ${LIMITS.openapiAliasesMax} parts`)
    if (error instanceof RangeError) return refused(`it is nested deeper than ${LIMITS.openapiDepthMax}`)
    throw error
  }
}

/** Depth, size, and the one key that is no plain key in JavaScript. Walks with a list, so that no depth can end the program. */
function checkShape(value: unknown): Parsed {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  let nodes = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth >= LIMITS.openapiDepthMax) return refused(`it is nested deeper than ${LIMITS.openapiDepthMax}`)
    for (const [key, inner] of Object.entries(next.value)) {
      if (key === '__proto__') return refused('`__proto__` is not accepted as a key')
      if (++nodes > LIMITS.openapiNodesMax) return refused(`it has more than ${LIMITS.openapiNodesMax} parts`)
      waiting.push({ value: inner as unknown, depth: next.depth + 1 })
    }
  }
  if (!isObject(value)) return refused('it is no object')
  const version = Object.hasOwn(value, 'openapi') ? value['openapi'] : undefined
  if (typeof version === 'string' && /^3\.[01](?:\.|$)/.test(version)) return ok(value)
  if (Object.hasOwn(value, 'swagger')) return refused('it is of Swagger 2.0; convert it to OpenAPI 3.0 or 3.1')
  if (typeof version === 'string') return refused(`it is of OpenAPI ${version.slice(0, 20)}; 3.0 and 3.1 are read`)
  return refused('it has no "openapi" with a version, such as "3.1.0"; give the version as a text')
}

export interface Place {
  readonly line: number
  readonly column: number
}

/** Where a part of the text stands, by its path; the nearest part around it when it is not there. Both from 1. */
export async function locate(text: string, path: readonly string[]): Promise<Place> {
  const { parseDocument: read, LineCounter, isAlias, isMap, isScalar, isSeq } = await import('yaml')
  const lineCounter = new LineCounter()
  const document = read(text.replace(BYTE_ORDER_MARK, ''), { lineCounter, stringKeys: true, logLevel: 'error' })
  let node: unknown = document.contents
  let offset = 0
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part)
      if (pair === undefined) break
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as { range?: readonly number[] } | undefined
      if (item === undefined) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  const { line, col } = lineCounter.linePos(offset)
  return { line, column: col }
}

function explain(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'it holds several documents, and one is read'
  // The reader catches the end of its own stack.
  if (message.startsWith('Maximum call stack')) return `it is nested deeper than ${LIMITS.openapiDepthMax}`
  return lowered((message.split('\n')[0] ?? '').replace(/ at line \d{1,9}, column \d{1,9}:?$/, ''))
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

const refused = (message: string): Result<never, readonly DocumentFault[]> => err([{ message, where: '', line: null, column: null }])
