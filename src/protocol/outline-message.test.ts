import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineMessage } from './outline-message.ts'

const LIMITS = { depthMax: 8, keysMax: 50 }
const WIDE = { depthMax: 1000, keysMax: 100_000 }
const outline = (text: string, limits = LIMITS) => outlineMessage(Buffer.from(text), limits)

/** What a reader of the built values sees; null where there are none. */
function parsed(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ok: true, value: null }
  const { id, method, result, error } = value as Record<string, unknown>
  const isToolError = typeof result === 'object' && result !== null && (result as Record<string, unknown>)['isError'] === true
  const there = (member: unknown): true | undefined => (member === undefined ? undefined : true)
  return { ok: true, value: { id, method, result: there(result), error: there(error), isToolError } }
}

const seen = (text: string): unknown => {
  const outlined = outline(text, WIDE)
  return outlined.ok ? outlined : null
}

describe('the outline of a message', () => {
  it('tells its members', () => {
    expect(outline('{"jsonrpc":"2.0","id":7,"result":{"content":[],"isError":true}}')).toEqual({
      ok: true,
      value: { id: 7, method: undefined, result: true, error: undefined, isToolError: true },
    })
    expect(outline(' {"method" : "notifications/progress" , "params" : {"id":1,"result":{"isError":true}} }\r\n')).toEqual({
      ok: true,
      value: { id: undefined, method: 'notifications/progress', result: undefined, error: undefined, isToolError: false },
    })
  })

  it.each([
    '{"id":1,"id":"grüße"}',
    '{"\\u0069d":1,"r\\u0065sult":{"is\\u0045rror":true}}',
    '{"id\\n":1,"result ":{},"errors":1}',
    '{"result":{"isError":true},"result":{}}',
    '{"result":{"isError":true,"isError":false}}',
    '{"result":{"isError":"true"}}',
    '{"result":{"x":{"isError":true}}}',
    '{"result":[{"isError":true}],"error":null,"id":null}',
    '{"id":12345678901234567890}',
    '{"id":-0.5e+3,"method":["x"]}',
    '{"id":0}',
    '{"id":{"a":[1,{}]}}',
    '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\uD83D","b":"\u2028\u007f"}',
    '{}',
    '[{"id":1}]',
    '"text"',
    'null',
    '-0',
    '1.5E-7',
    '',
    ' ',
    '{',
    '}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a":1}}',
    '{}{}',
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '0x1',
    '- 1',
    'NaN',
    'Infinity',
    'tru',
    'True',
    'nullx',
    'truefalse',
    '1-',
    '00',
    '-01',
    '1_0',
    '"',
    '"\\',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"a\nb"',
    '"\t"',
    '"\u0000"',
    '\ufeff{}',
    '\u00a0{}',
    '\v{}',
    '{}\u2028',
    '/**/{}',
  ])('is what JSON.parse would see of %j', (text) => {
    expect(seen(text)).toEqual(parsed(text))
  })

  const key = fc.constantFrom('id', 'result', 'error', 'isError', 'method', 'r\\u0065sult', '\\u0069d', 'x', '__proto__', 'é')
  const leaf = fc.constantFrom('true', 'false', 'null', '-1.5e3', '7', '"\\ud800"', '"x"', '[]', '{}', '[1,{"id":2}]', ' [ "a" , 0 ] ')
  const object = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.array(fc.tuple(key, value), { maxLength: 4 }).map((pairs) => `{${pairs.map(([name, text]) => `"${name}": ${text}`).join()}}`)
  const whole = object(fc.oneof(leaf, object(leaf)))
  /** A text in which something was left out, or put in, as an attacker or a broken server would. */
  const broken = fc
    .tuple(whole, fc.nat(200), fc.nat(3), fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', 'e', '-', ' ', '\n', '\u0001', 'u'))
    .map(([text, place, length, piece]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + piece + text.slice(at + length)
    })

  it('is for every text what JSON.parse would see', () => {
    fc.assert(
      fc.property(fc.oneof(whole, broken), (text) => {
        expect(seen(text)).toEqual(parsed(text))
      }),
      { numRuns: 500 },
    )
  })

  it('has bounds', () => {
    expect(outline('['.repeat(8) + ']'.repeat(8))).toMatchObject({ ok: true })
    expect(outline('['.repeat(9) + ']'.repeat(9))).toMatchObject({ ok: false, error: { reason: 'too-deep' } })
    expect(outline('{"a":'.repeat(9) + '1' + '}'.repeat(9))).toMatchObject({ ok: false, error: { reason: 'too-deep' } })
    expect(outline('['.repeat(200_000))).toMatchObject({ ok: false, error: { reason: 'too-deep' } })
    const keys = (count: number): string => `[${Array.from({ length: count }, () => '{"k":1}').join()}]`
    expect(outline(keys(50))).toMatchObject({ ok: true })
    expect(outline(keys(51))).toMatchObject({ ok: false, error: { reason: 'too-many-keys' } })
  })

  it.each([
    [0x22, 0xff, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xc0, 0xaf, 0x22],
  ])('is not taken of bytes that are not UTF-8', (...bytes) => {
    expect(outlineMessage(Buffer.from(bytes), LIMITS)).toMatchObject({ ok: false, error: { reason: 'malformed' } })
  })
})
