import { describe, expect, it } from 'vitest'
import type { FetchedResponse } from '#egress/index.ts'
import { LIMITS } from '#std/index.ts'
import { readResponse } from './read-response.ts'
import { compiled, documentOf } from './testing.ts'

const schema = { type: 'object', properties: { a: { type: 'integer' } } }
const paths = {
  '/with': {
    get: {
      operationId: 'with',
      security: [{ key: [] }],
      responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } },
    },
  },
  '/without': { get: { operationId: 'without', responses: { 200: { description: 'ok' } } } },
}
const { operations } = compiled(documentOf(paths))
const read = (
  body: string | Buffer,
  headers: FetchedResponse['headers'] = { 'content-type': 'application/json' },
  status = 200,
  tool = 'without',
): Record<string, unknown> =>
  readResponse(
    operations.get(tool)!,
    { status, headers, url: 'https://api.example.com/x?key=canary', body: Buffer.from(body) },
    { name: 'petstore', withoutSecrets: (text) => text.replaceAll('canary', '…') },
  )
const textOf = (result: Record<string, unknown>): string => (result['content'] as { text: string }[])[0]!.text

describe('an answer of success', () => {
  it('in JSON is text, and structured where the tool says so', () => {
    expect(read('{"a": 1}')).toEqual({ content: [{ type: 'text', text: '{"a": 1}' }] })
    expect(read('{"a": 1}', undefined, 201, 'with')).toEqual({ content: [{ type: 'text', text: '{"a": 1}' }], structuredContent: { a: 1 } })
    expect(read('{"a": 1}', { 'content-type': 'application/hal+json; charset=utf-8' }, 200, 'with')).toMatchObject({
      structuredContent: { a: 1 },
    })
  })

  it('that is no object keeps the promise of the tool all the same', () => {
    expect(read('[1]', undefined, 200, 'with')).toEqual({ content: [{ type: 'text', text: '[1]' }], structuredContent: {} })
    expect(read('{broken', undefined, 200, 'with')).toEqual({ content: [{ type: 'text', text: '{broken' }], structuredContent: {} })
    expect(read('', {}, 204, 'with')).toEqual({
      content: [{ type: 'text', text: 'petstore answered 204 without content.' }],
      structuredContent: {},
    })
  })

  it.each([
    ['text/html; charset=iso-8859-1', Buffer.from('é', 'latin1'), 'é'],
    ['text/plain', 'é', 'é'],
    ['text/plain; charset=nonsense', 'é', 'é'],
    ['application/xml', '<a/>', '<a/>'],
    ['application/problem+xml', '<a/>', '<a/>'],
    ['application/x-ndjson', '{}\n{}', '{}\n{}'],
    ['application/yaml', 'a: 1', 'a: 1'],
  ])('of %s is text', (type, body, text) => {
    expect(read(body, { 'content-type': type })).toEqual({ content: [{ type: 'text', text }] })
  })

  it.each(['image', 'audio'])('of %s is in base64, as long as it is not too large', (kind) => {
    expect(read(Buffer.from([1, 2, 3]), { 'content-type': `${kind}/x-own` })).toEqual({
      content: [{ type: kind, data: 'AQID', mimeType: `${kind}/x-own` }],
    })
    const large = read(Buffer.alloc(LIMITS.openapiMediaBytesMax + 1), { 'content-type': `${kind}/png` })
    expect(textOf(large)).toBe(`petstore answered 200 with ${kind}/png, ${LIMITS.openapiMediaBytesMax + 1} bytes, which cannot be shown.`)
  })

  it('of anything else is named with its size', () => {
    expect(textOf(read('%PDF', { 'content-type': 'application/pdf' }))).toBe(
      'petstore answered 200 with application/pdf, 4 bytes, which cannot be shown.',
    )
    expect(textOf(read('x', {}))).toBe('petstore answered 200 with content of an unknown type, 1 bytes, which cannot be shown.')
  })

  it('gives no secret away', () => {
    expect(read('{"key":"canary"}', undefined, 200, 'with')).toEqual({
      content: [{ type: 'text', text: '{"key":"…"}' }],
      structuredContent: { key: '…' },
    })
  })
})

describe('an answer of failure', () => {
  it('is an error that the model can read', () => {
    const result = read('{"error":"no such pet, canary"}', undefined, 404)
    expect(result).toEqual({
      isError: true,
      content: [{ type: 'text', text: 'petstore answered 404 Not Found.\n\n{"error":"no such pet, …"}' }],
    })
  })

  it('is bounded, and without what is no text', () => {
    expect(textOf(read('x'.repeat(100_000), { 'content-type': 'text/html' }, 500)).length).toBeLessThan(
      LIMITS.openapiExcerptLengthMax + 100,
    )
    expect(textOf(read('\u0000', { 'content-type': 'application/octet-stream' }, 500))).toBe('petstore answered 500 Internal Server Error.')
  })

  it('says which credential is wanted, and when to come back', () => {
    expect(textOf(read('', {}, 401, 'with'))).toBe('petstore answered 401 Unauthorized. The operation wants key.')
    expect(textOf(read('', { 'retry-after': '30' }, 429))).toBe('petstore answered 429 Too Many Requests. It asks to wait: 30.')
  })

  it('is a redirect too, named without its query', () => {
    const result = read('', { location: 'https://evil.example/x?key=canary' }, 302)
    expect(result['isError']).toBe(true)
    expect(textOf(result)).toBe('petstore answered 302 Found. It points to https://evil.example/x, and that redirect is not followed.')
  })
})
