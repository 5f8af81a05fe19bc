import { LIMITS, Problem } from '#std/index.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type PubSubListener = (message: Json) => void

/**
 * Messages to every process that listens now: at most once, in the order in which one publisher sent them, never back
 * in time. Whoever must not miss anything reads the database as well.
 */
export interface PubSub {
  /**
   * Resolves when the message has been handed over, not when somebody has seen it. Rejects with `overloaded` when it is
   * larger than `pubSubMessageBytesMax`, and with `store-unavailable` when what carries it is away.
   */
  publish(topic: string, message: Json): Promise<void>
  /**
   * Resolves when messages will be seen, to the way to stop. A listener that throws hurts no other one. Goes on by itself
   * after the connection was lost; what was published meanwhile is not seen. Rejects with `store-unavailable` when what
   * carries messages is away, and with `overloaded` when there are `pubSubSubscriptionsMax` subscriptions.
   */
  subscribe(topic: string, listener: PubSubListener): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** A message as it travels. Throws `overloaded` when it is too large. */
export function messageText(message: Json): string {
  const text = JSON.stringify(message)
  const bytes = Buffer.byteLength(text)
  if (bytes <= LIMITS.pubSubMessageBytesMax) return text
  throw new Problem('overloaded', `A message of ${bytes} bytes is too large: ${LIMITS.pubSubMessageBytesMax} (pubSubMessageBytesMax).`)
}
