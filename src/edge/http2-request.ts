import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { LIMITS, Problem } from '#std/index.ts'

/** The client is told that nobody wants the rest (RFC 9113 §7). */
const CANCEL = 8

/** Both look the same to all that follows; where they do not, `asHttp1` sees to it. */
export const isHttp2 = (request: IncomingMessage): boolean => request.httpVersionMajor === 2

/**
 * Makes a request of HTTP/2 one like those of HTTP/1.1: the authority is its Host, and a body has so much time. Throws
 * `invalid-request` for one that names two hosts (RFC 9113 §8.3.1), and for headers that are too large.
 */
export function asHttp1(request: IncomingMessage): void {
  const { headers, rawHeaders } = request
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  // Our settings hold from the moment on at which the client acknowledges them: it may do without.
  if (bytes > LIMITS.headerBytesMax)
    throw new Problem('invalid-request', `The headers are larger than ${LIMITS.headerBytesMax} bytes.`, { remedy: 'Send less in headers.' })
  const authority = headers[':authority']
  if (typeof authority === 'string') {
    if (headers.host !== undefined && headers.host !== authority) {
      throw new Problem('invalid-request', 'The authority of the request and its Host header differ.', {
        remedy: 'Send each request in one reading only.',
      })
    }
    headers.host = authority
  }
  const { stream } = request as unknown as Http2ServerRequest
  // node:http bounds the time of a request by itself; here a client that stops in the middle would keep its stream for ever.
  if (stream.endAfterHeaders) return
  const late = setTimeout(() => stream.close(CANCEL), LIMITS.requestTimeoutMs)
  const done = (): void => clearTimeout(late)
  request.once('end', done)
  request.once('close', done)
}
