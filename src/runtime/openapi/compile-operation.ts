import { LIMITS } from '#std/index.ts'
import { type ApiServer, hasOtherServer } from './choose-server.ts'
import type { NamedOperation } from './choose-operations.ts'
import { convertResultSchema, type JsonSchema, withSchemas } from './convert-schema.ts'
import {
  isObject,
  type JsonObject,
  member,
  type Operation,
  type ParameterPlan,
  shortened,
  textOf,
  type Tool,
  UnusableOperation,
} from './model.ts'
import { essenceOf, isJsonType, planBody, type PlannedBody } from './plan-body.ts'
import { type PlannedParameter, planParameters, type ReservedNames } from './plan-parameters.ts'
import { followed } from './resolve-reference.ts'

/** What all operations of a document share. */
export interface Compilation {
  readonly document: JsonObject
  readonly server: ApiServer
  /** The server was set and not taken from the document: then it stands for all operations. */
  readonly isServerSet: boolean
  readonly documentUrl: string | null
  readonly reserved: ReservedNames
}

/** Makes a tool of one operation. Throws `UnusableOperation` when it cannot be called from here. */
export function compileOperation(named: NamedOperation, compilation: Compilation): Operation {
  const { document, server, isServerSet, documentUrl, reserved } = compilation
  const { operation, pathItem, method, path } = named
  if (
    !isServerSet &&
    [member(pathItem, 'servers'), member(operation, 'servers')].some((servers) => hasOtherServer(servers, server, documentUrl))
  )
    throw new UnusableOperation('it lives on another server than the rest; set "server" to have all of them called there')
  if (member(pathItem, '$ref') !== undefined) throw new UnusableOperation('its path is a reference')
  const { planned, body, shown, input, parts } = withSchemas(document, 'input', (converter) => {
    const lists = [member(pathItem, 'parameters'), member(operation, 'parameters')]
    const all = planParameters(document, lists, reserved, converter)
    const pathParts = partsOf(path, all)
    const inPath = new Set(pathParts.flatMap((part) => (typeof part === 'string' ? [] : [part.argument])))
    // A parameter of the path that the path does not name would be asked for and then dropped.
    const used = all.filter(({ plan }) => plan.place !== 'path' || inPath.has(plan.argument))
    const sent = method === 'GET' || method === 'HEAD' ? null : planBody(document, member(operation, 'requestBody'), converter)
    return { planned: all, body: sent, shown: used, parts: pathParts, input: inputSchema(used, sent, converter.definitions()) }
  })
  const parameters = planned.map(({ plan }) => plan).filter(({ place }) => place !== 'path')
  const plans = [...shown.map(({ plan }) => plan), ...(body === null ? [] : [body.plan])]
  const outputSchema = outputOf(document, member(operation, 'responses'))
  return {
    tool: toolOf(named, input, outputSchema),
    method,
    path,
    parts,
    parameters,
    body: body?.plan ?? null,
    argumentNames: new Set(plans.map(({ argument }) => argument)),
    requiredArguments: plans.filter(({ isRequired }) => isRequired).map(({ argument }) => argument),
    security: securityOf(document, operation),
    hasOutput: outputSchema !== null,
    takenQueryNames: new Set([...reserved.query, ...parameters.flatMap(({ place, name }) => (place === 'query' ? [name] : []))]),
  }
}

/** `/pets/{id}/photos` → `/pets/`, the parameter, `/photos`. */
function partsOf(path: string, planned: readonly PlannedParameter[]): (string | ParameterPlan)[] {
  if (/[?#\\]/.test(path)) throw new UnusableOperation('its path holds a query, a fragment or a backslash')
  if (!path.isWellFormed()) throw new UnusableOperation('its path holds half of a character')
  const steps = path.replaceAll(/\{[^{}]{1,256}\}/g, 'x').split('/')
  if (steps.some((step) => /^(?:\.|%2e){1,2}$/i.test(step))) throw new UnusableOperation('its path holds a step to another path (. or ..)')
  const parts: (string | ParameterPlan)[] = []
  for (const [index, piece] of path.split(/\{([^{}]{1,256})\}/).entries()) {
    if (index % 2 === 0) {
      if (/[{}]/.test(piece)) throw new UnusableOperation('its path has a brace without its other half')
      if (piece !== '') parts.push(plainPath(piece))
      continue
    }
    const parameter = planned.find(({ plan }) => plan.place === 'path' && plan.name === piece)
    if (parameter === undefined) throw new UnusableOperation(`its path names {${piece.slice(0, 100)}}, which no parameter describes`)
    parts.push(parameter.plan)
  }
  return parts
}

/** RFC 3986 §3.3: what a path may hold as it is; the rest of a text becomes percent-encoded, an escape stays one. */
const plainPath = (text: string): string =>
  text.replaceAll(/%(?![0-9A-Fa-f]{2})|[^%\w.~!$&'()*+,;=:@/-]+/g, (other) => encodeURIComponent(other))

function inputSchema(planned: readonly PlannedParameter[], body: PlannedBody | null, definitions: JsonSchema): JsonSchema {
  const fields = [
    ...planned.map(({ plan, schema }) => ({ name: plan.argument, schema, isRequired: plan.isRequired })),
    ...(body === null ? [] : [{ name: body.plan.argument, schema: body.schema, isRequired: body.plan.isRequired }]),
  ]
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  }
}

function toolOf({ toolName, operation, pathItem, label, method }: NamedOperation, input: JsonSchema, output: JsonSchema | null): Tool {
  const summary = textOf(member(operation, 'summary')) ?? textOf(member(pathItem, 'summary'))
  const description = textOf(member(operation, 'description')) ?? textOf(member(pathItem, 'description')) ?? summary ?? label
  const isDeprecated = member(operation, 'deprecated') === true
  return {
    name: toolName,
    ...(summary === null || summary === '' ? {} : { title: shortened(summary, LIMITS.titleLengthMax) }),
    description: shortened(`${isDeprecated ? 'Deprecated. ' : ''}${description === '' ? label : description}`, LIMITS.openapiTextLengthMax),
    inputSchema: input,
    ...(output === null ? {} : { outputSchema: output }),
    annotations: annotationsOf(method),
  }
}

/** RFC 9110 §9.2: which methods are safe, and which may be repeated. */
function annotationsOf(method: NamedOperation['method']): Readonly<Record<string, boolean>> {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { readOnlyHint: true }
    case 'DELETE':
      return { readOnlyHint: false, destructiveHint: true, idempotentHint: true }
    case 'PUT':
      return { readOnlyHint: false, idempotentHint: true }
    case 'POST':
    case 'PATCH':
      return { readOnlyHint: false }
  }
}

/** The schema of the first answer of success that is JSON; null when it is no object. */
function outputOf(document: JsonObject, responses: unknown): JsonSchema | null {
  if (!isObject(responses)) return null
  const status = Object.keys(responses).find((key) => /^2(?:\d\d|XX)$/i.test(key))
  if (status === undefined) return null
  try {
    const content = member(followed(document, member(responses, status)), 'content')
    const [, offer] = Object.entries(isObject(content) ? content : {}).find(([type]) => isJsonType(essenceOf(type))) ?? []
    const schema = member(followed(document, offer), 'schema')
    return schema === undefined ? null : convertResultSchema(document, schema)
  } catch (error) {
    // What is said of the answer is a courtesy; the operation can be called without.
    if (error instanceof UnusableOperation) return null
    throw error
  }
}

function securityOf(document: JsonObject, operation: JsonObject): readonly (readonly string[])[] {
  const security = member(operation, 'security') ?? member(document, 'security')
  return Array.isArray(security) ? (security as unknown[]).filter(isObject).map((needed) => Object.keys(needed)) : []
}
