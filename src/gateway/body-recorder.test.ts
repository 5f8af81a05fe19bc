import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { type BodyRecorderOptions, createBodyRecorder, type RecordedBodies } from './body-recorder.ts'
import type { ReceivedCall } from './call.ts'
import { METHODS } from './methods.ts'

/** A call as far as it matters here. */
const call = (id: string, given: unknown, change: object = {}): ReceivedCall =>
  ({
    id,
    startedAtMs: 5,
    deployment: 'docs',
    inbound: { body: Buffer.from(JSON.stringify(given)) },
    endpoint: { tenant: 'default' },
    message: { kind: 'request', id: 1, method: 'tools/call', params: { name: 'search', arguments: given } },
    row: METHODS['tools/call'],
    authorization: { rule: 'grant' },
    ...change,
  }) as unknown as ReceivedCall
const answer = (result: unknown): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))

function open(change: Partial<BodyRecorderOptions> = {}) {
  const stored: RecordedBodies[] = []
  const failures: unknown[] = []
  const state = { dropped: 0 }
  const recorder = createBodyRecorder({
    store: async (batch) => void stored.push(...batch),
    secretsOf: () => ['correct-horse'],
    onDropped: (count) => void (state.dropped += count),
    onError: (error) => void failures.push(error),
    ...change,
  })
  return { recorder, stored, failures, state }
}

describe('a body recorder', () => {
  it('keeps arguments and result without secrets, and nothing before its turn', async () => {
    const { recorder, stored } = open()
    recorder.keep(call('evt_1', { query: 'x', password: 'hunter2' }), answer({ content: [{ type: 'text', text: 'correct-horse said' }] }))
    expect(stored).toEqual([])
    await recorder.close()
    expect(stored).toEqual([
      {
        id: 'evt_1',
        tenant: 'default',
        atMs: 5,
        deployment: 'docs',
        arguments: { text: '{"query":"x","password":"[redacted: secret]"}', isCut: false },
        result: { text: '{"content":[{"type":"text","text":"[redacted: secret] said"}]}', isCut: false },
        redactions: 2,
      },
    ])
  })

  it('keeps an error in place of a result, and arguments alone where no answer came', async () => {
    const { recorder, stored } = open()
    recorder.keep(call('evt_1', {}), '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}')
    recorder.keep(call('evt_2', {}), null)
    recorder.keep(call('evt_3', null, { message: { params: {} }, inbound: { body: Buffer.alloc(0) } }), '')
    await recorder.close()
    expect(stored.map(({ arguments: given, result }) => [given?.text, result?.text])).toEqual([
      ['{}', '{"code":-1,"message":"no"}'],
      ['{}', undefined],
      [undefined, undefined],
    ])
  })

  it.each([
    ['another method', { row: METHODS['tools/list'] }],
    ['a call that was not authorised', { authorization: null }],
    ['no method at all', { row: null }],
  ])('passes over %s', async (_, change) => {
    const { recorder, stored } = open()
    recorder.keep(call('evt_1', {}, change), answer({}))
    await recorder.close()
    expect(stored).toEqual([])
  })

  it('only notes the size of what is too large to be looked into', async () => {
    const { recorder, stored } = open()
    recorder.keep(call('evt_1', 'x'.repeat(LIMITS.callBodyReadBytesMax)), answer('y'.repeat(2 * LIMITS.callBodyReadBytesMax)))
    await recorder.close()
    expect(stored[0]).toMatchObject({
      arguments: { text: '"[cut: 1048578 bytes]"', isCut: true },
      result: { text: expect.stringMatching(/^"\[cut: 20971\d\d bytes\]"$/) as string, isCut: true },
    })
  })

  it('drops and counts what comes while its queue is full, in number or in bytes', async () => {
    const { recorder, stored, state } = open()
    for (let i = 0; i < LIMITS.callBodyQueueMax + 3; i++) recorder.keep(call(`evt_${i}`, {}), null)
    expect(state.dropped).toBe(3)
    await recorder.close()
    expect(stored).toHaveLength(LIMITS.callBodyQueueMax)

    const other = open()
    const large = Buffer.alloc(LIMITS.callBodyQueueBytesMax / 2, ' ')
    for (let i = 0; i < 3; i++) other.recorder.keep(call(`evt_${i}`, {}), large)
    expect(other.state.dropped).toBe(2)
    await other.recorder.close()
    expect(other.stored).toHaveLength(1)
  })

  it('waits with the next batch until the last one is stored, and has room again then', async () => {
    const batches: number[] = []
    let release = (): void => {}
    const first = Promise.withResolvers<void>()
    const { recorder, state } = open({
      store: (batch) => {
        batches.push(batch.length)
        first.resolve()
        return batches.length > 1 ? Promise.resolve() : new Promise((resolve) => (release = resolve))
      },
    })
    for (let i = 0; i < LIMITS.callBodyBatchMax + 1; i++) recorder.keep(call(`evt_${i}`, {}), null)
    await first.promise
    for (let i = 0; i < LIMITS.callBodyQueueMax - 1; i++) recorder.keep(call(`more_${i}`, {}), null)
    recorder.keep(call('too_many', {}), null)
    expect([batches, state.dropped]).toEqual([[LIMITS.callBodyBatchMax], 1])
    release()
    await recorder.close()
    expect(batches.reduce((sum, count) => sum + count)).toBe(LIMITS.callBodyBatchMax + LIMITS.callBodyQueueMax)
  })

  it('counts a batch that could not be stored, says why, and goes on', async () => {
    let tries = 0
    const { recorder, failures, state } = open({ store: () => (++tries === 1 ? Promise.reject(new Error('away')) : Promise.resolve()) })
    for (let i = 0; i < LIMITS.callBodyBatchMax + 1; i++) recorder.keep(call(`evt_${i}`, {}), null)
    await recorder.close()
    expect([tries, state.dropped, failures]).toEqual([2, LIMITS.callBodyBatchMax, [new Error('away')]])
    recorder.keep(call('late', {}), null)
    await recorder.close()
    expect(tries).toBe(2)
  })
})
