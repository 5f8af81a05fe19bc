// What goes over the wire in the benchmark: requests of about 300 to 450 bytes, answers of 1.5 kB.
export const MODERN_VERSION = '2026-07-28'
export const LEGACY_VERSION = '2025-11-25'
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const

/** About 1,400 characters of what tools answer: JSON in a text, so that every quote is escaped on the wire. */
export const ANSWER_TEXT = JSON.stringify({
  order: 'SO-2026-118842',
  state: 'in transit',
  parcel: { carrier: 'North Sea Cargo', station: 'Bremen', note: 'Left the sorting hall at 04:12 and is due before noon.' },
  lines: Array.from({ length: 11 }, (_, index) => ({
    article: `ART-${4100 + index * 37}`,
    title: 'Bolt, hexagonal, stainless, M8 × 40',
    pieces: 12 * (index + 1),
    store: `aisle ${index + 3}, shelf B`,
  })),
})

const ENVELOPE = {
  [META.version]: MODERN_VERSION,
  [META.capabilities]: {},
  [META.clientInfo]: { name: 'bench', version: '1.0.0' },
}

/** A modern request and the headers that belong to it. */
export function modernRequest(
  method: string,
  params: Readonly<Record<string, unknown>>,
): { headers: Record<string, string>; body: string } {
  const name = params['name']
  return {
    headers: { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 4711, method, params: { ...params, _meta: ENVELOPE } }),
  }
}

/** `tools/call` of `tool` with an argument or two. */
export const callRequest = (tool: string): { headers: Record<string, string>; body: string } =>
  modernRequest('tools/call', {
    name: tool,
    arguments: { order: 'SO-2026-118842', detail: 'lines and parcel, in the language of the customer' },
  })
