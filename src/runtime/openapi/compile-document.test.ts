import { describe, expect, it } from 'vitest'
import { chooseServer } from './choose-server.ts'
import { compileDocument } from './compile-document.ts'
import { compiled, documentOf, specOf } from './testing.ts'

const OK = { responses: { 200: { description: 'ok' } } }
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
const toolOf = (path: string, method: string, operation: object, rest = {}): Record<string, unknown> =>
  compiled(documentOf({ [path]: { [method]: { operationId: 'x', ...OK, ...operation } } }, rest)).operations.get('x')!.tool

describe('the tool of an operation', () => {
  it('says what the document says', () => {
    const parameters = [
      { $ref: '#/components/parameters/Limit' },
      { name: 'body', in: 'query', schema: {} },
      { name: 'Authorization', in: 'header', required: true, schema: {} },
    ]
    const requestBody = {
      required: true,
      description: 'The pet',
      content: { 'text/csv': {}, 'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Pet' } } },
    }
    const responses = {
      404: { description: 'no' },
      201: { description: 'made', content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
    }
    const components = {
      parameters: {
        Limit: { name: 'limit', in: 'query', required: true, description: 'How many', schema: { type: 'integer', maximum: 9 } },
      },
      schemas: { Pet: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
    }
    expect(
      toolOf('/pets', 'post', { summary: 'Create', description: 'Makes a pet', parameters, requestBody, responses }, { components }),
    ).toEqual({
      name: 'x',
      title: 'Create',
      description: 'Makes a pet',
      inputSchema: {
        type: 'object',
        properties: {
          limit: { type: 'integer', maximum: 9, description: 'How many' },
          body_query: {},
          body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } }, description: 'The pet' },
        },
        required: ['limit', 'body'],
        additionalProperties: false,
      },
      outputSchema: { type: 'object', properties: { name: { type: ['string', 'null'] } } },
      annotations: { readOnlyHint: false },
    })
  })

  it.each([
    ['get', { readOnlyHint: true }],
    ['head', { readOnlyHint: true }],
    ['put', { readOnlyHint: false, idempotentHint: true }],
    ['delete', { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ['patch', { readOnlyHint: false }],
  ])('of %s has hints', (method, annotations) => {
    expect(toolOf('/pets', method, {})['annotations']).toEqual(annotations)
  })

  it('has bounded texts', () => {
    const tool = toolOf('/pets', 'get', { summary: 's'.repeat(5_000), description: '😀'.repeat(5_000), deprecated: true })
    expect((tool['title'] as string).length).toBe(200)
    expect(tool['description']).toMatch(/^Deprecated\. /)
    expect((tool['description'] as string).length).toBeLessThanOrEqual(2_048)
    expect((tool['description'] as string).isWellFormed()).toBe(true)
  })

  it('takes parameters of the path, overridden by its own', () => {
    const paths = {
      '/a/{id}': {
        parameters: [id, { name: 'q', in: 'query', schema: { type: 'string' } }],
        get: { operationId: 'x', parameters: [{ name: 'q', in: 'query', schema: { type: 'integer' } }], ...OK },
      },
    }
    expect(compiled(documentOf(paths)).operations.get('x')!.tool['inputSchema']).toMatchObject({
      properties: { id: { type: 'string' }, q: { type: 'integer' } },
      required: ['id'],
    })
  })

  it('marks files of a form as base64', () => {
    const schema = { type: 'object', properties: { photo: { type: 'string', format: 'binary' }, caption: { type: 'string' } } }
    const tool = toolOf('/photos', 'post', { requestBody: { content: { 'multipart/form-data': { schema } } } })
    expect(tool['inputSchema']).toMatchObject({
      properties: { body: { properties: { photo: { contentEncoding: 'base64' }, caption: { type: 'string' } } } },
    })
  })
})

describe('an operation that cannot be called', () => {
  it.each([
    ['/a/{id}', {}, 'its path names {id}, which no parameter describes'],
    ['/a/../b', {}, 'its path holds a step to another path (. or ..)'],
    ['/a/%2e%2E/b', {}, 'its path holds a step to another path (. or ..)'],
    ['/a?b=c', {}, 'its path holds a query, a fragment or a backslash'],
    ['/a/{id', {}, 'its path has a brace without its other half'],
    [
      '/a',
      { servers: [{ url: 'https://other.example' }] },
      'it lives on another server than the rest; set "server" to have all of them called there',
    ],
    [
      '/a',
      { parameters: [{ $ref: 'other.yaml#/x' }] },
      'the reference "other.yaml#/x" leads out of the document, and only local ones are followed',
    ],
    ['/a', { parameters: [{ name: 'a\r\nb', in: 'header', schema: {} }] }, '"a\\r\\nb" is no name for a header'],
    [
      '/a',
      { parameters: [{ name: 'a', in: 'query', style: 'matrix', schema: {} }] },
      'the parameter "a" has a style that a query cannot have',
    ],
    [
      '/a',
      { requestBody: { required: true, content: { 'application/xml': {} } } },
      'it needs a body of the type application/xml, which is not written here',
    ],
  ])('is left out, and the others are not: %s %j', (path, operation, reason) => {
    const api = compiled(
      documentOf({ '/ok': { get: { operationId: 'ok', ...OK } }, [path]: { post: { operationId: 'x', ...OK, ...operation } } }),
    )
    expect([...api.operations.keys()]).toEqual(['ok'])
    expect(api.leftOut).toEqual([{ operation: `POST ${path}`, reason }])
  })

  it('alone is a document that cannot be used', () => {
    const result = compileDocument(documentOf({ '/a/{id}': { get: OK } }), specOf())
    expect(result).toEqual({
      ok: false,
      error: 'none of its operations can be called: GET /a/{id}: its path names {id}, which no parameter describes',
    })
  })

  it('is called when a server was set for all', () => {
    const paths = { '/a': { get: { operationId: 'x', servers: [{ url: 'https://other.example' }], ...OK } } }
    const api = compiled(documentOf(paths), { server: 'https://mine.example/base/' })
    expect(api.server).toEqual({ origin: 'https://mine.example', basePath: '/base', isNamed: true })
    expect(api.operations.size).toBe(1)
  })
})

describe('the server', () => {
  const chosen = (
    servers: unknown,
    given: string | null = null,
    documentUrl: string | null = 'https://docs.example.com/v1/openapi.json',
  ): unknown => {
    const result = chooseServer(documentOf({}, { servers }), given, documentUrl)
    return result.ok ? result.value.origin + result.value.basePath : result.error
  }
  const variables = { region: { default: 'eu', enum: ['eu', 'us'] }, port: { default: '8443' } }

  it.each([
    [[{ url: 'https://api.example.com/v2/' }], 'https://api.example.com/v2'],
    [[{ url: '/v2' }], 'https://docs.example.com/v2'],
    [[{ url: 'v2' }], 'https://docs.example.com/v1/v2'],
    [undefined, 'https://docs.example.com'],
    [[{ url: 'https://{region}.example.com:{port}/x', variables }], 'https://eu.example.com:8443/x'],
    [
      [{ url: 'https://{region}.example.com', variables: { region: { default: 'evil', enum: ['eu'] } } }],
      'has a variable "region" whose default is none of its values',
    ],
    [[{ url: 'https://{region}.example.com' }], 'has a variable "region" without a default'],
    [[{ url: 'file:///etc' }], 'Only http and https go out'],
    [[{ url: 'https://user:pass@api.example.com' }], 'user name or password'],
    [[{ url: 'https://api.example.com/?x=1' }], 'has a query or a fragment'],
  ])('%j is %s', (servers, expected) => {
    expect(chosen(servers)).toContain(expected)
  })

  it('that was set comes first', () => {
    expect(chosen([{ url: 'https://api.example.com' }], 'http://localhost:8080')).toBe('http://localhost:8080')
  })

  it('is the operator’s own word only where they wrote its origin', () => {
    const isNamed = (servers: unknown, given: string | null, documentUrl: string | null): unknown => {
      const result = chooseServer(documentOf({}, { servers }), given, documentUrl)
      return result.ok && result.value.isNamed
    }
    expect(isNamed([{ url: 'http://169.254.169.254' }], null, 'https://docs.example.com/x')).toBe(false)
    expect(isNamed([{ url: 'http://localhost:8080' }], null, null)).toBe(false)
    expect(isNamed([{ url: '/v1' }], null, 'https://docs.example.com/x')).toBe(true)
    expect(isNamed(undefined, 'http://localhost:8080', null)).toBe(true)
  })
})
