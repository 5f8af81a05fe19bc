import type { IncomingMessage, ServerResponse } from 'node:http'
import { LIMITS, type Problem } from '#std/index.ts'

/** A refusal by the edge itself, before anybody behind it is asked. */
export function refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  if (response.headersSent || response.destroyed) return
  const retry = problem.extensions['retryAfterSeconds']
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    ...(typeof retry === 'number' ? { 'retry-after': String(retry) } : {}),
  })
  response.end(JSON.stringify(problem.toDocument()))
  discard(request)
}

/**
 * What is still coming is read and dropped, within a bound: cut off at once, a client would see a reset and no answer.
 */
export function discard(request: IncomingMessage): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LIMITS.discardBytesMax) request.socket.destroy()
  })
  request.resume()
}
