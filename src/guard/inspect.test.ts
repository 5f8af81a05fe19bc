import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { inspectAnswer, inspectRequestBody } from './inspect.ts'

const inspect = (text: string) => inspectAnswer(Buffer.from(text))
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe("a server's answer", () => {
  it('tells whom it answers and how it ended', () => {
    expect(inspect('{"jsonrpc":"2.0","id":"ü","result":{"content":[],"isError":true}}')).toMatchObject({
      message: { id: 'ü', result: true, error: undefined, method: undefined },
      isToolError: true,
    })
    expect(inspect('{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}')).toMatchObject({
      message: { id: 1, result: undefined, error: true },
      isToolError: false,
    })
  })

  it.each([
    ['not JSON', '{"jsonrpc":"2.0","id":1,"result":{}'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['no message', '[{"id":1,"result":{}}]'],
    ['nothing', ''],
    ['nested too deeply', `{"result":${nested(LIMITS.answerDepthMax)}}`],
  ])('is refused when it is %s', (_, text) => {
    expect(() => inspectAnswer(Buffer.from(text))).toThrow(expect.objectContaining({ type: 'upstream-failed' }) as Error)
  })

  it('is taken as deep as it may be, and is not repeated in the refusal', () => {
    expect(inspect(`{"result":${nested(LIMITS.answerDepthMax - 1)}}`).message.result).toBe(true)
    expect(() => inspect('{"password": hunter2}')).toThrow(/^(?!.*hunter2)/)
  })
})

it('a request may hold no key twice, an answer may', () => {
  const twice = '{"jsonrpc":"2.0","id":1,"id":2,"result":{}}'
  expect(inspectRequestBody(Buffer.from(twice))).toMatchObject({ ok: false, error: { reason: 'duplicate-key' } })
  expect(inspect(twice).message.id).toBe(2)
})
