import { ArgumentFault, encodeCookie, encodeHeader, encodePath, encodeQuery } from './encode-value.ts'
import { encodeBody } from './encode-body.ts'
import type { ApiServer } from './choose-server.ts'
import type { Credential } from './credentials.ts'
import { type HttpMethod, type JsonObject, member, type Operation } from './model.ts'

export interface BuiltRequest {
  readonly method: HttpMethod
  readonly url: string
  /** Names in lower case. */
  readonly headers: Record<string, string>
  readonly body: string | Buffer | null
}

export interface Sender {
  readonly server: ApiServer
  /** The operator's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

const ACCEPT = 'application/json, text/*;q=0.9, */*;q=0.5'

/**
 * Makes the request of one call. Every argument is encoded for its place, and the result is compared with what it must be:
 * whatever the arguments are, a request goes to the origin, below the path and along the route of its operation (R1).
 * Throws `ArgumentFault` for arguments that cannot be sent.
 */
export function buildRequest(operation: Operation, args: JsonObject, { server, headers }: Sender, credential: Credential): BuiltRequest {
  checkNames(operation, args)
  const path = server.basePath + pathOf(operation, args)
  const written = writeParameters(operation, args)
  const query = [written.query, credential.query].filter((part) => part !== '').join('&')
  const url = `${server.origin}${path}${query === '' ? '' : `?${query}`}`
  assertRoute(url, server, path, operation)
  const cookie = [headers['cookie'] ?? '', credential.cookie, written.cookie].filter((part) => part !== '').join('; ')
  const all: Record<string, string> = { accept: ACCEPT, ...written.headers, ...headers, ...credential.headers }
  if (cookie !== '') all['cookie'] = cookie
  const { body } = operation
  const value = body === null ? undefined : member(args, body.argument)
  if (body === null || value === undefined || (value === null && body.kind !== 'json'))
    return { method: operation.method, url, headers: all, body: null }
  const { contentType, bytes } = encodeBody(body, value)
  all['content-type'] = contentType
  return { method: operation.method, url, headers: all, body: bytes }
}

/** What a caller believes to have been said must not be dropped in silence. */
function checkNames({ argumentNames, requiredArguments, tool }: Operation, args: JsonObject): void {
  const unknown = Object.keys(args).find((name) => !argumentNames.has(name))
  if (unknown !== undefined) {
    const known = argumentNames.size === 0 ? 'none' : [...argumentNames].join(', ')
    throw new ArgumentFault(`${tool.name} has no argument ${JSON.stringify(unknown.slice(0, 100))}; it takes ${known}`)
  }
  const missing = requiredArguments.filter((name) => member(args, name) === undefined || member(args, name) === null)
  if (missing.length > 0) throw new ArgumentFault(`${tool.name} needs ${missing.map((name) => JSON.stringify(name)).join(', ')}`)
}

function pathOf({ parts }: Operation, args: JsonObject): string {
  let path = ''
  for (const part of parts) path += typeof part === 'string' ? part : encodePath(part, member(args, part.argument))
  return path
}

interface Written {
  readonly query: string
  readonly cookie: string
  readonly headers: Record<string, string>
}

function writeParameters({ parameters, takenQueryNames }: Operation, args: JsonObject): Written {
  const headers: Record<string, string> = {}
  let query = ''
  let cookie = ''
  for (const plan of parameters) {
    const value = member(args, plan.argument)
    if (value === undefined || value === null) continue
    if (plan.place === 'header') headers[plan.name.toLowerCase()] = encodeHeader(plan, value)
    else if (plan.place === 'cookie') cookie += `${cookie === '' ? '' : '; '}${encodeCookie(plan, value)}`
    else {
      const pairs = encodeQuery(plan.argument, plan.name, plan, plan.isJson ? JSON.stringify(value) : value, takenQueryNames)
      if (pairs !== '') query += `${query === '' ? '' : '&'}${pairs}`
    }
  }
  return { query, cookie, headers }
}

/** The last word: read as every client and server reads it, the URL is the one that was meant, unchanged by any rule of URLs. */
function assertRoute(url: string, { origin, basePath }: ApiServer, path: string, { path: template }: Operation): void {
  const read = URL.parse(url)
  const isMeant =
    read !== null &&
    read.origin === origin &&
    read.username === '' &&
    read.password === '' &&
    read.hash === '' &&
    read.pathname === path &&
    path.startsWith(`${basePath}/`) &&
    segments(path.slice(basePath.length)) === segments(template)
  if (!isMeant) throw new ArgumentFault('these arguments would change the path of the request')
}

const segments = (path: string): number => path.split('/').length
