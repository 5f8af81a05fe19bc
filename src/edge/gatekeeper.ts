import type { IncomingMessage } from 'node:http'
import { Problem } from '#std/index.ts'
import { PROOF_HEADER } from './session-credential.ts'

export interface HostRules {
  readonly publicUrl: string
  /** The port really listened on. */
  readonly port: number
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Which Host and Origin values this server answers to: its public address and, for its own machine, the loopback names (R6). */
export interface Gatekeeper {
  /** Throws `wrong-host` (421), `wrong-origin` (403), or `invalid-request` for what two readers could read differently. */
  check(request: IncomingMessage): void
}

export function createGatekeeper({ publicUrl, port }: HostRules): Gatekeeper {
  const url = new URL(publicUrl)
  const own = LOOPBACK_NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
  const hosts = new Set([url.host, ...own])
  // Not the public name over plain http where it is https: whoever is on the way can answer for that page.
  const origins = new Set([url.origin, ...own.map((host) => `http://${host}`)])
  return {
    check(request) {
      const { host, origin } = request.headers
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
      // A target with an authority of its own may name another host than the header (RFC 9112 §3.2.2).
      if (request.url?.startsWith('/') !== true) throw twofold('The request target must be a path.')
      assertOnce(request.rawHeaders)
    },
  }
}

/** Headers that decide who is asked and who asks, and of which Node keeps the first (RFC 9112 §3.2, RFC 9110 §5.3). */
const ONCE = new Set(['host', 'authorization', 'content-type', 'origin', PROOF_HEADER])

function assertOnce(rawHeaders: readonly string[]): void {
  let bits = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const { length } = rawHeaders[i]!
    // Only names of these lengths are worth a look.
    if (length !== 4 && length !== 6 && length !== 12 && length !== 13 && length !== PROOF_HEADER.length) continue
    const name = rawHeaders[i]!.toLowerCase()
    if (!ONCE.has(name)) continue
    const bit = 1 << length
    if ((bits & bit) !== 0) throw twofold(`The header ${name} was sent twice.`)
    bits |= bit
  }
}

function twofold(detail: string): Problem {
  return new Problem('invalid-request', detail, { remedy: 'Send each request in one reading only.' })
}
