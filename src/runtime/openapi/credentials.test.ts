import { describe, expect, it } from 'vitest'
import { type Credential, credentialFor, credentialOf, planSchemes, reservedNames } from './credentials.ts'
import { hideSecrets } from './hide-secrets.ts'
import { compiled, documentOf } from './testing.ts'

const SECRET = 'canary-71c0'
const securitySchemes = {
  head: { type: 'apiKey', in: 'header', name: 'X-Key' },
  query: { type: 'apiKey', in: 'query', name: 'api key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
  bearer: { type: 'http', scheme: 'Bearer' },
  basic: { type: 'http', scheme: 'basic' },
  oauth: { type: 'oauth2', flows: {} },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://x.example' },
  digest: { type: 'http', scheme: 'digest' },
  tls: { type: 'mutualTLS' },
  linked: { $ref: '#/components/securitySchemes/head' },
  broken: { type: 'apiKey', in: 'header', name: 'X Key\r\n' },
}
const document = documentOf({}, { components: { securitySchemes } })

function credential(scheme: string, secret: string): unknown {
  const plans = planSchemes(document, [scheme])
  if (!plans.ok) return plans.error
  const made = credentialOf(plans.value.get(scheme)!, secret)
  return made.ok ? made.value : made.error
}

describe('a security scheme', () => {
  it.each([
    ['head', { headers: { 'x-key': SECRET } }],
    ['linked', { headers: { 'x-key': SECRET } }],
    ['query', { query: `api%20key=${SECRET}` }],
    ['cookie', { cookie: `sid=${SECRET}` }],
    ['bearer', { headers: { authorization: `Bearer ${SECRET}` } }],
    ['oauth', { headers: { authorization: `Bearer ${SECRET}` } }],
    ['oidc', { headers: { authorization: `Bearer ${SECRET}` } }],
  ])('%s takes its secret to its place', (scheme, expected) => {
    expect(credential(scheme, SECRET)).toMatchObject(expected)
  })

  it('of a password takes user and password', () => {
    expect(credential('basic', 'ada:pass:word')).toMatchObject({ headers: { authorization: `Basic ${btoa('ada:pass:word')}` } })
    expect(credential('basic', SECRET)).toBe('is not of the form "user:password"')
  })

  it('takes a text that has its scheme already', () => {
    expect(credential('bearer', `bearer ${SECRET}`)).toMatchObject({ headers: { authorization: `bearer ${SECRET}` } })
  })

  it.each([
    ['head', `${SECRET}\r\nX-Evil: 1`],
    ['bearer', `${SECRET}😀`],
    ['head', ''],
    ['query', `${SECRET}\ud800`],
  ])('%s refuses what it cannot carry, without repeating it', (scheme, secret) => {
    expect(credential(scheme, secret)).toMatch(/^holds/)
    expect(credential(scheme, secret)).not.toContain('canary')
  })

  it.each([
    ['digest', 'is of a kind that no text can answer'],
    ['tls', 'is of a kind that no text can answer'],
    ['broken', 'is of a kind that no text can answer'],
    ['nobody', 'the document has no security scheme "nobody"; it has "head", "query"'],
    ['constructor', 'the document has no security scheme "constructor"'],
  ])('%s cannot be used', (scheme, why) => {
    expect(credential(scheme, SECRET)).toContain(why)
  })
})

describe('what an operation is called with', () => {
  const made = (name: string): Credential => ({ headers: { [name]: 'x' }, query: '', cookie: '' })
  const all = new Map([
    ['a', made('a')],
    ['b', made('b')],
  ])

  it.each([
    [[['a']], ['a']],
    [[['c'], ['b']], ['b']],
    [[['a', 'c'], ['b']], ['b']],
    [[['a', 'b']], ['a', 'b']],
    [[[], ['a']], ['a']],
    [[[]], []],
    [[['c']], []],
    [[], []],
  ])('%j uses %j', (security, used) => {
    expect(Object.keys(credentialFor(security, all).headers)).toEqual(used)
  })

  it('cannot be set by an argument', () => {
    const parameters = [
      { name: 'x-key', in: 'header', schema: {} },
      { name: 'api key', in: 'query', schema: {} },
      { name: 'sid', in: 'cookie', schema: {} },
      { name: 'X-Own', in: 'header', schema: {} },
      { name: 'q', in: 'query', schema: {} },
    ]
    const paths = { '/a': { get: { operationId: 'x', parameters, responses: {} } } }
    const secret = { text: SECRET }
    const api = compiled(documentOf(paths, { components: { securitySchemes } }), {
      auth: { head: secret, query: secret, cookie: secret },
      headers: { 'x-own': secret },
    })
    expect([...api.operations.get('x')!.argumentNames]).toEqual(['q'])
    expect(reservedNames(api.schemes, ['X-OWN']).header).toEqual(new Set(['x-own', 'x-key']))
  })
})

it('a secret is taken out of a text however it is written there', () => {
  const hide = hideSecrets(['user:pa"ss wörd'])
  for (const text of [
    'user:pa"ss wörd',
    'pa"ss wörd',
    'pa\\"ss wörd',
    'user%3Apa%22ss%20w%C3%B6rd',
    'user%3Apa%22ss+w%C3%B6rd',
    Buffer.from('user:pa"ss wörd').toString('base64'),
  ])
    expect(hide(`before ${text} after`)).toMatch(/^before (?:user:)?… after$/)
  expect(hideSecrets(['Bearer canary'])('{"token":"canary"}')).toBe('{"token":"…"}')
  expect(hideSecrets(['abc'])('abc')).toBe('abc')
})
