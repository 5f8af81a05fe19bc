import { createHash } from 'node:crypto'
import { ErrorReply } from '@redis/client'
import type { RedisConnection } from './redis-link.ts'

/** Lua that Redis runs as one step. */
export interface RedisScript {
  readonly source: string
  readonly digest: string
}

export const script = (source: string): RedisScript => ({ source, digest: createHash('sha1').update(source).digest('hex') })

/** Sends the digest of the script, and the script itself when Redis does not know it yet or has forgotten it. */
export async function runScript(
  connection: RedisConnection,
  { source, digest }: RedisScript,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  const options = { keys: [...keys], arguments: values.map(String) }
  try {
    return await connection.evalSha(digest, options)
  } catch (error) {
    if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT')) throw error
    return connection.eval(source, options)
  }
}
