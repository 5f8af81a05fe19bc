// Requests that a server on the open network gets sooner or later, and what the specification has it answer.
import type { ProblemType } from '#std/index.ts'
import { MODERN, modernRequest } from './wire.ts'

export interface BadRequest {
  readonly body: string | Uint8Array<ArrayBuffer>
  /** Beside the usual ones; an empty value leaves a usual one out. */
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly problem: ProblemType
}

const MEGABYTE = 1024 * 1024
const legacy = (members: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', ...members })
const call = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
const malformed = { status: 400, problem: 'malformed-json' } as const
const invalid = { status: 400, problem: 'invalid-request' } as const
const mismatch = { status: 400, problem: 'header-mismatch' } as const

/** A modern request with one thing changed. */
function modern(
  method: string,
  params: Record<string, unknown>,
  change: (headers: Record<string, string>, meta: Record<string, unknown>) => void,
) {
  const { headers, message } = modernRequest(method, params)
  change(headers, message.params._meta)
  return { headers, body: JSON.stringify(message) }
}
const without = (name: string) => (headers: Record<string, string>) => {
  // An empty value leaves the header out.
  headers[name] = ''
}
const replacing = (name: string, value: string) => (headers: Record<string, string>) => {
  headers[name] = value
}

export const BAD_BODIES: Readonly<Record<string, BadRequest>> = {
  'no body': { body: '', ...malformed },
  'half a message': { body: '{"jsonrpc":"2.0","id":1,', ...malformed },
  'two messages': { body: `${legacy({})}${legacy({})}`, ...malformed },
  'a comment in JSON': { body: '/* hello */ {}', ...malformed },
  NaN: { body: call('{"name":NaN}'), ...malformed },
  'bytes that are not UTF-8': {
    body: Buffer.from([...Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), 0xc3, 0x28, ...Buffer.from('"}')]),
    ...malformed,
  },
  'a batch': { body: `[${legacy({})},${legacy({ id: 2 })}]`, ...invalid },
  'an empty batch': { body: '[]', ...invalid },
  'a bare string': { body: '"tools/list"', ...invalid },
  null: { body: 'null', ...invalid },
  'another JSON-RPC': { body: legacy({ jsonrpc: '1.0' }), ...invalid },
  'an object as id': { body: legacy({ id: {} }), ...invalid },
  'null as id': { body: legacy({ id: null }), ...invalid },
  'a number as method': { body: legacy({ method: 7 }), ...invalid },
  'request and response at once': { body: legacy({ result: {} }), ...invalid },
  'a list as params': { body: legacy({ params: [] }), status: 400, problem: 'invalid-params' },
  'a key twice': { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}', ...invalid },
  'a key twice, once escaped': { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","meth\\u006fd":"tools/call"}', ...invalid },
  'a key twice, deep inside': { body: call('{"name":"x","arguments":{"a":{"path":"/ok","path":"/etc"}}}'), ...invalid },
  'another case of a key': { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call"}', ...invalid },
  'another case of a parameter': { body: call('{"name":"allowed","Name":"forbidden"}'), ...invalid },
  'the key __proto__': { body: call('{"name":"x","arguments":{"__proto__":{"isAdmin":true}}}'), ...invalid },
  'the key __proto__, escaped': { body: call('{"name":"x","arguments":{"__pr\\u006fto__":{"isAdmin":true}}}'), ...invalid },
  'a bomb of depth': { body: call(`{"name":"x","arguments":${'['.repeat(500_000)}${']'.repeat(500_000)}}`), ...invalid },
  'a bomb of depth in objects': { body: call(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`), ...invalid },
  'a bomb of keys': { body: call(`{${Array.from({ length: 200_000 }, (_, key) => `"k${String(key)}":0`).join(',')}}`), ...invalid },
  'a bomb of size': { body: call(`{"name":"${'x'.repeat(5 * MEGABYTE)}"}`), status: 413, problem: 'body-too-large' },
}

export const BAD_HEADERS: Readonly<Record<string, BadRequest>> = {
  'text as content type': { body: legacy({}), headers: { 'content-type': 'text/plain' }, status: 415, problem: 'unsupported-media-type' },
  'a form as content type': {
    body: legacy({}),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    problem: 'unsupported-media-type',
  },
  'a type that only begins right': {
    body: legacy({}),
    headers: { 'content-type': 'application/json-patch+json' },
    status: 415,
    problem: 'unsupported-media-type',
  },
  'a compressed body': { body: legacy({}), headers: { 'content-encoding': 'gzip' }, status: 415, problem: 'unsupported-media-type' },
  'a client that wants HTML': { body: legacy({}), headers: { accept: 'text/html' }, status: 406, problem: 'not-acceptable' },
  'a client that wants no event stream': {
    body: legacy({}),
    headers: { accept: 'application/json' },
    status: 406,
    problem: 'not-acceptable',
  },
  'a foreign origin': { body: legacy({}), headers: { origin: 'https://evil.example.com' }, status: 403, problem: 'wrong-origin' },
  'an origin without a name': { body: legacy({}), headers: { origin: 'null' }, status: 403, problem: 'wrong-origin' },
  'a wrong key': { body: legacy({}), headers: { authorization: 'Bearer sp_wrong' }, status: 401, problem: 'unauthenticated' },
  'another scheme': { body: legacy({}), headers: { authorization: 'Basic b3duZXI6b3duZXI=' }, status: 401, problem: 'unauthenticated' },
  'no key': { body: legacy({}), headers: { authorization: '' }, status: 401, problem: 'unauthenticated' },
  'a made-up session': { body: legacy({}), headers: { 'mcp-session-id': 'made-up' }, status: 404, problem: 'unknown-session' },
  'modern body, no version header': { ...modern('tools/list', {}, without('mcp-protocol-version')), ...mismatch },
  'modern body, legacy version header': { ...modern('tools/list', {}, replacing('mcp-protocol-version', '2025-11-25')), ...mismatch },
  'modern body, no method header': { ...modern('tools/list', {}, without('mcp-method')), ...mismatch },
  'another method in the header': { ...modern('tools/list', {}, replacing('mcp-method', 'tools/call')), ...mismatch },
  'another case of the method in the header': { ...modern('tools/list', {}, replacing('mcp-method', 'TOOLS/LIST')), ...mismatch },
  'another name in the header': { ...modern('tools/call', { name: 'good__work' }, replacing('mcp-name', 'good__echo')), ...mismatch },
  'no name in the header': { ...modern('tools/call', { name: 'good__work' }, without('mcp-name')), ...mismatch },
  'a name with broken base64': { ...modern('tools/call', { name: 'Hello' }, replacing('mcp-name', '=?base64?SGVs!!!bG8=?=')), ...mismatch },
  'initialize with a modern header': { body: legacy({ method: 'initialize' }), headers: { 'mcp-protocol-version': MODERN }, ...mismatch },
  'a modern header without an envelope': {
    body: legacy({}),
    headers: { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' },
    status: 400,
    problem: 'invalid-params',
  },
  'no capabilities in the envelope': {
    ...modern('tools/list', {}, (_headers, meta) => delete meta['io.modelcontextprotocol/clientCapabilities']),
    status: 400,
    problem: 'invalid-params',
  },
  'a version that nobody knows': {
    ...modern('tools/list', {}, (headers, meta) => {
      headers['mcp-protocol-version'] = '2999-01-01'
      meta['io.modelcontextprotocol/protocolVersion'] = '2999-01-01'
    }),
    status: 400,
    problem: 'unsupported-version',
  },
  'a method that nobody knows': { ...modern('tools/destroy', {}, () => undefined), status: 404, problem: 'unknown-method' },
  'a method that was removed': { ...modern('ping', {}, () => undefined), status: 404, problem: 'unknown-method' },
  'a list as arguments': {
    ...modern('tools/call', { name: 'good__work', arguments: [] }, () => undefined),
    status: 200,
    problem: 'invalid-params',
  },
  'a tool without a name': { ...modern('tools/call', {}, () => undefined), status: 200, problem: 'invalid-params' },
}
