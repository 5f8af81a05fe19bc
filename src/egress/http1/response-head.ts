import { LIMITS } from '#std/index.ts'
import { readFields } from './field-block.ts'
import { ProtocolError } from './protocol-error.ts'

/** Names in lower case, no prototype. What came more than once is joined by commas; `set-cookie` is always a list. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Where the body ends when no length says so (RFC 9112 §6.3). */
export const CHUNKED = -1
export const UNTIL_CLOSE = -2

export interface ResponseHead {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Bytes of the body, or CHUNKED, or UNTIL_CLOSE. */
  readonly bodyLength: number
  /** How long the connection may wait for its next request; 0: there must be none. */
  readonly idleMs: number
}

const ZERO = 0x30
const SPACE = 0x20
/** Fewer digits than make a number inexact. */
const LENGTH = /^\d{1,15}$/
const TIMEOUT = /(?:^|[,;\s])timeout\s{0,8}=\s{0,8}"?(\d{1,9})/i
const CLOSE = /(?:^|,)[ \t]{0,8}close[ \t]{0,8}(?:,|$)/i

/**
 * Reads a head: a status line and header lines, each with its CRLF. What two readers could take for two different
 * answers is refused with `ProtocolError`: the next answer on the connection would be somebody else's.
 */
export function readResponseHead(text: string): ResponseHead {
  const status = readStatus(text)
  const headers = Object.create(null) as Record<string, string | string[]>
  readFields(text, text.indexOf('\r\n') + 2, (name, value) => {
    const before = headers[name]
    if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value
    else if (typeof before === 'string') headers[name] = `${before}, ${value}`
    else before.push(value)
  })
  const all = headers as Record<string, string | undefined>
  const isHttp11 = text.charCodeAt(7) === ZERO + 1
  const isLast = !isHttp11 || (all['connection'] !== undefined && CLOSE.test(all['connection']))
  const bodyLength = readBodyLength(status, all['content-length'], all['transfer-encoding'], isHttp11, isLast)
  return { status, headers, bodyLength, idleMs: isLast ? 0 : readIdleMs(all['keep-alive']) }
}

function readStatus(text: string): number {
  const minor = text.charCodeAt(7) - ZERO
  if (!text.startsWith('HTTP/1.') || (minor !== 0 && minor !== 1) || text.charCodeAt(8) !== SPACE)
    throw new ProtocolError('HPE_INVALID_CONSTANT', 'the answer does not begin with an HTTP/1.1 status line')
  let status = 0
  for (let i = 9; i < 12; i++) {
    const digit = text.charCodeAt(i) - ZERO
    // Anything but a digit, the end of the text included, fails this comparison.
    if (!(digit >= 0 && digit <= 9)) throw new ProtocolError('HPE_INVALID_STATUS', 'the status is not a number')
    status = status * 10 + digit
  }
  // Many servers leave out the blank before an empty reason.
  if (status < 100 || status > 599 || (text[12] !== ' ' && text[12] !== '\r'))
    throw new ProtocolError('HPE_INVALID_STATUS', 'the status is not between 100 and 599')
  return status
}

function readBodyLength(
  status: number,
  length: string | undefined,
  encoding: string | undefined,
  isHttp11: boolean,
  isLast: boolean,
): number {
  if (encoding !== undefined) {
    // RFC 9112 §6.1: both at once, or an encoding in HTTP/1.0, is an attempt at smuggling or a broken server.
    if (length !== undefined || !isHttp11 || encoding.toLowerCase() !== 'chunked')
      throw new ProtocolError('HPE_INVALID_TRANSFER_ENCODING', 'a transfer encoding other than chunked, or beside a length')
  } else if (length !== undefined && !LENGTH.test(length)) {
    // A repeated header was joined to "5, 5": RFC 9110 §8.6 lets a recipient refuse even equal ones.
    throw new ProtocolError('HPE_INVALID_CONTENT_LENGTH', 'a content length that is not one number')
  }
  if (status < 200 || status === 204 || status === 304) return 0
  if (encoding !== undefined) return CHUNKED
  if (length !== undefined) return Number(length)
  if (!isLast) throw new ProtocolError('HPE_INVALID_CONTENT_LENGTH', 'an answer without a length on a connection that stays open')
  return UNTIL_CLOSE
}

/** The server names the time after which it closes; we let go a little earlier, so that no request meets the closing. */
function readIdleMs(keepAlive: string | undefined): number {
  const seconds = keepAlive === undefined ? null : TIMEOUT.exec(keepAlive)
  if (seconds === null) return LIMITS.upstreamIdleMsDefault
  return Math.max(0, Math.min(Number(seconds[1]) * 1000 - LIMITS.upstreamIdleMarginMs, LIMITS.upstreamIdleMsMax))
}
