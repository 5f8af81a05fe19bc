import { locate } from './parse-document.ts'
import type { DocumentFault, JsonObject } from './model.ts'

interface SchemaError {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/**
 * Compares a document with the schema of its version of OpenAPI; null when it fits. The validator takes 50 ms and 30 MB
 * to load, so it is loaded when the first document comes, and only where documents come in.
 */
export async function validateDocument(document: JsonObject, text: string): Promise<DocumentFault | null> {
  const { Validator } = await import('@seriousme/openapi-schema-validator')
  const { valid, errors } = await new Validator().validate({ ...document })
  // A text is what it says of references. Those are followed when operations are compiled, which can leave out one of them
  // where this would refuse the document.
  if (valid || errors === undefined || typeof errors === 'string') return null
  const error = mostTelling(errors as readonly SchemaError[])
  if (error === undefined) return { message: 'it does not fit the schema of OpenAPI', where: '', line: null, column: null }
  const path = pathOf(error.instancePath)
  const misspelt = error.params['additionalProperty'] ?? error.params['unevaluatedProperty']
  const place = await locate(text, typeof misspelt === 'string' ? [...path, misspelt] : path)
  return { message: explain(error), where: path.join('.'), ...place }
}

/** The deepest error says what is wrong; those around it only repeat that something is. */
function mostTelling(errors: readonly SchemaError[]): SchemaError | undefined {
  const telling = errors.filter((error) => !isEcho(error))
  return (telling.length > 0 ? telling : errors).toSorted((one, other) => depthOf(other) - depthOf(one) || rank(other) - rank(one))[0]
}

const depthOf = ({ instancePath }: SchemaError): number => instancePath.split('/').length
const rank = ({ keyword }: SchemaError): number => (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties' ? 1 : 0)

/** What follows from trying one alternative after another: nobody meant a reference, or another place of a parameter. */
function isEcho({ keyword, params, schemaPath }: SchemaError): boolean {
  if (keyword === 'oneOf' || keyword === 'anyOf' || keyword === 'if' || keyword === 'not') return true
  if (keyword === 'required') return params['missingProperty'] === '$ref'
  return (
    keyword === 'enum' && schemaPath.includes('/oneOf/') && Array.isArray(params['allowedValues']) && params['allowedValues'].length === 1
  )
}

function explain({ keyword, params, message }: SchemaError): string {
  const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 100))
  switch (keyword) {
    case 'required':
      return `${quoted(params['missingProperty'])} is missing`
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `${quoted(params['additionalProperty'] ?? params['unevaluatedProperty'])} is not known here`
    case 'enum':
      return `expected one of ${(params['allowedValues'] as readonly unknown[]).slice(0, 20).map(quoted).join(', ')}`
    case 'type':
      return `expected ${[params['type']].flat().join(' or ')}`
    default:
      return message ?? `it does not fit "${keyword}"`
  }
}

const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
