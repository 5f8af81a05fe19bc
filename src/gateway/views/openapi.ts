import type { Endpoint } from '../endpoints.ts'
import type { ListedTool } from '../federate/view.ts'

/** An OpenAPI 3.1 document of `POST /mcp/{name}/invoke` with one request schema per tool. */
export function openApiOf(
  endpoint: Endpoint,
  tools: readonly ListedTool[],
  server: { version: string; publicUrl: string },
): Record<string, unknown> {
  const schemas: Record<string, unknown> = { CallToolResult: RESULT_SCHEMA, Problem: PROBLEM_SCHEMA }
  for (const { name, definition } of tools) {
    schemas[schemaName(name)] = {
      type: 'object',
      description: definition['description'] ?? '',
      required: ['tool'],
      properties: { tool: { const: name }, arguments: definition['inputSchema'] },
      additionalProperties: false,
    }
  }
  const bodies = tools.map(({ name }) => ({ $ref: `#/components/schemas/${schemaName(name)}` }))
  const problem = (description: string): unknown => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  })
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: endpoint.title, description: endpoint.description, version: server.version },
    servers: [{ url: server.publicUrl }],
    security: endpoint.access === 'public' ? [] : [{ key: [] }],
    paths: {
      [`${endpoint.path}/invoke`]: {
        post: {
          operationId: 'invoke',
          summary: 'Call a tool',
          requestBody: { required: true, content: { 'application/json': { schema: bodies.length === 0 ? false : { oneOf: bodies } } } },
          responses: {
            '200': {
              description: 'The result of the tool, which may say itself that it failed.',
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    required: ['result', 'flight'],
                    properties: { result: { $ref: '#/components/schemas/CallToolResult' }, flight: { type: 'object' } },
                  },
                },
              },
            },
            '400': problem('The request does not fit.'),
            '401': problem('A credential is needed.'),
            '404': problem('Unknown, or not for this credential.'),
            '502': problem('The server failed.'),
          },
        },
      },
    },
    components: { schemas, securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  }
}

/** Component names may hold letters, digits, `.`, `-` and `_` only (OpenAPI 3.1, components). */
function schemaName(tool: string): string {
  return `call_${tool.replace(/[^A-Za-z0-9._-]/g, (character) => `-${character.codePointAt(0)!.toString(16)}-`)}`
}

const RESULT_SCHEMA = {
  type: 'object',
  properties: { content: { type: 'array', items: { type: 'object' } }, structuredContent: true, isError: { type: 'boolean' } },
}
const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    remedy: { type: 'string' },
  },
}
