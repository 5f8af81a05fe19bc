import { describe, expect, it } from 'vitest'
import { errorLine, headersOfMessage, isMissingHeader, learnTools, readBridgeMessage, type AnnotatedTools } from './bridge-message.ts'

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
const read = (message: object) => readBridgeMessage(JSON.stringify({ jsonrpc: '2.0', ...message }))!

describe('a message on its way to HTTP', () => {
  it('is told apart by its members', () => {
    expect(
      [read({ id: 1, method: 'ping' }), read({ method: 'n' }), read({ id: 'a', result: {} })].map(({ kind, id }) => [kind, id]),
    ).toEqual([
      ['request', 1],
      ['notification', null],
      ['response', 'a'],
    ])
    for (const text of ['', '[]', '1', 'null', '{', '[{"jsonrpc":"2.0"}]']) expect(readBridgeMessage(text)).toBeUndefined()
  })

  it('gets the headers of its era from its body', () => {
    const tools: AnnotatedTools = new Map()
    expect(headersOfMessage(read({ id: 1, method: 'tools/call', params: { name: 'a' } }), tools)).toEqual({})
    expect(headersOfMessage(read({ method: 'notifications/x', params: { _meta: META } }), tools)).toEqual({
      'mcp-protocol-version': '2026-07-28',
    })
    const call = read({ id: 1, method: 'tools/call', params: { name: 'grün', arguments: { to: 'x y' }, _meta: META } })
    const basic = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': '=?base64?Z3LDvG4=?=' }
    expect(headersOfMessage(call, tools)).toEqual(basic)
    const listed = [{ name: 'grün', inputSchema: { properties: { to: { type: 'string', 'x-mcp-header': 'To' } } } }, { name: 'plain' }]
    expect(learnTools(JSON.stringify({ result: { tools: listed, nextCursor: '2' } }), tools)).toBe('2')
    expect([...tools.keys()]).toEqual(['grün'])
    expect(headersOfMessage(call, tools)).toEqual({ ...basic, 'mcp-param-To': 'x y' })
    learnTools(JSON.stringify({ result: { tools: [{ name: 'grün' }] } }), tools)
    expect(tools.size).toBe(0)
  })

  it('is refused in words of JSON-RPC, whatever HTTP said', () => {
    const problem = { type: 'https://sallyport.dev/problems/unauthenticated', title: 'T', status: 401, detail: 'D', remedy: 'R' }
    const both = JSON.stringify({ ...problem, jsonrpc: '2.0', id: null, error: { code: 4010, message: 'T: D' } })
    expect(JSON.parse(errorLine(7, 401, both))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: 4010, message: 'T: D', data: { problem } },
    })
    expect(JSON.parse(errorLine(7, 400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"m"}}'))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32020, message: 'm' },
    })
    expect(JSON.parse(errorLine(7, 401, JSON.stringify(problem)))).toMatchObject({ id: 7, error: { code: 4010, message: 'T: D' } })
    expect(JSON.parse(errorLine('a', 502, '<html>'))).toMatchObject({ id: 'a', error: { code: 5020, message: 'HTTP status 502' } })
  })

  it('knows the one refusal that it can mend', () => {
    const refusal = (code: number, message: string): string => JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } })
    expect(isMissingHeader(refusal(-32020, 'The header Mcp-Param-To is missing.'))).toBe(true)
    expect(isMissingHeader(refusal(-32020, 'The header Mcp-Name differs.'))).toBe(false)
    expect(isMissingHeader(refusal(-32602, 'Mcp-Param-To -32020'))).toBe(false)
  })
})
