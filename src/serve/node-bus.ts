import type { BusMessage, GatewayBus } from '#gateway/index.ts'
import { newSecret } from '#std/index.ts'
import type { Json, PubSub } from '#store/index.ts'

const TOPIC = 'gateway'

export interface NodeBus extends GatewayBus {
  /** Gives the data planes here what another of them has said. */
  hear(message: BusMessage): void
}

export interface NodeBusOptions {
  readonly pubSub: PubSub
  readonly onError: (error: unknown) => void
}

/**
 * Carries what data planes tell each other between the nodes of an installation. At most once: what is lost while Redis is
 * away costs a cancellation or an answer in time, and never lets through what is refused.
 */
export async function openNodeBus({ pubSub, onError }: NodeBusOptions): Promise<NodeBus> {
  // Two processes may share a name; this tells ours apart, so that it does not hear itself.
  const self = newSecret().slice(0, 16)
  const hearers = new Set<(message: BusMessage) => void>()
  const hear = (message: BusMessage): void => hearers.forEach((listener) => listener(message))
  await pubSub.subscribe(TOPIC, (said) => {
    const { from, message } = (said ?? {}) as { from?: unknown; message?: BusMessage }
    if (from !== self && message !== undefined) hear(message)
  })
  return {
    publish: (message) => void pubSub.publish(TOPIC, { from: self, message: message as unknown as Json }).catch(onError),
    subscribe: (listener) => void hearers.add(listener),
    hear,
  }
}
