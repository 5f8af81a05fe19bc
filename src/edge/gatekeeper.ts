import type { IncomingMessage } from 'node:http'
import { Problem } from '#std/index.ts'
import { PROOF_HEADER } from './session-credential.ts'
import type { Forwarded } from './trusted-proxy.ts'

export interface HostRules {
  readonly publicUrl: string
  /** The port really listened on. */
  readonly port: number
  /** TLS is served here. */
  readonly isTls: boolean
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Which Host and Origin values this server answers to: its public address and, for its own machine, the loopback names (R6). */
export interface Gatekeeper {
  /**
   * `forwarded` is what a trusted proxy says. Throws `wrong-host` (421), `wrong-origin` (403), or `invalid-request` for
   * what two readers could read differently.
   */
  check(request: IncomingMessage, forwarded: Forwarded | null): void
}

export function createGatekeeper({ publicUrl, port, isTls }: HostRules): Gatekeeper {
  const url = new URL(publicUrl)
  const own = LOOPBACK_NAMES.flatMap((name) => (port === (isTls ? 443 : 80) ? [name, `${name}:${port}`] : [`${name}:${port}`]))
  const hosts = new Set([url.host, ...own])
  // Not the public name over plain http where it is https: whoever is on the way can answer for that page.
  const origins = new Set([url.origin, ...own.map((host) => `${isTls ? 'https' : 'http'}://${host}`)])
  return {
    check(request, forwarded) {
      const { origin } = request.headers
      const host = forwarded?.host ?? request.headers.host
      if (host === undefined || !(hosts.has(host) || hosts.has(host.toLowerCase()))) {
        throw new Problem('wrong-host', 'The Host header names another server.', {
          remedy: `Use ${publicUrl}, or set SALLYPORT_PUBLIC_URL to the address that clients use.`,
        })
      }
      if (origin !== undefined && !origins.has(origin.toLowerCase())) {
        throw new Problem('wrong-origin', 'Browsers may only reach this server from its own pages.', {
          remedy: `Open ${publicUrl}, or set SALLYPORT_PUBLIC_URL to the address that clients use.`,
        })
      }
      // What came to the proxy in clear could be read by everybody on the way, credentials included.
      if (url.protocol === 'https:' && forwarded?.scheme === 'http') {
        throw new Problem('wrong-host', 'The proxy took this request over plain http.', {
          remedy: `Use ${publicUrl}; the proxy should redirect there, and say in X-Forwarded-Proto what its client used.`,
        })
      }
      // A target with an authority of its own may name another host than the header (RFC 9112 §3.2.2).
      if (request.url?.startsWith('/') !== true) throw twofold('The request target must be a path.')
      assertOnce(request.rawHeaders)
    },
  }
}

/** Headers that decide who is asked and who asks, and of which Node keeps the first (RFC 9112 §3.2, RFC 9110 §5.3). */
const ONCE = new Set(['host', 'authorization', 'content-type', 'origin', PROOF_HEADER])
const ONCE_LENGTHS = [...ONCE].reduce((bits, { length }) => bits | (1 << length), 0)
const ONCE_LENGTH_MAX = Math.max(...[...ONCE].map(({ length }) => length))

/** Headers of one name have one length: where no length comes twice, no name has to be looked at. */
function assertOnce(rawHeaders: readonly string[]): void {
  let lengths = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const { length } = rawHeaders[i]!
    if (length > ONCE_LENGTH_MAX) continue
    const bit = 1 << length
    if ((lengths & bit & ONCE_LENGTHS) !== 0) return assertNamesOnce(rawHeaders)
    lengths |= bit
  }
}

function assertNamesOnce(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (!ONCE.has(name)) continue
    if (seen.has(name)) throw twofold(`The header ${name} was sent twice.`)
    seen.add(name)
  }
}

function twofold(detail: string): Problem {
  return new Problem('invalid-request', detail, { remedy: 'Send each request in one reading only.' })
}
