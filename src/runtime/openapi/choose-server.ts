import { readUrl } from '#egress/index.ts'
import { err, ok, Problem, type Result } from '#std/index.ts'
import { type JsonObject, member, textOf } from './model.ts'

/** Where requests go: every one of them keeps this origin, and its path begins with this path. */
export interface ApiServer {
  readonly origin: string
  /** `/v1`, without a slash at its end; empty for the root. */
  readonly basePath: string
  /** The operator wrote down this origin, as the server or as the place of the document. */
  readonly isNamed: boolean
}

/**
 * The server of an API: the one that was set, else the first that the document names, resolved against the place of the
 * document. Fails with a clause that says why there is none.
 */
export function chooseServer(document: JsonObject, given: string | null, documentUrl: string | null): Result<ApiServer, string> {
  if (given !== null) return readServer(given, null, true)
  const servers = member(document, 'servers')
  const first = Array.isArray(servers) ? (servers as unknown[])[0] : undefined
  const url = first === undefined ? ok('/') : serverUrl(first)
  if (!url.ok) return url
  const server = readServer(url.value, documentUrl, false)
  if (!server.ok) return err(`the document's server ${server.error}; set "server"`)
  const isNamed = documentUrl !== null && new URL(documentUrl).origin === server.value.origin
  return ok({ ...server.value, isNamed })
}

/** Whether an operation says, for itself or its path, that it lives on another server than the document's. */
export function hasOtherServer(servers: unknown, server: ApiServer, documentUrl: string | null): boolean {
  if (!Array.isArray(servers) || servers.length === 0) return false
  const url = serverUrl((servers as unknown[])[0])
  const other = url.ok ? readServer(url.value, documentUrl, false) : url
  return !other.ok || other.value.origin !== server.origin || other.value.basePath !== server.basePath
}

/** A server URL with the default of each of its variables: nothing that a caller says gets there (OpenAPI 3.1, server variable object). */
function serverUrl(server: unknown): Result<string, string> {
  const template = textOf(member(server, 'url'))
  if (template === null) return err('the document names a server without a URL')
  let failure: string | undefined
  const url = template.replaceAll(/\{([^{}]{1,128})\}/g, (_, name: string) => {
    const variable = member(member(server, 'variables'), name)
    const value = textOf(member(variable, 'default'))
    const allowed = member(variable, 'enum')
    if (value === null) failure ??= `has a variable ${JSON.stringify(name)} without a default`
    else if (Array.isArray(allowed) && !allowed.includes(value))
      failure ??= `has a variable ${JSON.stringify(name)} whose default is none of its values`
    return value ?? ''
  })
  return failure === undefined ? ok(url) : err(`the document's server ${failure}; set "server"`)
}

function readServer(text: string, base: string | null, isNamed: boolean): Result<ApiServer, string> {
  const url = URL.parse(text, base ?? undefined)
  if (url === null)
    return err(base === null && text.startsWith('/') ? `is ${JSON.stringify(text.slice(0, 100))}, without a host` : 'is no URL')
  try {
    readUrl(url)
  } catch (error) {
    if (error instanceof Problem) return err(`cannot be called: ${error.message}`)
    throw error
  }
  if (url.search !== '' || url.hash !== '') return err('has a query or a fragment, which a server cannot have')
  return ok({ origin: url.origin, basePath: url.pathname.replace(/\/$/, ''), isNamed })
}
