import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createEventStore } from './event-store.ts'

describe('the event store', () => {
  it('gives what followed an event, in order, and says when nothing more comes', async () => {
    const store = createEventStore()
    for (const seq of [1, 2, 3]) store.append('s', seq, `event ${seq}`)
    expect(await store.read('s', 1)).toEqual({ events: [{ seq: 2, data: 'event 2' }, { seq: 3, data: 'event 3' }], isFinished: false }) // prettier-ignore
    store.finish('s')
    expect(await store.read('s', 3)).toEqual({ events: [], isFinished: true })
  })

  it('knows nothing of other streams', async () => {
    const store = createEventStore()
    store.append('mine', 1, 'x')
    expect(await store.read('yours', 0)).toBeNull()
  })

  it('drops the oldest events of a stream that grows too long, and says that something is gone', async () => {
    const store = createEventStore()
    for (let seq = 1; seq <= LIMITS.eventStoreEventsMax + 2; seq++) store.append('s', seq, 'x')
    expect(await store.read('s', 1)).toBeNull()
    expect((await store.read('s', 2))?.events).toHaveLength(LIMITS.eventStoreEventsMax)
  })

  it('drops by bytes too, even a single event that is too large', async () => {
    const store = createEventStore()
    store.append('s', 1, 'x'.repeat(LIMITS.eventStoreStreamBytesMax + 1))
    expect(await store.read('s', 0)).toBeNull()
    expect(await store.read('s', 1)).toEqual({ events: [], isFinished: false })
  })
})
