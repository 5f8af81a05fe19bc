import { LIMITS } from '#std/index.ts'
import type { RedisLink } from './redis-link.ts'
import { runScript, script } from './redis-script.ts'
import { OWED_BURSTS_MAX, type SharedLimit } from './shared-limit.ts'

// KEYS: the nodes, then the buckets. The clock is that of Redis: nodes whose clocks differ fill no bucket twice. A bucket
// lives until it would be full, because one that is not there is full.
const SETTLE = script(`
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now_ms, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local reply = { redis.call('ZCARD', KEYS[1]) }
for i = 2, #KEYS do
  local at = 4 + (i - 2) * 3
  local per_second, burst, spent = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local known = redis.call('HMGET', KEYS[i], 'tokens', 'at')
  local tokens = burst
  if known[1] then
    local elapsed_ms = math.max(0, now_ms - known[2])
    tokens = math.min(burst, known[1] + elapsed_ms * per_second / 1000)
  end
  tokens = math.max(tokens - spent, -ARGV[3] * burst)
  if tokens < burst then
    redis.call('HSET', KEYS[i], 'tokens', tostring(tokens), 'at', string.format('%.0f', now_ms))
    redis.call('PEXPIRE', KEYS[i], string.format('%.0f', math.ceil((burst - tokens) * 1000 / per_second)))
  end
  reply[i] = tostring(tokens)
end
return reply
`)

export interface RedisSharedLimitOptions {
  /** Its owner closes it. */
  readonly link: RedisLink
  /** What every key begins with. */
  readonly prefix: string
}

/** The adapter for several nodes. */
export function createRedisSharedLimit({ link, prefix }: RedisSharedLimitOptions): SharedLimit {
  return {
    async settle(node, usages) {
      const keys = [`${prefix}nodes`, ...usages.map(({ key }) => `${prefix}limit:${key}`)]
      const rows = usages.flatMap(({ perSecond, burst, spent }) => [perSecond, burst, spent])
      const values = [node, LIMITS.sharedLimitNodeMsMax, OWED_BURSTS_MAX, ...rows]
      const [nodes, ...balances] = (await link.run((connection) => runScript(connection, SETTLE, keys, values))) as (number | string)[]
      return { nodes: Number(nodes), balances: balances.map(Number) }
    },
    close: async () => undefined,
  }
}
