import { ErrorReply } from '@redis/client'
import { assertEntryFits, type KeyValue } from './key-value.ts'
import type { RedisLink } from './redis-link.ts'
import { runScript, script } from './redis-script.ts'

// In one step: between two commands the process could die, and leave a counter that never expires.
const INCREMENT = script(`
local count = redis.call('INCR', KEYS[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
`)

export interface RedisKeyValueOptions {
  /** Its owner closes it. */
  readonly link: RedisLink
  /** What every key begins with. */
  readonly prefix: string
}

/** The adapter for several processes. Entries expire by the clock of Redis. */
export function createRedisKeyValue({ link, prefix }: RedisKeyValueOptions): KeyValue {
  const keyOf = (key: string): string => `${prefix}value:${key}`

  async function write(key: string, value: string, ttlMs: number, isNew: boolean): Promise<boolean> {
    assertEntryFits(key, value)
    const expiration = { type: 'PX', value: wholeMs(ttlMs) } as const
    const options = isNew ? ({ expiration, condition: 'NX' } as const) : { expiration }
    return (await link.run((connection) => connection.set(keyOf(key), value, options))) !== null
  }

  return {
    get: (key) => link.run((connection) => connection.get(keyOf(key))),
    async set(key, value, ttlMs) {
      await write(key, value, ttlMs, false)
    },
    setIfAbsent: (key, value, ttlMs) => write(key, value, ttlMs, true),
    delete: async (key) => (await link.run((connection) => connection.del(keyOf(key)))) > 0,
    async increment(key, ttlMs) {
      assertEntryFits(key, '')
      try {
        return Number(await link.run((connection) => runScript(connection, INCREMENT, [keyOf(key)], [wholeMs(ttlMs)])))
      } catch (error) {
        if (error instanceof ErrorReply && error.message.includes('not an integer'))
          throw new TypeError(`not a counter: ${key}`, { cause: error })
        throw error
      }
    },
    close: async () => undefined,
  }
}

/** Redis takes no fractions, and no time that is over. */
const wholeMs = (ttlMs: number): number => Math.max(1, Math.ceil(ttlMs))
