import { createHash } from 'node:crypto'
import { didYouMean, err, LIMITS, ok, type Result } from '#std/index.ts'
import { type HttpMethod, isObject, type JsonObject, member, METHODS, textOf } from './model.ts'

/** An operation as it stands in the document, with the name its tool will have. */
export interface NamedOperation {
  readonly toolName: string
  readonly operationId: string | null
  /** `GET /pets`: how patterns and messages name it. */
  readonly label: string
  readonly method: HttpMethod
  readonly path: string
  readonly pathItem: JsonObject
  readonly operation: JsonObject
}

/**
 * All operations of a document. Names are given to all of them, chosen or not, so that choosing others renames nothing;
 * of two that would have one name the later one carries a mark of its method and path.
 */
export function nameOperations(document: JsonObject): NamedOperation[] {
  const paths = member(document, 'paths')
  if (!isObject(paths)) return []
  const taken = new Set<string>()
  return Object.entries(paths).flatMap(([path, pathItem]) => {
    if (!path.startsWith('/') || !isObject(pathItem)) return []
    return METHODS.flatMap((key) => {
      const operation = member(pathItem, key)
      if (!isObject(operation)) return []
      const method = key.toUpperCase() as HttpMethod
      const label = `${method} ${path}`
      const operationId = textOf(member(operation, 'operationId'))
      const toolName = freeName(operationId ?? `${key}${path}`, label, taken)
      taken.add(toolName)
      return [{ toolName, operationId, label, method, path, pathItem, operation }]
    })
  })
}

const MARK_LENGTH = 8
/** More of a name is not looked at. */
const NAME_READ_MAX = 256

function freeName(wanted: string, label: string, taken: ReadonlySet<string>): string {
  const plain = wanted
    .slice(0, NAME_READ_MAX)
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  const name = plain === '' ? 'operation' : plain
  if (name.length <= LIMITS.openapiToolNameLengthMax && !taken.has(name)) return name
  const digest = createHash('sha256').update(label).digest('hex')
  const marked = (length: number): string => `${name.slice(0, LIMITS.openapiToolNameLengthMax - length - 1)}_${digest.slice(0, length)}`
  let length = MARK_LENGTH
  while (taken.has(marked(length)) && length < LIMITS.openapiToolNameLengthMax - 1) length++
  return marked(length)
}

export interface OperationPatterns {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** Those that the patterns choose. Fails for a pattern that fits none: whoever misspells one must not believe that it works. */
export function chooseOperations(
  operations: readonly NamedOperation[],
  { include, exclude }: OperationPatterns,
): Result<readonly NamedOperation[], string> {
  const idle = [...include, ...exclude].find((pattern) => !operations.some((operation) => fits(operation, pattern)))
  if (idle !== undefined) {
    const names = operations.flatMap(({ operationId, label }) => (operationId === null ? [label] : [operationId, label]))
    return err(`no operation fits ${JSON.stringify(idle)}.${didYouMean(idle, names.slice(0, LIMITS.openapiOperationsMax))}`)
  }
  const chosen = operations.filter(
    (operation) =>
      (include.length === 0 || include.some((pattern) => fits(operation, pattern))) && !exclude.some((pattern) => fits(operation, pattern)),
  )
  if (chosen.length === 0) return err('no operation is left')
  if (chosen.length > LIMITS.openapiOperationsMax)
    return err(`${chosen.length} operations are chosen, more than the ${LIMITS.openapiOperationsMax} that become tools`)
  return ok(chosen)
}

const fits = ({ operationId, label }: NamedOperation, pattern: string): boolean =>
  fitsPattern(label, pattern) || (operationId !== null && fitsPattern(operationId, pattern))

/** `*` stands for any text, also for none. Linear: each part is searched for once, after the one before. */
export function fitsPattern(text: string, pattern: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0]!
  const last = parts.at(-1)!
  if (parts.length === 1) return text === pattern
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}
