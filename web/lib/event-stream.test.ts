import { describe, expect, it, vi } from 'vitest'

vi.mock('virtual:api-routes', () => ({ API_ROUTES: {} }))
vi.stubGlobal('window', { addEventListener: () => {} })
const { readEvents } = await import('./event-stream.ts')

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** An answer whose body arrives in these pieces. */
function answerOf(pieces: readonly (string | Uint8Array)[]): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(typeof piece === 'string' ? bytes(piece) : piece)
        controller.close()
      },
    }),
  )
}

async function eventsOf(...pieces: readonly (string | Uint8Array)[]) {
  const events = []
  for await (const event of readEvents(answerOf(pieces))) events.push(event)
  return events
}

const WHOLE = 'event: activity\nid: 7\ndata: {"a":1}\n\n'
const EVENT = { event: 'activity', id: '7', data: '{"a":1}' }

describe('a stream of events', () => {
  it('is read whole', async () => {
    expect(await eventsOf(WHOLE + WHOLE)).toEqual([EVENT, EVENT])
  })

  it.each(['\n', '\r\n', '\r'])('ends lines with %j', async (end) => {
    expect(await eventsOf(WHOLE.replaceAll('\n', end) + ':\n')).toEqual([EVENT])
  })

  it.each(['\n', '\r\n'])('may be cut anywhere, with lines ending in %j', async (end) => {
    const text = (WHOLE + WHOLE).replaceAll('\n', end)
    for (let at = 1; at < text.length; at++) expect(await eventsOf(text.slice(0, at), text.slice(at))).toEqual([EVENT, EVENT])
    expect(await eventsOf(...text.split(''))).toEqual([EVENT, EVENT])
  })

  it('may be cut inside a letter', async () => {
    const data = bytes('data: Grüße 👩‍🚀\n\n')
    for (let at = 1; at < data.length; at++) {
      expect((await eventsOf(data.slice(0, at), data.slice(at))).map((event) => event.data)).toEqual(['Grüße 👩‍🚀'])
    }
  })

  it('joins lines of data, and passes over comments and fields it does not know', async () => {
    expect(await eventsOf(': ping\nretry: 5\nfoo\ndata: a\ndata:b\ndata\n\n')).toEqual([{ event: 'message', id: '', data: 'a\nb\n' }])
  })

  it('takes one space away, not two', async () => {
    expect((await eventsOf('data:  a: b\n\n'))[0]!.data).toBe(' a: b')
  })

  it('gives nothing for an event without data, nor for one that was cut off', async () => {
    expect(await eventsOf('event: x\n\ndata: half\n')).toEqual([])
  })

  it('keeps the identifier and forgets the name', async () => {
    expect(await eventsOf('event: a\nid: 1\ndata: x\n\ndata: y\n\n')).toEqual([
      { event: 'a', id: '1', data: 'x' },
      { event: 'message', id: '1', data: 'y' },
    ])
  })

  it('ends when what never ends a line grows too large', async () => {
    const piece = 'x'.repeat(1024 * 1024)
    await expect(eventsOf('data: ', ...Array.from({ length: 17 }, () => piece))).rejects.toThrow('too large')
  })

  it('ends when lines of one event grow too large together', async () => {
    const line = `data: ${'x'.repeat(1024 * 1024)}\n`
    await expect(eventsOf(...Array.from({ length: 17 }, () => line))).rejects.toThrow('too large')
  })

  it('lets go of the connection when nobody reads on', async () => {
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes(WHOLE)),
      cancel: () => void (isCancelled = true),
    })
    for await (const event of readEvents(new Response(body))) {
      expect(event).toEqual(EVENT)
      break
    }
    expect(isCancelled).toBe(true)
  })
})
