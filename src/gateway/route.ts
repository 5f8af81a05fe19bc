import { DEFAULT_TENANT } from '#identity/index.ts'
import { EVERYTHING } from '#policy/index.ts'
import { Problem } from '#std/index.ts'
import type { AnswerShape } from './call.ts'
import type { Inbound } from './http.ts'

/** What an address below `/mcp` names. */
export interface Route {
  readonly tenant: string
  /** Name of a profile or deployment, or `*`. */
  readonly name: string
  readonly shape: AnswerShape
  readonly view: 'entry' | 'openapi'
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const CACHE_MAX = 10_000
const cache = new Map<string, Route>()

/** Whether a path belongs to the data plane. */
export function isGatewayPath(path: string): boolean {
  return path === '/mcp' || path.startsWith('/mcp/') || /^\/t\/[^/]+\/mcp(?:\/|$)/.test(path)
}

/** Reads the address. A malformed name is an unknown one: never a wider scope (R10). Throws `not-found`. */
export function routeOf({ path }: Pick<Inbound, 'path'>): Route {
  const known = cache.get(path)
  if (known !== undefined) return known
  const route = parse(path)
  if (cache.size < CACHE_MAX) cache.set(path, route)
  return route
}

function parse(path: string): Route {
  const segments = path.split('/').slice(1)
  let tenant = DEFAULT_TENANT
  if (segments[0] === 't') {
    tenant = segments[1] ?? ''
    segments.splice(0, 2)
  }
  const [root, name, action, ...rest] = segments
  if (root !== 'mcp' || !NAME.test(tenant) || rest.length > 0) throw unknownAddress()
  if (name === undefined) return { tenant, name: EVERYTHING, shape: 'mcp', view: 'entry' }
  if (!NAME.test(name) || (action !== undefined && action !== 'invoke' && action !== 'openapi.json')) throw unknownAddress()
  return { tenant, name, shape: action === 'invoke' ? 'invoke' : 'mcp', view: action === 'openapi.json' ? 'openapi' : 'entry' }
}

function unknownAddress(): Problem {
  return new Problem('not-found', 'There is no such address.', { remedy: 'GET /mcp lists what this credential may use.' })
}
