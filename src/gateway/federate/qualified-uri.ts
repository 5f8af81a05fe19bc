/**
 * How an address of several servers names a URI, so that it leads back to the server that gave it. One scheme:
 *
 * - A URI keeps its text where that text leads to the server it came from.
 * - Where it does not, because another server of the address comes first with the same text or because no list has it, it
 *   is qualified by the name of its server in the scheme: `demo://x` of the server `notes` becomes `demo+notes://x`.
 * - `ui://` and `skill://` mean something only between a client and the server that made them, and clients look at how
 *   they begin. They are always qualified, in front of the path: `ui://panel` of `notes` becomes `ui://notes/panel`.
 *
 * A qualified text is always read as such: a server that offers one that reads as another's has it qualified once more.
 */

/** Schemes that are qualified always, and behind the `//`. */
const PRIVATE_SCHEMES: ReadonlySet<string> = new Set(['ui', 'skill'])
/** Schemes of places that are the same for everybody: what no list has keeps its text, since clients open it by themselves. */
const SHARED_SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'file', 'data', 'mailto'])
const SCHEME_LENGTH_MAX = 64
const SCHEME = /^[a-z][a-z0-9+.-]*$/i

/** The text before the first colon, as written; null when it is no scheme (RFC 3986 §3.1). */
function schemeOf(uri: string): string | null {
  const end = uri.indexOf(':')
  if (end < 1 || end > SCHEME_LENGTH_MAX * 2) return null
  const scheme = uri.slice(0, end)
  return SCHEME.test(scheme) ? scheme : null
}

const isPrivate = (uri: string, scheme: string): boolean =>
  PRIVATE_SCHEMES.has(scheme.toLowerCase()) && uri.startsWith('//', scheme.length + 1)

/** Whether a URI, or the template of one, never keeps its text. */
export function isPrivateUri(uri: string): boolean {
  const scheme = schemeOf(uri)
  return scheme !== null && isPrivate(uri, scheme)
}

export function isSharedUri(uri: string): boolean {
  const scheme = schemeOf(uri)
  return scheme !== null && SHARED_SCHEMES.has(scheme.toLowerCase())
}

/** A URI, or the template of one, under the name of its server. Null for what has no scheme: it cannot be told apart. */
export function qualifyUri(server: string, uri: string): string | null {
  const scheme = schemeOf(uri)
  if (scheme === null || scheme.length > SCHEME_LENGTH_MAX) return null
  const rest = uri.slice(scheme.length + 1)
  return isPrivate(uri, scheme) ? `${scheme}://${server}/${rest.slice(2)}` : `${scheme}+${server}:${rest}`
}

/** The server and its own URI that a text names, if it is qualified by a name for which `isServer`. */
export function readQualified(uri: string, isServer: (name: string) => boolean): { readonly server: string; readonly uri: string } | null {
  const scheme = schemeOf(uri)
  if (scheme === null) return null
  const rest = uri.slice(scheme.length + 1)
  if (isPrivate(uri, scheme)) {
    const end = rest.indexOf('/', 2)
    const server = end < 0 ? '' : rest.slice(2, end)
    return isServer(server) ? { server, uri: `${scheme}://${rest.slice(end + 1)}` } : null
  }
  const plus = scheme.lastIndexOf('+')
  const server = scheme.slice(plus + 1)
  return plus > 0 && isServer(server) ? { server, uri: `${scheme.slice(0, plus)}:${rest}` } : null
}
