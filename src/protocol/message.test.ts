import { describe, expect, it } from 'vitest'
import { inspectJson } from './inspect-json.ts'
import { readMessage } from './message.ts'

const LIMITS = { depthMax: 8, keysMax: 50 }
const inspect = (text: string) => inspectJson(Buffer.from(text), LIMITS)

describe('JSON from outside', () => {
  it.each([
    ['{"a":1,"a":2}', 'duplicate-key'],
    ['{"a":{"name":1,"na\\u006de":2}}', 'duplicate-key'],
    ['{"a":[{"x":1},{"y":1,"y":1}]}', 'duplicate-key'],
    ['{"__proto__":{"admin":true}}', 'forbidden-key'],
    ['{"a":{"\\u005f_proto__":1}}', 'forbidden-key'],
    ['['.repeat(9) + ']'.repeat(9), 'too-deep'],
    ['{"a":'.repeat(9) + '1' + '}'.repeat(9), 'too-deep'],
    [`{${Array.from({ length: 51 }, (_, i) => `"k${i}":1`).join()}}`, 'too-many-keys'],
    ['{"a":1', 'malformed'],
    ['', 'malformed'],
    ['{"a":1}{"b":2}', 'malformed'],
  ])('refuses %s as %s', (text, reason) => {
    expect(inspect(text)).toMatchObject({ ok: false, error: { reason } })
  })

  it.each(['{"a":"x:\\"y\\":{","b":[1,{"c":null}]}', '{"a":"\\\\","b":":"}', '[]', '"text: with colon"', '{"a":{},"b":{"a":1}}'])(
    'takes %s',
    (text) => {
      expect(inspect(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })
    },
  )

  it.each([0, 20_000])('that decides nothing may hold a key twice, and has the same bounds, with %i more bytes', (padding) => {
    const lenient = (text: string) => inspectJson(Buffer.from(text + ' '.repeat(padding)), LIMITS, false)
    expect(lenient('{"a":1,"a":{"b":":"}}')).toEqual({ ok: true, value: { a: { b: ':' } } })
    expect(lenient('['.repeat(8) + ']'.repeat(8))).toMatchObject({ ok: true })
    expect(lenient('['.repeat(9) + ']'.repeat(9))).toMatchObject({ ok: false, error: { reason: 'too-deep' } })
    expect(lenient('{"a":'.repeat(9) + '1' + '}'.repeat(9))).toMatchObject({ ok: false, error: { reason: 'too-deep' } })
    expect(lenient(`[${Array.from({ length: 51 }, () => '{"k":1}').join()}]`)).toMatchObject({
      ok: false,
      error: { reason: 'too-many-keys' },
    })
    expect(lenient('{"a":1')).toMatchObject({ ok: false, error: { reason: 'malformed' } })
  })

  it('survives a bomb of depth', () => {
    expect(inspect('['.repeat(200_000) + ']'.repeat(200_000))).toMatchObject({ ok: false })
  })
})

describe('a JSON-RPC message', () => {
  it('is told apart by its members', () => {
    expect(readMessage({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).toEqual({
      kind: 'request',
      id: 1,
      method: 'tools/list',
      params: {},
    })
    expect(readMessage({ jsonrpc: '2.0', method: 'notifications/initialized' }).kind).toBe('notification')
    expect(readMessage({ jsonrpc: '2.0', id: 'a', result: {} }).kind).toBe('response')
  })

  it.each([
    [[{ jsonrpc: '2.0', id: 1, method: 'ping' }], 'invalid-request'],
    [null, 'invalid-request'],
    [{ id: 1, method: 'ping' }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: null, method: 'ping' }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: {}, method: 'ping' }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1 }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 5 }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', result: {} }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', Method: 'tools/list' }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', Name: 'b' } }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', ARGUMENTS: {} } }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', 'param\u017f': { name: 'b' } }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', 'argument\u017f': {} } }, 'invalid-request'],
    [{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestID: 1 } }, 'invalid-request'],
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: [] }, 'invalid-params'],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: {} }, 'invalid-request'],
  ])('refuses %j', (value, type) => {
    expect(() => readMessage(value)).toThrow(expect.objectContaining({ type }) as Error)
  })

  it('leaves the keys of arguments to the tool', () => {
    expect(
      readMessage({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', arguments: { Path: 1, path: 2 } } }).params[
        'arguments'
      ],
    ).toEqual({ Path: 1, path: 2 })
  })
})
