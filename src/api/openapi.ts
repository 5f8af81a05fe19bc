import { z } from 'zod'
import { PROBLEMS, type ProblemType } from '#std/index.ts'
import { API_BASE, CONTRACT, problem, type Route, type RouteId } from './contract.ts'
import { EXAMPLES } from './contract-examples.ts'

type JsonObject = Record<string, unknown>

/** What any route may answer beside its own problems. */
const COMMON_PROBLEMS: readonly ProblemType[] = ['unauthenticated', 'rate-limited', 'internal-error']

/** The contract as an OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12. */
export function openApiDocument(version: string, publicUrl: string): JsonObject {
  const schemas: JsonObject = {}
  const paths: Record<string, JsonObject> = {}
  for (const id of Object.keys(CONTRACT) as RouteId[]) {
    const route: Route = CONTRACT[id]
    const path = (paths[API_BASE + route.path] ??= {})
    path[route.method.toLowerCase()] = operation(id, route, schemas)
  }
  reference(problem, 'output', schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport control plane',
      version,
      description: 'Deployments, profiles, keys, secrets and activity of a Sallyport server. MCP itself is spoken at /mcp.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: [{ key: [] }],
    tags: [...new Set(Object.values<Route>(CONTRACT).map(({ noun }) => noun))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key (sp_…) or the key of an owner.' } },
    },
  }
}

function operation(id: RouteId, route: Route, schemas: JsonObject): JsonObject {
  const example = EXAMPLES[id]
  return {
    operationId: id,
    summary: route.summary,
    tags: [route.noun],
    'x-sallyport-needs': route.needs,
    ...(route.needs === 'nobody' ? { security: [] } : {}),
    parameters: [...parameters(route.params, 'path', example.params), ...parameters(route.query, 'query', example.query)],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: reference(route.body, 'input', schemas), example: example.body } },
          },
        }),
    responses: { [route.status]: success(route, example.response, schemas), ...refusals(route) },
  }
}

function success(route: Route, example: unknown, schemas: JsonObject): JsonObject {
  const content: JsonObject = {}
  if (route.response !== undefined) content['application/json'] = { schema: reference(route.response, 'output', schemas), example }
  if (route.stream !== undefined) {
    const { event, data } = route.stream
    // OpenAPI 3.1 has no words for event streams: the data of each event is described, and its name.
    content['text/event-stream'] = {
      schema: {
        type: 'string',
        description: `Events named ${event}.`,
        contentMediaType: 'application/json',
        contentSchema: reference(data, 'output', schemas),
      },
    }
  }
  return { description: route.status === 204 ? 'Done.' : 'The answer.', ...(Object.keys(content).length === 0 ? {} : { content }) }
}

/** The problems a route may answer with, by status. */
function problemsOf(route: Route): ProblemType[] {
  const ofInput: ProblemType[] = route.body === undefined ? [] : ['malformed-json', 'body-too-large', 'unsupported-media-type']
  const ofRight: ProblemType[] = route.needs === 'any' || route.needs === 'nobody' ? [] : ['insufficient-scope']
  const ofEffect: ProblemType[] = route.effect === 'read' ? [] : ['audit-unavailable']
  return [...new Set([...COMMON_PROBLEMS, ...ofRight, 'invalid-input' as const, ...ofInput, ...ofEffect, ...(route.problems ?? [])])]
}

function refusals(route: Route): JsonObject {
  const byStatus = Map.groupBy(problemsOf(route), (type) => PROBLEMS[type].status)
  return Object.fromEntries(
    [...byStatus].map(([status, types]) => [
      status,
      {
        description: types.map((type) => `${PROBLEMS[type].title} (${type}).`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

function parameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  examples: Readonly<Record<string, string>> = {},
): JsonObject[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as JsonObject
    const example = examples[name]
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
      ...(example === undefined ? {} : { example }),
    }
  })
}

/** The JSON Schema of a shape; every named part of it becomes a component that is referred to. */
function reference(schema: z.ZodType, io: 'input' | 'output', schemas: JsonObject): JsonObject {
  const { $schema: _, $defs = {}, properties } = z.toJSONSchema(z.object({ it: schema }), { io })
  for (const [name, definition] of Object.entries($defs)) {
    const { id: __, ...named } = definition as JsonObject
    schemas[name] = rewritten(named)
  }
  return rewritten(properties?.['it'] ?? {}) as JsonObject
}

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === '$ref' ? String(part).replace('#/$defs/', '#/components/schemas/') : rewritten(part),
    ]),
  )
}
