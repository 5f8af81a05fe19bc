import { describe, expect, it } from 'vitest'
import { classify } from './classify.ts'
import { readMessage } from './message.ts'
import { META } from './meta.ts'

const envelope = { [META.protocolVersion]: '2026-07-28', [META.clientCapabilities]: {} }
const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' }
const request = (params: Record<string, unknown>, method = 'tools/call') => readMessage({ jsonrpc: '2.0', id: 1, method, params })
const call = request({ name: 'echo', _meta: envelope })

describe('the era of a message', () => {
  it('is what the body says', () => {
    expect(classify(call, headers, false)).toMatchObject({ era: 'modern', envelope: { version: '2026-07-28' } })
    expect(classify(request({}, 'initialize'), {}, false).era).toBe('legacy')
    expect(classify(request({ name: 'echo' }), { 'mcp-protocol-version': '2025-06-18' }, false).era).toBe('legacy')
  })

  it.each([
    ['another method', { ...headers, 'mcp-method': 'tools/list' }],
    ['another name', { ...headers, 'mcp-name': 'delete' }],
    ['another version', { ...headers, 'mcp-protocol-version': '2025-11-25' }],
    ['no method', { 'mcp-protocol-version': '2026-07-28', 'mcp-name': 'echo' }],
    ['a name in another case', { ...headers, 'mcp-name': 'Echo' }],
    ['a name sent twice', { ...headers, 'mcp-name': 'echo, echo' }],
    ['a broken encoding', { ...headers, 'mcp-name': '=?base64?!!?=' }],
  ])('refuses headers with %s', (_, bag) => {
    expect(() => classify(call, bag, false)).toThrow(expect.objectContaining({ type: 'header-mismatch' }) as Error)
    expect(classify(call, bag, true).era).toBe('modern')
  })

  it('compares encoded names decoded', () => {
    const named = request({ name: 'grüße', _meta: envelope })
    const encoded = `=?base64?${Buffer.from('grüße').toString('base64')}?=`
    expect(classify(named, { ...headers, 'mcp-name': encoded }, false).era).toBe('modern')
  })

  it('refuses an unknown version with those it knows', () => {
    const unknown = request({ name: 'echo', _meta: { ...envelope, [META.protocolVersion]: '1999-01-01' } })
    expect(() => classify(unknown, { ...headers, 'mcp-protocol-version': '1999-01-01' }, false)).toThrow(
      expect.objectContaining({ type: 'unsupported-version', rpcData: { supported: ['2026-07-28'], requested: '1999-01-01' } }) as Error,
    )
  })

  it('refuses an envelope without capabilities', () => {
    const bare = request({ name: 'echo', _meta: { [META.protocolVersion]: '2026-07-28' } })
    expect(() => classify(bare, headers, false)).toThrow(expect.objectContaining({ type: 'invalid-params' }) as Error)
  })

  it('never falls back to legacy for a modern header', () => {
    expect(() => classify(request({ name: 'echo' }), headers, false)).toThrow(expect.objectContaining({ type: 'invalid-params' }) as Error)
    expect(() => classify(request({}, 'initialize'), headers, false)).toThrow(expect.objectContaining({ type: 'header-mismatch' }) as Error)
  })
})
