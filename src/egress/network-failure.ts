import { Problem } from '#std/index.ts'

/** Why a connection or exchange failed, for people: a clause without subject, and what to do. */
export interface NetworkFailure {
  readonly kind: 'refused' | 'name' | 'unreachable' | 'connect-timeout' | 'tls' | 'closed' | 'protocol' | 'egress' | 'unknown'
  readonly reason: string
  readonly remedy: string
}

const CODES: Readonly<Record<string, NetworkFailure>> = (() => {
  const refused = failure('refused', 'refused the connection', 'Start the server, or correct the address.')
  const name = failure('name', 'is not a name that can be resolved', 'Correct the host name, or mend the name service of this machine.')
  const unreachable = failure('unreachable', 'cannot be reached from this machine', 'Check the network and its firewalls.')
  const timeout = failure(
    'connect-timeout',
    'did not accept a connection in time',
    'Check that the server is up and no firewall drops the packets.',
  )
  const closed = failure('closed', 'closed the connection before it had answered', 'Look into the log of the server.')
  const protocol = failure(
    'protocol',
    'answered something that is not HTTP/1.1',
    'Check that the address and its scheme are those of an HTTP server.',
  )
  const headers = failure('protocol', 'sent larger headers than accepted', 'Make the server send fewer or shorter headers.')
  const stopped = failure('unknown', 'is no longer connected to: its connections were closed here', 'Try again.')
  return {
    ECONNREFUSED: refused,
    ENOTFOUND: name,
    EAI_AGAIN: name,
    EAI_FAIL: name,
    EHOSTUNREACH: unreachable,
    ENETUNREACH: unreachable,
    EADDRNOTAVAIL: unreachable,
    ETIMEDOUT: timeout,
    UND_ERR_CONNECT_TIMEOUT: timeout,
    ECONNRESET: closed,
    EPIPE: closed,
    UND_ERR_SOCKET: closed,
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: closed,
    UND_ERR_HEADERS_OVERFLOW: headers,
    HPE_HEADER_OVERFLOW: headers,
    UND_ERR_DESTROYED: stopped,
    UND_ERR_CLOSED: stopped,
    HPE_INVALID_CONSTANT: protocol,
  }
})()

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH$)/

/** Reads an error of a socket, the resolver, TLS or the HTTP client. Never repeats its text: that may name addresses. */
export function describeNetworkFailure(error: unknown): NetworkFailure {
  if (error instanceof Problem && error.type === 'egress-denied')
    return failure('egress', `may not be reached: ${error.message}`, error.remedy ?? '')
  const code = codeOf(error)
  const known = CODES[code]
  if (known !== undefined) return known
  if (TLS_CODE.test(code)) {
    return failure(
      'tls',
      `has a TLS certificate or handshake that fails (${code})`,
      'Renew the certificate, or add its authority with NODE_EXTRA_CA_CERTS.',
    )
  }
  // The parser's errors carry a name where others carry a code.
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError')) return CODES['HPE_INVALID_CONSTANT']!
  return failure('unknown', code === '' ? 'failed in an unknown way' : `failed (${code})`, 'The log holds the details.')
}

function codeOf(error: unknown): string {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  return cause === undefined ? '' : codeOf(cause)
}

function failure(kind: NetworkFailure['kind'], reason: string, remedy: string): NetworkFailure {
  return { kind, reason, remedy }
}
