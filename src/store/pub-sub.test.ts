import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createMemoryPubSub } from './memory-pub-sub.ts'
import type { Json, PubSub } from './pub-sub.ts'
import { readRedisUrl } from './redis-address.ts'
import { RedisLink } from './redis-link.ts'
import { openRedisPubSub, type RedisPubSub } from './redis-pub-sub.ts'
import { freshRedis, NO_REDIS, openWay, problem, type TestRedis } from './testing.ts'

type Open = (onError?: (error: unknown) => void) => Promise<PubSub>

/** Every adapter; `onError` is told what listeners throw. */
const adapters: readonly { readonly name: string; readonly isThere: boolean; readonly open: Open }[] = [
  { name: 'memory', isThere: true, open: async (onError) => createMemoryPubSub(onError === undefined ? {} : { onError }) },
  { name: 'Redis', isThere: freshRedis !== null, open: async (onError) => openOver(await freshRedis!(), onError) },
]

async function openOver({ url, prefix }: TestRedis, onError: (error: unknown) => void = () => undefined): Promise<RedisPubSub> {
  const address = readRedisUrl(url)
  const link = await RedisLink.open({ address, name: prefix })
  onTestFinished(() => link.close())
  const messages = await openRedisPubSub({ link, address, prefix, onError })
  onTestFinished(() => messages.close())
  return messages
}

/** Collects messages, and waits for as many as a test expects. */
function collector() {
  const seen: Json[] = []
  let wake = (): void => undefined
  return {
    seen,
    listener: (message: Json) => {
      seen.push(message)
      wake()
    },
    until: async (count: number) => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

describe.each(adapters)('the publish-subscribe port over $name', ({ isThere, open }) => {
  beforeEach(({ skip }) => skip(!isThere, NO_REDIS))

  it('brings messages in order to everybody who listens to their topic, and to nobody else', async () => {
    const messages = await open()
    const [one, two, other] = [collector(), collector(), collector()]
    await messages.subscribe('revision', one.listener)
    await messages.subscribe('revision', two.listener)
    await messages.subscribe('elsewhere', other.listener)
    for (const message of [1, { a: ['b', null] }, 'three']) await messages.publish('revision', message)
    await messages.publish('elsewhere', 'end')
    await Promise.all([one.until(3), two.until(3), other.until(1)])
    expect(one.seen).toEqual([1, { a: ['b', null] }, 'three'])
    expect(two.seen).toEqual(one.seen)
    expect(other.seen).toEqual(['end'])
    await messages.close()
  })

  it('brings nothing any more to whoever stopped, and goes on for the same listener subscribed twice', async () => {
    const messages = await open()
    const { seen, listener, until } = collector()
    const stop = await messages.subscribe('t', listener)
    await messages.subscribe('t', listener)
    await stop()
    await stop()
    await messages.publish('t', 1)
    await messages.publish('t', 2)
    await until(2)
    expect(seen).toEqual([1, 2])
    await messages.close()
  })

  it('gives each listener a copy and shields it from one that throws', async () => {
    const errors: unknown[] = []
    const messages = await open((error) => errors.push(error))
    const failure = new Error('a bug of a listener')
    await messages.subscribe('t', (message) => {
      ;(message as { list: number[] }).list.push(99)
      throw failure
    })
    const { seen, listener, until } = collector()
    await messages.subscribe('t', listener)
    await messages.publish('t', { list: [1] })
    await until(1)
    expect(seen).toEqual([{ list: [1] }])
    expect(errors).toEqual([failure])
    await messages.close()
  })

  it('takes messages that nobody listens to', async () => {
    const messages = await open()
    await expect(messages.publish('nobody', 1)).resolves.toBeUndefined()
    await messages.close()
  })

  it('refuses a message that is too large, and takes the largest', async () => {
    const messages = await open()
    const { seen, listener, until } = collector()
    await messages.subscribe('t', listener)
    const largest = 'ä'.repeat(LIMITS.pubSubMessageBytesMax / 2 - 1)
    await expect(messages.publish('t', `${largest}x`)).rejects.toEqual(problem('overloaded', 'pubSubMessageBytesMax'))
    await messages.publish('t', largest)
    await until(1)
    expect(seen).toEqual([largest])
    await messages.close()
  })

  it('listens again to what it stopped listening to, also before the end of stopping', async () => {
    const messages = await open()
    const [first, second] = [collector(), collector()]
    const stop = await messages.subscribe('t', first.listener)
    await Promise.all([stop(), messages.subscribe('t', second.listener)])
    await messages.publish('t', 1)
    await second.until(1)
    expect([first.seen, second.seen]).toEqual([[], [1]])
    await messages.close()
  })
})

describe('messages in Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  it('reach every process, each with a connection of its own to listen', async () => {
    const redis = await freshRedis!()
    const [one, two] = [await openOver(redis), await openOver(redis)]
    const { seen, listener, until } = collector()
    await two.subscribe('t', listener)
    await one.publish('t', 'from one')
    await two.publish('t', 'from two')
    await until(2)
    expect(seen).toEqual(['from one', 'from two'])
  })

  it('of strangers that are no JSON, or too large, are ignored and counted', async () => {
    const redis = await freshRedis!()
    const messages = await openOver(redis)
    const { seen, listener, until } = collector()
    await messages.subscribe('t', listener)
    const channel = `${redis.prefix}topic:${readRedisUrl(redis.url).database}:t`
    for (const text of ['', '{"a":', `"${'x'.repeat(LIMITS.pubSubMessageBytesMax)}"`, '\u0000']) await redis.stranger.publish(channel, text)
    await redis.stranger.publish(channel, '["good"]')
    await until(1)
    expect(seen).toEqual([['good']])
    expect(messages.ignored()).toBe(4)
  })

  it('keep no subscription that nobody needs', async () => {
    const redis = await freshRedis!()
    const messages = await openOver(redis)
    const channels = async (): Promise<number> => (await redis.stranger.pubSubChannels(`${redis.prefix}*`)).length
    const stops = [await messages.subscribe('a', () => undefined), await messages.subscribe('a', () => undefined)]
    await messages.subscribe('b', () => undefined)
    expect(await channels()).toBe(2)
    for (const stop of stops) await stop()
    expect(await channels()).toBe(1)
  })

  it('come again after the connection was lost, without anybody asking, and not to who stopped meanwhile', async () => {
    const redis = await freshRedis!()
    const way = await openWay(redis.url, 6379)
    const address = readRedisUrl(way.href)
    const link = await RedisLink.open({ address: readRedisUrl(redis.url), name: redis.prefix })
    onTestFinished(() => link.close())
    const { promise: isBack, resolve } = Promise.withResolvers<void>()
    const onChange = (reason: unknown): void => void (reason === null && resolve())
    const messages = await openRedisPubSub({ link, address, prefix: redis.prefix, onError: () => undefined, onChange })
    onTestFinished(() => messages.close())
    const [kept, stopped] = [collector(), collector()]
    await messages.subscribe('t', kept.listener)
    const stop = await messages.subscribe('u', stopped.listener)
    await way.cut()
    await expect.poll(() => messages.reason()).not.toBeNull()
    await expect(messages.subscribe('v', kept.listener)).rejects.toEqual(problem('store-unavailable'))
    await stop()
    await messages.publish('t', 'nobody listens')
    await way.mend()
    await isBack
    expect(messages.reason()).toBeNull()
    for (const topic of ['t', 'u', 'v']) await messages.publish(topic, topic)
    await messages.publish('t', 'end')
    await kept.until(2)
    expect([kept.seen, stopped.seen]).toEqual([['t', 'end'], []])
    expect(await redis.stranger.pubSubChannels(`${redis.prefix}*`)).toHaveLength(1)
  })

  it('are refused without rights to the channel', async () => {
    const redis = await freshRedis!()
    const user = redis.prefix.slice(0, -1)
    await redis.stranger.aclSetUser(user, ['on', '>canary-4711', '+@all', '~*', 'resetchannels'])
    onTestFinished(() => redis.stranger.aclDelUser(user).then(() => undefined))
    const url = new URL(redis.url)
    url.username = user
    url.password = 'canary-4711'
    const messages = await openOver({ ...redis, url: url.href })
    await expect(messages.subscribe('t', () => undefined)).rejects.toEqual(problem('store-unavailable'))
    await expect(messages.publish('t', 1)).rejects.toEqual(problem('store-unavailable'))
    expect(messages.reason(), 'the connection is good').toBeNull()
  })
})
