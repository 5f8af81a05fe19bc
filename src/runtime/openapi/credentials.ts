import { err, ok, type Result } from '#std/index.ts'
import { isObject, type JsonObject, member, textOf, UnusableOperation } from './model.ts'
import type { ReservedNames } from './plan-parameters.ts'
import { followed } from './resolve-reference.ts'

/** Where a credential goes; it is not the credential. */
export type SchemePlan =
  | { readonly kind: 'header' | 'query' | 'cookie'; readonly name: string }
  | { readonly kind: 'bearer' }
  | { readonly kind: 'basic' }

/** What a credential adds to a request. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>
  /** `name=value`, encoded; empty when there is none. */
  readonly query: string
  readonly cookie: string
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/

/** How the security schemes that have a secret are used. Fails with a sentence that names the scheme. */
export function planSchemes(document: JsonObject, names: readonly string[]): Result<ReadonlyMap<string, SchemePlan>, string> {
  const schemes = member(member(document, 'components'), 'securitySchemes')
  const plans = new Map<string, SchemePlan>()
  for (const name of names) {
    const scheme = schemeOf(document, schemes, name)
    if (scheme === null) {
      const known = Object.keys(isObject(schemes) ? schemes : {}).map((one) => JSON.stringify(one.slice(0, 100)))
      return err(
        `the document has no security scheme ${JSON.stringify(name)}; it has ${known.length === 0 ? 'none' : known.slice(0, 20).join(', ')}`,
      )
    }
    const plan = planOf(scheme)
    if (plan === null) return err(`the security scheme ${JSON.stringify(name)} is of a kind that no text can answer`)
    plans.set(name, plan)
  }
  return ok(plans)
}

function schemeOf(document: JsonObject, schemes: unknown, name: string): JsonObject | null {
  try {
    return followed(document, member(schemes, name))
  } catch (error) {
    if (error instanceof UnusableOperation) return null
    throw error
  }
}

function planOf(scheme: JsonObject): SchemePlan | null {
  const type = member(scheme, 'type')
  const name = textOf(member(scheme, 'name')) ?? ''
  const place = member(scheme, 'in')
  if (type === 'oauth2' || type === 'openIdConnect') return { kind: 'bearer' }
  if (type === 'apiKey' && place === 'query' && name !== '') return { kind: 'query', name }
  if (type === 'apiKey' && (place === 'header' || place === 'cookie') && TOKEN.test(name)) return { kind: place, name }
  if (type !== 'http') return null
  const kind = String(member(scheme, 'scheme')).toLowerCase()
  return kind === 'bearer' || kind === 'basic' ? { kind } : null
}

/** The names that belong to credentials and headers of the operator: no argument sets them. */
export function reservedNames(schemes: ReadonlyMap<string, SchemePlan>, headers: readonly string[]): ReservedNames {
  const of = (kind: SchemePlan['kind']): string[] =>
    [...schemes.values()].flatMap((plan) => (plan.kind === kind && 'name' in plan ? [plan.name] : []))
  return {
    header: new Set([...headers, ...of('header')].map((name) => name.toLowerCase())),
    query: new Set(of('query')),
    cookie: new Set(of('cookie')),
  }
}

/** Makes a credential of a secret. Fails with a clause that never holds the secret. */
export function credentialOf(plan: SchemePlan, secret: string): Result<Credential, string> {
  switch (plan.kind) {
    case 'query':
      return secret.isWellFormed()
        ? ok({ ...NOTHING, query: `${encodeURIComponent(plan.name)}=${encodeURIComponent(secret)}` })
        : err('holds half of a character')
    case 'cookie':
      return secret.isWellFormed()
        ? ok({ ...NOTHING, cookie: `${plan.name}=${encodeURIComponent(secret)}` })
        : err('holds half of a character')
    case 'header':
      return header(plan.name.toLowerCase(), secret)
    case 'bearer':
      return header('authorization', /^bearer /i.test(secret) ? secret : `Bearer ${secret}`)
    case 'basic':
      return secret.includes(':')
        ? ok({ ...NOTHING, headers: { authorization: `Basic ${Buffer.from(secret).toString('base64')}` } })
        : err('is not of the form "user:password"')
  }
}

const NOTHING: Credential = { headers: {}, query: '', cookie: '' }

const header = (name: string, value: string): Result<Credential, string> =>
  /^[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(value)
    ? ok({ ...NOTHING, headers: { [name]: value } })
    : err('holds a line break, a space at an end or another character that no header may hold')

/**
 * What an operation is called with: the first of its alternatives for which every credential is there, before the one that
 * needs none. Without any, it is called without: the operator's own headers may be what the API wants.
 */
export function credentialFor(security: readonly (readonly string[])[], credentials: ReadonlyMap<string, Credential>): Credential {
  const chosen = security.find((names) => names.length > 0 && names.every((name) => credentials.has(name))) ?? []
  const parts = chosen.map((name) => credentials.get(name)!)
  return {
    headers: Object.fromEntries(parts.flatMap(({ headers }) => Object.entries(headers))),
    query: parts.flatMap(({ query }) => (query === '' ? [] : [query])).join('&'),
    cookie: parts.flatMap(({ cookie }) => (cookie === '' ? [] : [cookie])).join('; '),
  }
}
