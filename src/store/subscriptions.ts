import { LIMITS, Problem } from '#std/index.ts'
import type { Json, PubSubListener } from './pub-sub.ts'

/** Who listens to what in this process: the same for every adapter. */
export class Subscriptions {
  // A listener may subscribe twice, so each subscription is an object of its own.
  readonly #topics = new Map<string, Set<{ readonly listener: PubSubListener }>>()
  readonly #onError: (error: unknown) => void
  #count = 0

  /** `onError` is told what listeners throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()]
  }

  /** Gives the way to stop, which is true when nobody listens to the topic any more. Throws `overloaded`. */
  add(topic: string, listener: PubSubListener): () => boolean {
    if (this.#count >= LIMITS.pubSubSubscriptionsMax)
      throw new Problem('overloaded', `This process listens to as much as it may: ${LIMITS.pubSubSubscriptionsMax} subscriptions.`)
    const subscription = { listener }
    const subscriptions = this.#topics.get(topic) ?? new Set()
    this.#topics.set(topic, subscriptions.add(subscription))
    this.#count += 1
    return () => {
      if (!subscriptions.delete(subscription)) return false
      this.#count -= 1
      return subscriptions.size === 0 && this.#topics.get(topic) === subscriptions && this.#topics.delete(topic)
    }
  }

  /** Each listener gets a copy, as it would over a network: none can change what the next one sees. Throws a `SyntaxError`. */
  deliver(topic: string, text: string): void {
    let copy: { readonly message: Json } | null = { message: JSON.parse(text) as Json }
    for (const { listener } of this.#topics.get(topic) ?? []) {
      const { message } = copy ?? { message: JSON.parse(text) as Json }
      copy = null
      try {
        listener(message)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  clear(): void {
    for (const subscriptions of this.#topics.values()) subscriptions.clear()
    this.#topics.clear()
    this.#count = 0
  }
}
