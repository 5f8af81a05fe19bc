import type { IncomingMessage } from 'node:http'
import { LIMITS, Problem } from '#std/index.ts'

const EMPTY = Buffer.alloc(0)

/** Reads request bodies, so many bytes of them at a time in this process. */
export interface BodyReader {
  /** Calls back once: with the bytes, or with why not; never when the client goes. */
  read(request: IncomingMessage, bytesMax: number, done: (error: Problem | null, body: Buffer) => void): void
  /** Counts bytes of a message that somebody else collects; `give` with the same number when it is whole. False: there is no room. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function createBodyReader(): BodyReader {
  let heldBytes = 0
  return {
    take(bytes) {
      heldBytes += bytes
      return heldBytes <= LIMITS.requestBytesHeldMax
    },
    give(bytes) {
      heldBytes -= bytes
    },
    read(request, bytesMax, done) {
      const fault = faultOf(request, bytesMax)
      if (fault !== null) return done(fault, EMPTY)
      const chunks: Buffer[] = []
      let bytes = 0
      let isOver = false
      const finish = (problem: Problem | null): void => {
        if (isOver) return
        isOver = true
        heldBytes -= bytes
        if (problem !== null) done(problem, EMPTY)
        else done(null, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes))
      }
      request.on('data', (chunk: Buffer) => {
        if (isOver) return
        bytes += chunk.length
        heldBytes += chunk.length
        if (bytes > bytesMax) return finish(tooLarge(bytesMax))
        if (heldBytes > LIMITS.requestBytesHeldMax) return finish(tooMuch())
        chunks.push(chunk)
      })
      const giveUp = (): void => {
        if (isOver) return
        isOver = true
        heldBytes -= bytes
      }
      // A stream of HTTP/2 that was cancelled in the middle ends as well: half a body must not be taken for a whole one.
      request.on('end', () => (isCancelled(request) ? giveUp() : finish(null)))
      request.on('close', giveUp)
    },
  }
}

const isCancelled = (request: IncomingMessage): boolean => (request as { stream?: { readonly aborted: boolean } }).stream?.aborted === true

function faultOf({ headers }: IncomingMessage, bytesMax: number): Problem | null {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return new Problem('unsupported-media-type', `The content encoding ${encoding.slice(0, 40)} is not accepted.`, {
      remedy: 'Send the body without compression.',
    })
  }
  return Number(headers['content-length'] ?? 0) > bytesMax ? tooLarge(bytesMax) : null
}

function tooLarge(bytesMax: number): Problem {
  return new Problem('body-too-large', `The body is larger than ${bytesMax} bytes.`, {
    remedy: 'Send less in one request.',
    extensions: { bytesMax },
  })
}

function tooMuch(): Problem {
  return new Problem('overloaded', 'Too much is being sent to this server at once.', {
    remedy: 'Try again in a moment.',
    extensions: { retryAfterSeconds: 1 },
  })
}
