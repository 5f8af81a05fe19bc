import { ErrorReply } from '@redis/client'
import { LIMITS, Problem } from '#std/index.ts'

/** No answer came in time. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
  readonly code = 'NO_ANSWER'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

// First words of error replies that speak of the server and not of the command.
const AWAY = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'READONLY', 'MISCONF', 'NOREPLICAS', 'TRYAGAIN', 'CLUSTERDOWN', 'UNKILLABLE'])
const REFUSED = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM'])
const CLUSTER = new Set(['MOVED', 'ASK', 'CROSSSLOT'])

const NOT_ALLOWED = 'Give the user of SALLYPORT_REDIS_URL a password that is right and the rights of docs/guides/redis.md.'
const NO_CLUSTER = 'Point SALLYPORT_REDIS_URL at one Redis that is not in cluster mode.'
const NO_ROOM = 'Raise `maxmemory` of Redis.'

const firstWord = (reply: Error): string => reply.message.slice(0, 16).split(' ', 1)[0] ?? ''

/** The server answered, and will not do for us until it is another one or has changed: worth a fresh connection. */
export function isWrongServer(error: unknown): boolean {
  return error instanceof ErrorReply && ['READONLY', 'MASTERDOWN'].includes(firstWord(error))
}

/** Why, in a word that holds no secret: the code of the system, or the first word of what Redis replied. */
export function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return firstWord(error)
  if (error instanceof NoAnswer) return error.message
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : 'the connection was lost'
}

/**
 * What a command may fail with: `store-unavailable` when Redis is away, too slow or refuses us, `overloaded` when it is
 * full, and anything else as it is: a bug.
 */
export function asRedisProblem(error: unknown): unknown {
  if (error instanceof Problem || error instanceof TypeError || error instanceof RangeError) return error
  if (!(error instanceof ErrorReply)) return redisAway(error)
  const word = firstWord(error)
  if (word === 'OOM') return new Problem('overloaded', 'Redis has no memory left.', { remedy: NO_ROOM, cause: error })
  if (AWAY.has(word) || CLUSTER.has(word) || REFUSED.has(word)) return redisAway(error)
  return error
}

/** Says nothing of where Redis is: whoever calls a tool may read it. */
export function redisAway(cause: unknown): Problem {
  const detail = 'Redis, which keeps what the nodes share, is away or did not answer in time.'
  const otherwise = 'Bring Redis back, or correct SALLYPORT_REDIS_URL; all goes on by itself when it answers.'
  return new Problem('store-unavailable', detail, { remedy: remedyOf(cause, otherwise), cause })
}

/** The same for whoever starts the program: with the place and the reason. */
export function redisUnreachable(shown: string, cause: unknown): Problem {
  const detail = `Redis at ${shown}, named by SALLYPORT_REDIS_URL, cannot be used: ${reasonOf(cause)}.`
  const otherwise = 'Bring Redis back, or correct SALLYPORT_REDIS_URL; without the setting one process needs no Redis.'
  return new Problem('store-unavailable', detail, { remedy: remedyOf(cause, otherwise), cause })
}

export function redisBusy(): Problem {
  return new Problem('overloaded', `Redis has as much to do for this process as it may: ${LIMITS.redisCommandsMax} commands.`)
}

function remedyOf(cause: unknown, otherwise: string): string {
  const word = cause instanceof ErrorReply ? firstWord(cause) : ''
  if (REFUSED.has(word)) return NOT_ALLOWED
  if (CLUSTER.has(word)) return NO_CLUSTER
  return otherwise
}
