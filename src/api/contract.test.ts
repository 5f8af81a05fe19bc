import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PROBLEMS } from '#std/index.ts'
import { API_BASE, CONTRACT, type Route, type RouteId } from './contract.ts'
import { EXAMPLES } from './contract-examples.ts'
import { openApiDocument } from './openapi.ts'
import { openTestApi } from './testing.ts'

const ids = Object.keys(CONTRACT) as RouteId[]

describe('the contract', () => {
  it.each(ids)('%s has an example that fits its shapes', (id) => {
    const route: Route = CONTRACT[id]
    const { params, query, body, response } = EXAMPLES[id]
    for (const [schema, value] of [
      [route.params, params],
      [route.query, query ?? {}],
      [route.body, body],
      [route.response, response],
    ] as const) {
      if (schema === undefined) continue
      expect(schema.safeParse(value).error?.issues ?? []).toEqual([])
    }
    expect([...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(Object.keys(route.params?.shape ?? {}))
  })

  it('refuses unknown members in everything that comes in', () => {
    for (const id of ids) {
      const { body, query }: Route = CONTRACT[id]
      for (const schema of [body, query]) {
        if (schema === undefined) continue
        const found = schema.safeParse({ surprise: 1 }).error?.issues.map((issue) => issue.code) ?? []
        expect([id, found]).toEqual([id, expect.arrayContaining(['unrecognized_keys'])])
      }
    }
  })
})

const objectShape = z.looseObject({})
const documentShape = z.object({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  servers: z.array(z.object({ url: z.url() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.object({ name: z.string() })),
  paths: z.record(
    z.string().startsWith(`${API_BASE}/`),
    z.record(
      z.string().regex(/^(get|post|put|patch|delete)$/),
      z.strictObject({
        operationId: z.string(),
        summary: z.string(),
        tags: z.array(z.string()),
        'x-sallyport-needs': z.string(),
        security: z.tuple([]).optional(),
        parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean(), schema: objectShape })),
        requestBody: z
          .object({ required: z.literal(true), content: z.record(z.string(), z.object({ schema: objectShape, example: z.unknown() })) })
          .optional(),
        responses: z.record(
          z.string().regex(/^[2-5]\d\d$/),
          z.object({ description: z.string().min(1), content: z.record(z.string(), z.looseObject({ schema: objectShape })).optional() }),
        ),
      }),
    ),
  ),
  components: z.object({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), objectShape),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal('http') })),
  }),
})

describe('the OpenAPI document', () => {
  const document = openApiDocument('0.1.0', 'http://127.0.0.1:7255')
  const text = JSON.stringify(document)

  it('has the structure of OpenAPI 3.1', () => {
    expect(documentShape.safeParse(document).error?.issues ?? []).toEqual([])
  })

  it('has every route of the contract once, with all its parameters', () => {
    const { paths } = documentShape.parse(document)
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    )
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(ids.toSorted())
    for (const { path, method, operationId, parameters, responses } of operations) {
      const route = CONTRACT[operationId as RouteId]
      expect([method.toUpperCase(), path]).toEqual([route.method, API_BASE + route.path])
      const inPath = parameters.filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name, required }) => [name, required])).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]))
      expect(Object.keys(responses)).toEqual(expect.arrayContaining([String(route.status), '401']))
    }
  })

  it('refers only to schemas that it holds', () => {
    const { components } = documentShape.parse(document)
    const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target!)
    expect(references.length).toBeGreaterThan(50)
    for (const reference of references) expect(Object.keys(components.schemas)).toContain(reference.replace('#/components/schemas/', ''))
    expect(text).not.toContain('$defs')
  })

  it('describes every refusal as a problem', () => {
    const { paths } = documentShape.parse(document)
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
      for (const [, { content }] of refusals) expect(Object.keys(content ?? {})).toEqual(['application/problem+json'])
    }
    expect(Object.values(PROBLEMS).map(({ status }) => String(status))).toEqual(
      expect.arrayContaining(['401', '403', '404', '409', '422', '429', '500', '503']),
    )
  })

  it('is served to everybody, and so is the schema of the declared file', async () => {
    const api = await openTestApi()
    const served = await api.send('GET', `${API_BASE}/openapi.json`, { key: null })
    expect(await served.json()).toEqual(document)
    const schema = await api.send('GET', '/schemas/sallyport.json', { key: null })
    expect(schema.headers.get('content-type')).toBe('application/schema+json')
    expect(await schema.json()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
  })
})
