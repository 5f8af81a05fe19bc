export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type PubSubListener = (message: Json) => void

/**
 * Messages to every process that listens now: at most once, in the order in which one publisher sent them, never back
 * in time. Whoever must not miss anything reads the database as well.
 */
export interface PubSub {
  /** Resolves when the message has been handed over, not when somebody has seen it. */
  publish(topic: string, message: Json): Promise<void>
  /** Resolves when messages will be seen, to the way to stop. A listener that throws hurts no other one. */
  subscribe(topic: string, listener: PubSubListener): Promise<() => Promise<void>>
  close(): Promise<void>
}
