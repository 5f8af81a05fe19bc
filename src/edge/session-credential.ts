import type { IncomingMessage } from 'node:http'

/** The header with the half that only scripts of our own pages know. */
export const PROOF_HEADER = 'sallyport-proof'

const COOKIE_HALF = /^spc_[A-Za-z0-9_-]{43}$/
const PROOF_HALF = /^spp_[A-Za-z0-9_-]{43}$/

/** Puts the two halves of a console session together where nobody behind the socket has to know of halves. */
export interface SessionCredential {
  /**
   * Gives the request the `Authorization` header that its session stands for, unless it has one of its own, and takes
   * both halves out of it: nothing behind the edge can log them or pass them on.
   */
  compose(request: IncomingMessage): void
}

/**
 * The name of the cookie. Browsers show cookies to every port of a host: with the port in the name, servers on one
 * machine do not overwrite each other's. The prefix makes browsers insist on https, this host and the whole path.
 */
export function sessionCookieName(publicUrl: string): string {
  const url = new URL(publicUrl)
  return url.protocol === 'https:' ? '__Host-sallyport-session' : `sallyport-session-${url.port || '80'}`
}

export function createSessionCredential(publicUrl: string): SessionCredential {
  const name = sessionCookieName(publicUrl)
  return {
    compose(request) {
      const { headers } = request
      const { cookie } = headers
      const proof = headers[PROOF_HEADER]
      if (cookie === undefined && proof === undefined) return
      const hasOwn = headers.authorization !== undefined
      drop(request)
      if (hasOwn || cookie === undefined || typeof proof !== 'string' || !PROOF_HALF.test(proof)) return
      const half = onlyCookie(cookie, name)
      if (half === null || !COOKIE_HALF.test(half)) return
      const authorization = `Bearer ${half}.${proof}`
      headers.authorization = authorization
      request.rawHeaders.push('Authorization', authorization)
    },
  }
}

/** The value of a cookie that is there once; null otherwise. Which of two counts would be for an attacker to choose. */
function onlyCookie(cookies: string, name: string): string | null {
  let found: string | null = null
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue
    if (found !== null) return null
    found = pair.slice(equals + 1).trim()
  }
  return found
}

/** From both forms in which Node holds headers: the control plane and the way to it read the raw ones. */
function drop({ headers, rawHeaders }: IncomingMessage): void {
  delete headers.cookie
  delete headers[PROOF_HEADER]
  let kept = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (name === 'cookie' || name === PROOF_HEADER) continue
    rawHeaders[kept] = rawHeaders[i]!
    rawHeaders[kept + 1] = rawHeaders[i + 1]!
    kept += 2
  }
  rawHeaders.length = kept
}
