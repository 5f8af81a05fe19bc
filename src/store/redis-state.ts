import type { Clock } from '#std/index.ts'
import { type RedisAddress, readRedisUrl } from './redis-address.ts'
import { createRedisEventLog } from './redis-event-log.ts'
import { reasonOf, redisUnreachable } from './redis-failure.ts'
import { createRedisKeyValue } from './redis-key-value.ts'
import { RedisLink } from './redis-link.ts'
import { openRedisPubSub, type RedisPubSub } from './redis-pub-sub.ts'
import { createRedisSharedLimit } from './redis-shared-limit.ts'
import type { SharedState, SharedStateHealth, SharedStateLog } from './shared-state.ts'

/** What every key and channel of ours begins with. Installations that share a Redis have databases of their own. */
const PREFIX = 'sallyport:'

export interface RedisStateOptions {
  readonly url: string
  readonly now: Clock
  readonly log: SharedStateLog
  readonly prefix?: string
}

/** Two connections: one for commands, one that listens to messages. Rejects as `createSharedState` does. */
export async function openRedisState({ url, now, log, prefix = PREFIX }: RedisStateOptions): Promise<SharedState> {
  const address = readRedisUrl(url)
  let awaySinceMs = 0
  const onChange = (reason: unknown): void => {
    awaySinceMs = now()
    const fields = { redis: address.shown }
    if (reason === null) log.info(fields, 'Redis is back')
    else log.warn({ ...fields, reason: reasonOf(reason) }, 'Redis is away: what the nodes share is refused until it is back')
  }
  const onError = (error: unknown): void => log.warn({ err: error }, 'a listener to messages failed')
  const link = await reach(address, () => RedisLink.open({ address, name: 'sallyport', onChange }))
  let pubSub: RedisPubSub
  try {
    pubSub = await reach(address, () => openRedisPubSub({ link, address, prefix, onError, onChange }))
    await warnOfEviction(link, address, log)
  } catch (error) {
    await link.close()
    throw error
  }
  return {
    keyValue: createRedisKeyValue({ link, prefix }),
    pubSub,
    eventLog: createRedisEventLog({ link, prefix }),
    sharedLimit: createRedisSharedLimit({ link, prefix }),
    health: () => healthOf(address, link.reason ?? pubSub.reason(), now() - awaySinceMs, pubSub.ignored()),
    async close() {
      await pubSub.close()
      await link.close()
    },
  }
}

async function reach<T>(address: RedisAddress, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    throw redisUnreachable(address.shown, error)
  }
}

function healthOf({ shown }: RedisAddress, reason: unknown, awayMs: number, messagesIgnored: number): SharedStateHealth {
  const isReady = reason === null
  const detail = isReady
    ? `Redis at ${shown} answers.`
    : `Redis at ${shown} has been away for ${Math.round(awayMs / 1000)} s: ${reasonOf(reason)}. What the nodes share is refused.`
  return { kind: 'redis', isReady, detail, messagesIgnored }
}

/** A mark that says "seen once" must not go because memory is short: then it could be used twice. */
async function warnOfEviction(link: RedisLink, { shown }: RedisAddress, log: SharedStateLog): Promise<void> {
  // Not every user may ask, and not every server tells.
  const info = await link.run((connection) => connection.info('memory')).catch(() => '')
  const policy = /^maxmemory_policy:([\w-]{1,32})/m.exec(info)?.[1] ?? 'noeviction'
  if (policy === 'noeviction') return
  log.warn({ redis: shown, policy }, 'Redis drops entries that live when its memory is full: set its maxmemory-policy to noeviction')
}
