import { EVENT_LOG_BOUNDS, type EventId, type EventLog, type EventLogBounds, type EventSpan, hasGap, readEventId } from './event-log.ts'
import type { RedisLink } from './redis-link.ts'
import { runScript, script } from './redis-script.ts'

// KEYS: the events, and a hash of what is known of them. The clock is that of Redis, so that nodes need not agree on one.
const TRIM = `
local time = redis.call('TIME')
local oldest_ms = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[3]
local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes') or '0')
local count = redis.call('XLEN', KEYS[1])
local evicted
while count > 0 do
  local event = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  local ms = tonumber(string.match(event[1], '^%d+'))
  if count <= tonumber(ARGV[1]) and bytes <= tonumber(ARGV[2]) and ms > oldest_ms then break end
  evicted = event[1]
  redis.call('XDEL', KEYS[1], evicted)
  bytes = bytes - #event[2][2]
  count = count - 1
end
if count == 0 then bytes = 0 end
if evicted then redis.call('HSET', KEYS[2], 'bytes', bytes, 'evicted', evicted) end
`

const APPEND = script(`
local id = redis.call('XADD', KEYS[1], '*', 'd', ARGV[4])
redis.call('HSETNX', KEYS[2], 'first', id)
redis.call('HSET', KEYS[2], 'last', id)
redis.call('HINCRBY', KEYS[2], 'bytes', ARGV[5])
${TRIM}
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return id
`)

const READ = script(`
${TRIM}
local known = redis.call('HMGET', KEYS[2], 'first', 'last', 'evicted')
if not known[2] then return false end
return { known[1], known[2], known[3] or '', redis.call('XRANGE', KEYS[1], ARGV[4], '+', 'COUNT', ARGV[5]) }
`)

type ReadReply = readonly [
  first: string,
  last: string,
  evicted: string,
  events: readonly (readonly [id: string, fields: readonly string[]])[],
]

export interface RedisEventLogOptions {
  /** Its owner closes it. */
  readonly link: RedisLink
  /** What every key begins with. */
  readonly prefix: string
  readonly bounds?: EventLogBounds
}

/** The adapter for several processes. What one stream keeps is bounded by us, all of them together by `maxmemory` of Redis. */
export function createRedisEventLog({ link, prefix, bounds = EVENT_LOG_BOUNDS }: RedisEventLogOptions): EventLog {
  const { eventsMax, bytesMax, ageMsMax } = bounds
  // The braces put both into one slot, should Redis ever be a cluster.
  const keysOf = (stream: string): string[] => [`${prefix}events:{${stream}}`, `${prefix}events:{${stream}}:known`]

  return {
    async append(stream, data) {
      const bytes = Buffer.byteLength(data)
      // What would not be kept is not sent: it counts as more than there may be, so that all goes, itself included.
      const sent = bytes > bytesMax ? '' : data
      const values = [eventsMax, bytesMax, ageMsMax, sent, bytes]
      return String(await link.run((connection) => runScript(connection, APPEND, keysOf(stream), values)))
    },
    async read(stream, afterId, countMax) {
      const after = afterId === null ? null : readEventId(afterId)
      const values = [eventsMax, bytesMax, ageMsMax, after === null ? '-' : `(${after.ms}-${after.number}`, countMax]
      const reply = (await link.run((connection) => runScript(connection, READ, keysOf(stream), values))) as ReadReply | null
      const events = reply === null ? [] : reply[3].map(([id, fields]) => ({ id, data: fields[1] ?? '' }))
      return { events, gap: hasGap(reply === null ? null : spanOf(reply), after, afterId !== null && after === null) }
    },
    delete: async (stream) => (await link.run((connection) => connection.del(keysOf(stream)))) > 0,
    close: async () => undefined,
  }
}

function spanOf([first, last, evicted]: ReadReply): EventSpan {
  return { first: known(first), last: known(last), evicted: evicted === '' ? null : known(evicted) }
}

function known(text: string): EventId {
  const id = readEventId(text)
  if (id === null) throw new TypeError('an identifier of Redis that is none')
  return id
}
