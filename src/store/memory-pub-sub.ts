import type { Json, PubSub, PubSubListener } from './pub-sub.ts'

export interface MemoryPubSubOptions {
  /** Told what a listener threw. */
  readonly onError?: (error: unknown) => void
}

/** The adapter for one process. */
export function createMemoryPubSub({ onError = () => undefined }: MemoryPubSubOptions = {}): PubSub {
  // A listener may subscribe twice, so each subscription is an object of its own.
  const topics = new Map<string, Set<{ readonly listener: PubSubListener }>>()

  function deliver(topic: string, text: string): void {
    for (const subscription of topics.get(topic) ?? []) {
      try {
        // Each listener gets a copy, as it would over a network: none can change what the next one sees.
        subscription.listener(JSON.parse(text) as Json)
      } catch (error) {
        onError(error)
      }
    }
  }

  return {
    async publish(topic, message) {
      const text = JSON.stringify(message)
      queueMicrotask(() => deliver(topic, text))
    },
    async subscribe(topic, listener) {
      const subscription = { listener }
      const subscriptions = topics.get(topic) ?? new Set()
      topics.set(topic, subscriptions.add(subscription))
      return async () => {
        subscriptions.delete(subscription)
        if (subscriptions.size === 0 && topics.get(topic) === subscriptions) topics.delete(topic)
      }
    },
    async close() {
      topics.clear()
    },
  }
}
