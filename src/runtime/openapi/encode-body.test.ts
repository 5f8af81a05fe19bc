import { describe, expect, it } from 'vitest'
import { encodeBody } from './encode-body.ts'
import { ArgumentFault } from './encode-value.ts'
import { compiled, documentOf } from './testing.ts'

function bodyOf(mediaType: string, value: unknown, offer: object = {}): { contentType: string; text: string } {
  const operation = { operationId: 'x', requestBody: { content: { [mediaType]: offer } }, responses: {} }
  const plan = compiled(documentOf({ '/a': { post: operation } })).operations.get('x')!.body!
  const { contentType, bytes } = encodeBody(plan, value)
  return { contentType, text: bytes.toString() }
}

describe('a body', () => {
  it.each([
    ['application/json', { a: [1] }, 'application/json', '{"a":[1]}'],
    ['application/vnd.api+json', 'x', 'application/vnd.api+json', '"x"'],
    ['text/plain', 'é', 'text/plain; charset=utf-8', 'é'],
    [
      'application/x-www-form-urlencoded',
      { a: 'b&c=d', l: ['x', 'y'], o: { k: 1 }, n: null },
      'application/x-www-form-urlencoded',
      'a=b%26c%3Dd&l=x&l=y&o=%7B%22k%22%3A1%7D',
    ],
  ])('of %s', (mediaType, value, contentType, text) => {
    expect(bodyOf(mediaType, value)).toEqual({ contentType, text })
  })

  it('of a form writes its fields as the document wants', () => {
    const offer = {
      schema: { type: 'object' },
      encoding: { tags: { style: 'spaceDelimited', explode: false }, filter: { style: 'deepObject' } },
    }
    expect(bodyOf('application/x-www-form-urlencoded', { tags: ['a', 'b'], filter: { k: 'v' } }, offer).text).toBe(
      'tags=a%20b&filter%5Bk%5D=v',
    )
  })

  it('in parts has a boundary of its own and names that cannot leave their line', () => {
    const offer = { schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } } }
    const { contentType, text } = bodyOf(
      'multipart/form-data',
      { 'a"\r\nX: y': 'v', n: 1, o: { k: 1 }, l: ['p', 'q'], file: btoa('bytes') },
      offer,
    )
    const boundary = /^multipart\/form-data; boundary=(sallyport-[0-9a-f-]{36})$/.exec(contentType)![1]!
    const parts = text.split(`--${boundary}`)
    expect(parts.at(-1)).toBe('--\r\n')
    expect(parts.slice(1, -1)).toEqual([
      '\r\ncontent-disposition: form-data; name="a%22%0D%0AX: y"\r\n\r\nv\r\n',
      '\r\ncontent-disposition: form-data; name="n"\r\n\r\n1\r\n',
      '\r\ncontent-disposition: form-data; name="o"\r\ncontent-type: application/json\r\n\r\n{"k":1}\r\n',
      '\r\ncontent-disposition: form-data; name="l"\r\n\r\np\r\n',
      '\r\ncontent-disposition: form-data; name="l"\r\n\r\nq\r\n',
      '\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: application/octet-stream\r\n\r\nbytes\r\n',
    ])
    expect(() => bodyOf('multipart/form-data', { file: 'not base64!' }, offer)).toThrow('must be written in base64')
  })

  it('of a form is an object', () => {
    expect(() => bodyOf('application/x-www-form-urlencoded', 'a=b')).toThrow(ArgumentFault)
    expect(() => bodyOf('multipart/form-data', ['a'])).toThrow(ArgumentFault)
  })

  it('prefers JSON, and cannot carry a header in its type', () => {
    const content = { 'text/plain': {}, 'multipart/form-data': {}, 'application/json\r\nx: y': {} }
    const plan = compiled(documentOf({ '/a': { post: { operationId: 'x', requestBody: { content }, responses: {} } } })).operations.get(
      'x',
    )!.body!
    expect([plan.kind, plan.mediaType]).toEqual(['multipart', 'multipart/form-data'])
    const odd = { 'application/x\r\ny+json': {} }
    const other = compiled(
      documentOf({ '/a': { post: { operationId: 'x', requestBody: { content: odd }, responses: {} } } }),
    ).operations.get('x')!.body!
    expect(other.mediaType).toBe('application/json')
  })
})
