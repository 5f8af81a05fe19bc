import { LIMITS } from '#std/index.ts'
import { messageText, type PubSub } from './pub-sub.ts'
import type { RedisAddress } from './redis-address.ts'
import { RedisLink } from './redis-link.ts'
import { Subscriptions } from './subscriptions.ts'

export interface RedisPubSubOptions {
  /** Publishes; its owner closes it. */
  readonly link: RedisLink
  readonly address: RedisAddress
  /** What every channel begins with. */
  readonly prefix: string
  /** Told what a listener threw. */
  readonly onError: (error: unknown) => void
  /** Told why the connection that listens was lost, and `null` when it is back. */
  readonly onChange?: (reason: unknown) => void
}

export interface RedisPubSub extends PubSub {
  /** Why messages do not come; null when they do. */
  reason(): unknown
  /** Messages of strangers that could not be read, or were too large, since the start. */
  ignored(): number
}

/** The adapter for several processes, with a connection of its own to listen. Rejects with the reason when there is none. */
export async function openRedisPubSub({ link, address, prefix, onError, onChange }: RedisPubSubOptions): Promise<RedisPubSub> {
  // The numbers of databases separate keys and not channels, so that of ours is a part of the name.
  const channels = `${prefix}topic:${address.database}:`
  const subscriptions = new Subscriptions(onError)
  let ignored = 0

  function receive(text: string, channel: string): void {
    if (text.length > LIMITS.pubSubMessageBytesMax) {
      ignored += 1
      return
    }
    try {
      subscriptions.deliver(channel.slice(channels.length), text)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      ignored += 1
    }
  }

  const listening = await RedisLink.open({
    address,
    name: 'sallyport-messages',
    ...(onChange === undefined ? {} : { onChange }),
    async prepare(connection) {
      const lost = subscriptions.topics.map((topic) => channels + topic)
      if (lost.length > 0) await connection.subscribe(lost, receive)
    },
  })

  /** When that fails the connection is lost, and the next one will not subscribe to what nobody listens to. */
  const unsubscribe = (topic: string): Promise<void> =>
    listening.run((connection) => connection.unsubscribe(channels + topic, receive)).catch(() => undefined)

  return {
    async publish(topic, message) {
      const text = messageText(message)
      await link.run((connection) => connection.publish(channels + topic, text))
    },
    async subscribe(topic, listener) {
      const stop = subscriptions.add(topic, listener)
      try {
        await listening.run((connection) => connection.subscribe(channels + topic, receive))
      } catch (error) {
        if (stop()) await unsubscribe(topic)
        throw error
      }
      return async () => {
        if (stop()) await unsubscribe(topic)
      }
    },
    async close() {
      subscriptions.clear()
      await listening.close()
    },
    reason: () => listening.reason,
    ignored: () => ignored,
  }
}
