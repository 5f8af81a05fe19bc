import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildRequest, type BuiltRequest } from './build-request.ts'
import { ArgumentFault } from './encode-value.ts'
import type { Credential } from './credentials.ts'
import type { JsonObject } from './model.ts'
import { compiled, documentOf } from './testing.ts'

const NOTHING: Credential = { headers: {}, query: '', cookie: '' }
const OK = { responses: { 200: { description: 'ok' } } }

/** The request of the only operation of a document with this path. */
function requestOf(path: string, parameters: readonly unknown[], args: JsonObject, credential = NOTHING, headers = {}): BuiltRequest {
  const api = compiled(documentOf({ [path]: { get: { operationId: 'x', parameters, ...OK } } }))
  return buildRequest(api.operations.get('x')!, args, { server: api.server, headers }, credential)
}
const pathAndQuery = ({ url }: BuiltRequest): string => url.slice('https://api.example.com/v1'.length)
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
const inPath = (value: unknown, more: JsonObject = {}): string => pathAndQuery(requestOf('/a/{id}/b', [{ ...id, ...more }], { id: value }))
const inQuery = (value: unknown, more: JsonObject = {}): string =>
  pathAndQuery(requestOf('/a', [{ name: 'q', in: 'query', schema: {}, ...more }], { q: value }))

describe('a parameter of the path', () => {
  it.each([
    ['plain', 'a-b_c.d~e', '/a/a-b_c.d~e/b'],
    ['a slash', 'group/project', '/a/group%2Fproject/b'],
    ['a question mark', 'a?b=c', '/a/a%3Fb%3Dc/b'],
    ['a fragment', 'a#b', '/a/a%23b/b'],
    ['an escape that is written already', '%2f', '/a/%252f/b'],
    ['a backslash', 'a\\b', '/a/a%5Cb/b'],
    ['a semicolon', 'a;b', '/a/a%3Bb/b'],
    ['an at sign', 'user@evil.example', '/a/user%40evil.example/b'],
    ['a number', 7, '/a/7/b'],
    ['a truth', false, '/a/false/b'],
    ['another script', 'ß😀', '/a/%C3%9F%F0%9F%98%80/b'],
    ['an object', { a: 1, b: 'x' }, '/a/a,1,b,x/b'],
    ['a list', ['a', 'b,c'], '/a/a,b%2Cc/b'],
    ['dots that are no step', '...', '/a/.../b'],
    ['a dot within', 'v1.2', '/a/v1.2/b'],
  ])('is encoded: %s', (_what, value, written) => {
    expect(inPath(value)).toBe(written)
  })

  it.each([
    ['', 'is empty'],
    ['.', 'a step to another path'],
    ['..', 'a step to another path'],
    ['../admin', 'a step to another path'],
    ['a/../../admin', 'a step to another path'],
    ['..\\admin', 'a step to another path'],
    ['a\r\nHost: evil', 'a control character'],
    ['a\0', 'a control character'],
    ['\ud800', 'half of a character'],
    [[], 'is empty'],
    [['..'], 'a step to another path'],
    [null, 'needs "id"'],
  ])('refuses %j', (value, why) => {
    expect(() => inPath(value)).toThrow(why)
  })

  it.each([
    ['label', false, ['blue', 'black'], '/a/.blue,black/b'],
    ['label', true, ['blue', 'black'], '/a/.blue.black/b'],
    ['label', true, { r: 1, g: 2 }, '/a/.r=1.g=2/b'],
    ['label', false, 'x', '/a/.x/b'],
    ['matrix', false, ['blue', 'black'], '/a/;id=blue,black/b'],
    ['matrix', true, ['blue', 'black'], '/a/;id=blue;id=black/b'],
    ['matrix', true, { r: 1, g: 2 }, '/a/;r=1;g=2/b'],
    ['matrix', false, 'x', '/a/;id=x/b'],
    ['simple', true, { r: 1, g: 2 }, '/a/r=1,g=2/b'],
  ])('is written in the style %s (explode %s)', (style, explode, value, written) => {
    expect(inPath(value, { style, explode })).toBe(written)
  })

  it.each([
    ['label', false, ''],
    ['label', true, ['', '']],
    ['label', true, []],
    ['label', false, '.'],
    ['matrix', false, ''],
  ])('of the style %s (explode %s) does not become a step: %j', (style, explode, value) => {
    expect(() => inPath(value, { style, explode })).toThrow(ArgumentFault)
  })

  it('cannot make a step together with another one', () => {
    const other = { ...id, name: 'other' }
    expect(() => requestOf('/a/{id}{other}/b', [id, other], { id: '.', other: '.' })).toThrow(ArgumentFault)
    expect(() => requestOf('/a/{id}.{other}', [{ ...id, schema: {} }, other], { id: ' ', other: 'x' })).not.toThrow()
  })
})

it.each(['../admin', '%2e%2E/admin', 'x/../../..', 'a?b', 'a#b', 'a/b'])(
  'a path that is not the one of the route is not sent, whoever wrote it: %s',
  (part) => {
    const api = compiled(documentOf({ '/pets/{id}': { get: { operationId: 'x', parameters: [id], ...OK } } }))
    const operation = { ...api.operations.get('x')!, parts: ['/pets/', part], argumentNames: new Set<string>(), requiredArguments: [] }
    expect(() => buildRequest(operation, {}, { server: api.server, headers: {} }, NOTHING)).toThrow('would change the path')
  },
)

describe('a parameter of the query', () => {
  it.each([
    [{}, 'a&b=c d#é+', '/a?q=a%26b%3Dc%20d%23%C3%A9%2B'],
    [{}, '', '/a?q='],
    [{}, ['a', 'b&c'], '/a?q=a&q=b%26c'],
    [{}, [], '/a'],
    [{}, { k: 'v', 'l&': 2 }, '/a?k=v&l%26=2'],
    [{ explode: false }, ['a', 'b,c'], '/a?q=a,b%2Cc'],
    [{ explode: false }, { k: 'v', l: 2 }, '/a?q=k,v,l,2'],
    [{ style: 'spaceDelimited' }, ['a', 'b'], '/a?q=a%20b'],
    [{ style: 'pipeDelimited' }, ['a', 'b'], '/a?q=a%7Cb'],
    [{ style: 'pipeDelimited', explode: true }, ['a', 'b'], '/a?q=a&q=b'],
    [{ style: 'deepObject' }, { a: 1, b: { c: ['x', 'y'] }, 'd]': null }, '/a?q%5Ba%5D=1&q%5Bb%5D%5Bc%5D=x&q%5Bb%5D%5Bc%5D=y'],
    [{ schema: undefined, content: { 'application/json': { schema: {} } } }, { a: [1] }, '/a?q=%7B%22a%22%3A%5B1%5D%7D'],
    [{ allowReserved: true }, 'a/b?c', '/a?q=a%2Fb%3Fc'],
    [{}, null, '/a'],
  ])('%j with %j is %s', (more, value, written) => {
    expect(inQuery(value, more)).toBe(written)
  })

  it('that is spread over the query cannot write another parameter', () => {
    const parameters = [
      { name: 'filter', in: 'query', schema: { type: 'object' } },
      { name: 'limit', in: 'query', schema: {} },
    ]
    expect(() => requestOf('/a', parameters, { filter: { limit: 1000 } })).toThrow('which is another parameter')
  })

  it('has its name encoded as well', () => {
    const parameters = [{ name: 'a b[&]', in: 'query', schema: {} }]
    expect(pathAndQuery(requestOf('/a', parameters, { a_b: 1 }))).toBe('/a?a%20b%5B%26%5D=1')
  })
})

describe('a header', () => {
  const header = (name: string, value: unknown): BuiltRequest['headers'] =>
    requestOf('/a', [{ name, in: 'header', schema: {} }], { [name]: value }).headers

  it('is written as it is', () => {
    expect(header('X-Tags', ['a', 'b c'])).toMatchObject({ 'x-tags': 'a,b c' })
    expect(header('X-Name', 'é')).toMatchObject({ 'x-name': 'é' })
  })

  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0', '😀', 'ł'])('refuses %j', (value) => {
    expect(() => header('X-Name', value)).toThrow(ArgumentFault)
  })

  it.each([
    'Host',
    'authorization',
    'Cookie',
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'X-Forwarded-Host',
    'X-HTTP-Method-Override',
  ])('is no argument when it is %s', (name) => {
    expect(() => header(name, 'x')).toThrow('has no argument')
  })
})

describe('a cookie', () => {
  it('is encoded and stands behind the credential', () => {
    const parameters = [
      { name: 'theme', in: 'cookie', schema: {} },
      { name: 'tags', in: 'cookie', schema: {} },
    ]
    const { headers } = requestOf(
      '/a',
      parameters,
      { theme: 'a;b', tags: ['x', 'y'] },
      { ...NOTHING, cookie: 'sid=1' },
      { cookie: 'own=2' },
    )
    expect(headers['cookie']).toBe('own=2; sid=1; theme=a%3Bb; tags=x,y')
  })
})

describe('arguments', () => {
  it('that are not known are refused, so that nobody believes they were sent', () => {
    expect(() => requestOf('/a', [], { limit: 1 })).toThrow('x has no argument "limit"; it takes none')
  })

  it('say their place where a name stands in several', () => {
    const parameters = [
      id,
      { name: 'id', in: 'query', schema: {} },
      { name: 'id', in: 'header', schema: {} },
      { name: 'id_query', in: 'query', schema: {} },
    ]
    const args = { id_path: 'p', id_query_2: 'q', id_header: 'h', id_query: 'other' }
    const request = requestOf('/a/{id}', parameters, args)
    expect(pathAndQuery(request)).toBe('/a/p?id=q&id_query=other')
    expect(request.headers['id']).toBe('h')
  })

  it('do not inherit', () => {
    expect(() => requestOf('/a/{constructor}', [{ ...id, name: 'constructor' }], {})).toThrow('needs "constructor"')
  })
})

describe('a credential', () => {
  it('in the query stands behind the arguments, in a header over them', () => {
    const parameters = [{ name: 'q', in: 'query', schema: {} }]
    const request = requestOf(
      '/a',
      parameters,
      { q: 1 },
      { headers: { authorization: 'Bearer t' }, query: 'key=s', cookie: '' },
      { 'x-own': '1', accept: 'text/csv' },
    )
    expect(pathAndQuery(request)).toBe('/a?q=1&key=s')
    expect(request.headers).toEqual({ accept: 'text/csv', 'x-own': '1', authorization: 'Bearer t' })
  })
})

// R1: whatever the arguments are, the request keeps origin, path prefix and route, and its headers are those of the operation.
describe('any arguments', () => {
  const parameters = [
    id,
    { name: 'ext', in: 'path', required: true, schema: {}, style: 'label', explode: true },
    { name: 'q', in: 'query', schema: {} },
    { name: 'deep', in: 'query', schema: {}, style: 'deepObject' },
    { name: 'pipe', in: 'query', schema: {}, style: 'pipeDelimited' },
    { name: 'X-Tag', in: 'header', schema: {} },
    { name: 'theme', in: 'cookie', schema: {} },
  ]
  const api = compiled(
    documentOf({
      '/pets/{id}/photo{ext}/raw': { post: { operationId: 'x', parameters, requestBody: { content: { 'application/json': {} } }, ...OK } },
    }),
  )
  const hostile = fc.constantFrom(
    '..',
    '.',
    '../',
    '/',
    '//evil.example',
    '\\',
    '?',
    '#',
    '%2f',
    '%2e%2e',
    '%',
    '\r\n',
    '\0',
    '@',
    ':',
    ';',
    '',
    ' ',
    '&',
    '=',
    'é',
    '\ud800',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(hostile, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join('')),
  )
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(text, text, { maxKeys: 3 }),
    fc.constant(null),
  )
  const args = fc.record({ id: value, ext: value, q: value, deep: value, pipe: value, 'X-Tag': value, theme: value, body: fc.jsonValue() })

  const given = (values: JsonObject): BuiltRequest | null => {
    try {
      return buildRequest(api.operations.get('x')!, values, { server: api.server, headers: {} }, NOTHING)
    } catch (error) {
      // Refused is as good as encoded; anything else is a bug.
      if (error instanceof ArgumentFault) return null
      throw error
    }
  }
  const known = new Set(['accept', 'x-tag', 'cookie', 'content-type'])

  it('keep origin, prefix and route, and add no header', () => {
    let built = 0
    const property = fc.property(args, (values) => {
      const request = given(values)
      if (request === null) return
      built++
      const { href, pathname } = new URL(request.url)
      const segments = pathname.split('/')
      expect(href.startsWith('https://api.example.com/v1/pets/')).toBe(true)
      expect(request.url.startsWith(`https://api.example.com${pathname}`)).toBe(true)
      expect([segments.length, segments[1], segments[2], segments[4]!.slice(0, 6), segments[5]]).toEqual([6, 'v1', 'pets', 'photo.', 'raw'])
      expect(segments.map(decodeURIComponent).flatMap((segment) => segment.split(/[/\\]/))).not.toContain('..')
      expect(request.url).toMatch(/^[\x21-\x7e]+$/)
      expect(Object.keys(request.headers).filter((name) => !known.has(name))).toEqual([])
      expect(Object.values(request.headers).join('')).toMatch(/^[\x20-\x7e\x80-\xff]*$/)
    })
    fc.assert(property, { numRuns: 500 })
    expect(built).toBeGreaterThan(20)
  })

  it('that are texts arrive as they were', () => {
    const texts = fc.record({ id: text, q: text })
    const property = fc.property(texts, ({ id: own, q }) => {
      const request = given({ id: own, ext: 'png', q })
      if (request === null) return
      const url = new URL(request.url)
      expect(decodeURIComponent(url.pathname.split('/')[3]!)).toBe(own)
      expect(url.searchParams.getAll('q')).toEqual([q])
    })
    fc.assert(property, { numRuns: 500 })
  })
})
