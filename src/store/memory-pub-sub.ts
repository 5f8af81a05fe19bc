import { messageText, type PubSub } from './pub-sub.ts'
import { Subscriptions } from './subscriptions.ts'

export interface MemoryPubSubOptions {
  /** Told what a listener threw. */
  readonly onError?: (error: unknown) => void
}

/** The adapter for one process. */
export function createMemoryPubSub({ onError = () => undefined }: MemoryPubSubOptions = {}): PubSub {
  const subscriptions = new Subscriptions(onError)
  return {
    async publish(topic, message) {
      const text = messageText(message)
      queueMicrotask(() => subscriptions.deliver(topic, text))
    },
    async subscribe(topic, listener) {
      const stop = subscriptions.add(topic, listener)
      return async () => void stop()
    },
    async close() {
      subscriptions.clear()
    },
  }
}
