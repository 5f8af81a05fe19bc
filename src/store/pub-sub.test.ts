import { describe, expect, it } from 'vitest'
import { createMemoryPubSub } from './memory-pub-sub.ts'
import type { Json, PubSub } from './pub-sub.ts'

/** Every adapter; `onError` is told what listeners throw. */
const adapters: readonly { readonly name: string; readonly open: (onError?: (error: unknown) => void) => Promise<PubSub> }[] = [
  { name: 'memory', open: async (onError) => createMemoryPubSub(onError === undefined ? {} : { onError }) },
]

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

describe.each(adapters)('the publish-subscribe port over $name', ({ open }) => {
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
})
