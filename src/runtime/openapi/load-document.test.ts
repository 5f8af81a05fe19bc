import { beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { examineDocument } from './load-document.ts'
import { faultText } from './model.ts'
import { specOf } from './testing.ts'

const HEAD = 'openapi: 3.0.3\ninfo: { title: Test, version: "1" }\nservers: [{ url: https://api.example.com }]\n'
const GET = 'paths:\n  /pets:\n    get:\n      responses:\n        200: { description: ok }\n'

async function faultsOf(text: string, change = {}): Promise<string[]> {
  const examined = await examineDocument(text, specOf(change), { isValidated: true })
  return examined.ok ? [] : examined.error.map(faultText)
}

// The validator is loaded with the first document, which takes its time.
beforeAll(() => faultsOf(HEAD + GET), 120_000)

describe('a document', () => {
  it('is JSON or YAML of 3.0 or 3.1', async () => {
    expect(await faultsOf(HEAD + GET)).toEqual([])
    expect(await faultsOf(`\uFEFF${HEAD}${GET}`)).toEqual([])
    const json = {
      openapi: '3.1.0',
      info: { title: 'x', version: '1' },
      servers: [{ url: 'https://a.example' }],
      paths: { '/': { get: { responses: { 200: { description: 'ok' } } } } },
    }
    expect(await faultsOf(JSON.stringify(json))).toEqual([])
  })

  it.each([
    [
      `${HEAD}paths:\n  /pets:\n    get:\n      responses:\n        200: { descriptin: ok }\n`,
      'line 8, column 9 (paths./pets.get.responses.200): "description" is missing',
    ],
    [`${HEAD}${GET}      tag: x\n`, 'line 9, column 7 (paths./pets.get): "tag" is not known here'],
    [
      `${HEAD}paths:\n  /pets:\n    get:\n      parameters: [{ name: a, in: query, schema: { type: strin } }]\n      responses: { 200: { description: ok } }\n`,
      'line 7, column 52 (paths./pets.get.parameters.0.schema.type): expected one of "array", "boolean", "integer", "number", "object", "string"',
    ],
    [`${HEAD}paths: []\n`, 'line 4, column 1 (paths): expected object'],
    [`${HEAD}paths:\n  /a: 1\n  /a: 2\n`, 'line 6, column 3: map keys must be unique'],
    [`${HEAD}paths: "x`, 'line 4, column 10: missing closing "quote'],
    [`${HEAD}paths: !!js/function x`, 'line 4, column 8: unresolved tag: tag:yaml.org,2002:js/function'],
    [`${HEAD}---\na: 1\n`, 'line 4, column 1: it holds several documents, and one is read'],
    ['{"openapi": "3.1.0", "info" }', 'line 1, column'],
    ['{"openapi": "3.1.0", "a": 1, "a": 2}', 'an object holds the same key twice'],
    ['openapi: 3.1\n', 'it has no "openapi" with a version'],
    ['openapi: "3.2.0"\n', 'it is of OpenAPI 3.2.0; 3.0 and 3.1 are read'],
    ['swagger: "2.0"\n', 'it is of Swagger 2.0'],
    ['just a text', 'it is no object'],
    ['', 'it is no object'],
    [`${HEAD}__proto__: { polluted: 1 }\n`, '`__proto__` is not accepted as a key'],
    [`${HEAD}paths: {}\n`, 'no operation is left'],
    [`openapi: 3.0.3\ninfo: { title: Test, version: "1" }\n${GET}`, 'the document\'s server is "/", without a host; set "server"'],
  ])('is refused with its place: %j', async (text, fault) => {
    expect((await faultsOf(text))[0]).toContain(fault)
  })

  it('is small, however it is written', async () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'b c d e f g h i'.split(' ').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
    ]
    expect(await faultsOf(bomb.join('\n'))).toEqual([`it uses aliases for more than ${LIMITS.openapiAliasesMax} parts`])
    expect(await faultsOf('a: &a [*a]')).toEqual(['it is nested deeper than 100'])
    expect((await faultsOf(`x: ${'['.repeat(5_000)}`))[0]).toContain('nested deeper than 100')
    expect(await faultsOf(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`)).toEqual(['it is nested deeper than 100'])
    expect(await faultsOf(' '.repeat(LIMITS.openapiDocumentBytesMax + 1))).toEqual([
      expect.stringContaining('more than the 4194304 that are read'),
    ])
  })

  it('fits what was asked of it', async () => {
    expect(await faultsOf(HEAD + GET, { auth: { key: { text: 'x' } } })).toEqual(['the document has no security scheme "key"; it has none'])
    expect(await faultsOf(HEAD + GET, { operations: { include: ['POST /pets'], exclude: [] } })).toEqual([
      'no operation fits "POST /pets". Did you mean "GET /pets"?',
    ])
    expect(await faultsOf(HEAD + GET, { server: 'ftp://x.example' })).toEqual([expect.stringContaining('Only http and https go out')])
  })
})
