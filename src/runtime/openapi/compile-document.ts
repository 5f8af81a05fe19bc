import { err, LIMITS, ok, type Result } from '#std/index.ts'
import { chooseOperations, nameOperations } from './choose-operations.ts'
import { type ApiServer, chooseServer } from './choose-server.ts'
import { compileOperation } from './compile-operation.ts'
import { planSchemes, reservedNames, type SchemePlan } from './credentials.ts'
import { type JsonObject, type LeftOut, member, type OpenApiSpec, type Operation, shortened, textOf, UnusableOperation } from './model.ts'

/** An API, ready to be called: made once, so that a call only joins texts. */
export interface CompiledApi {
  readonly server: ApiServer
  /** By the name of the tool, in the order of the document. */
  readonly operations: ReadonlyMap<string, Operation>
  readonly leftOut: readonly LeftOut[]
  readonly schemes: ReadonlyMap<string, SchemePlan>
  readonly title: string | null
  readonly version: string | null
}

/** Makes tools of the chosen operations. Fails with a sentence when there is no server, no operation, or a name that fits nothing. */
export function compileDocument(document: JsonObject, spec: OpenApiSpec): Result<CompiledApi, string> {
  const documentUrl = 'url' in spec.document ? spec.document.url : null
  const server = chooseServer(document, spec.server, documentUrl)
  if (!server.ok) return server
  const schemes = planSchemes(document, Object.keys(spec.auth))
  if (!schemes.ok) return schemes
  const chosen = chooseOperations(nameOperations(document), spec.operations)
  if (!chosen.ok) return chosen
  const reserved = reservedNames(schemes.value, Object.keys(spec.headers))
  const compilation = { document, server: server.value, isServerSet: spec.server !== null, documentUrl, reserved }
  const operations = new Map<string, Operation>()
  const leftOut: LeftOut[] = []
  let bytes = 0
  for (const named of chosen.value) {
    try {
      const operation = compileOperation(named, compilation)
      bytes += JSON.stringify(operation.tool).length
      if (bytes > LIMITS.openapiToolsBytesMax)
        return err(`the tools of these operations take more than ${LIMITS.openapiToolsBytesMax} bytes; choose fewer of them`)
      operations.set(named.toolName, operation)
    } catch (error) {
      if (!(error instanceof UnusableOperation)) throw error
      leftOut.push({ operation: named.label, reason: error.message })
    }
  }
  if (operations.size === 0) return err(`none of its operations can be called: ${leftOut[0]!.operation}: ${leftOut[0]!.reason}`)
  const info = member(document, 'info')
  const text = (key: string): string | null => {
    const value = textOf(member(info, key))
    return value === null ? null : shortened(value, LIMITS.titleLengthMax)
  }
  return ok({ server: server.value, operations, leftOut, schemes: schemes.value, title: text('title'), version: text('version') })
}
