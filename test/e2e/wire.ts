// MCP as it is on the wire: what a person would type into curl. No SDK, so that nothing is smoothed over.
export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'

let lastId = 0

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: Record<string, unknown>
}

export interface RpcMessage {
  readonly jsonrpc: '2.0'
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: RpcError
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The response to the request; of an event stream the first message that is one. Undefined when there was none. */
  readonly message: RpcMessage | undefined
}

export interface WireOptions {
  readonly key?: string | undefined
  readonly session?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const bearer = (key: string | undefined) => (key === undefined ? {} : { authorization: `Bearer ${key}` })
const BASIC = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** Headers and body of a 2026-07-28 request as the specification wants them. */
export function modernRequest(method: string, params: Record<string, unknown> = {}, capabilities: object = {}) {
  const name = params['name'] ?? params['uri']
  const _meta = {
    ...(params['_meta'] as object | undefined),
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1.0.0' },
  }
  return {
    headers: {
      ...BASIC,
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    } as Record<string, string>,
    message: { jsonrpc: '2.0' as const, id: ++lastId, method, params: { ...params, _meta } },
  }
}

/** Sends one 2026-07-28 request and reads its answer to the end. */
export async function callModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: WireOptions = {},
): Promise<WireAnswer> {
  const { headers, message } = modernRequest(method, params)
  return post(url, JSON.stringify(message), { ...options, headers: { ...headers, ...options.headers } })
}

/** Sends one request of a 2025 session and reads its answer to the end. */
export async function callLegacy(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: WireOptions = {},
): Promise<WireAnswer> {
  const version = method === 'initialize' ? {} : { 'mcp-protocol-version': LEGACY }
  const message = { jsonrpc: '2.0', id: ++lastId, method, params }
  return post(url, JSON.stringify(message), { ...options, headers: { ...version, ...options.headers } })
}

/** The 2025 handshake. Returns the session id, which is empty when the server gave none. */
export async function openSession(url: string, options: WireOptions = {}, clientName = 'wire'): Promise<string> {
  const clientInfo = { name: clientName, version: '1.0.0' }
  const answer = await callLegacy(url, 'initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo }, options)
  if (answer.message?.result === undefined) throw new Error(`initialize was answered with ${String(answer.status)}: ${answer.text}`)
  const session = answer.headers.get('mcp-session-id') ?? ''
  const headers = { 'mcp-protocol-version': LEGACY }
  await post(url, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), { ...options, session, headers })
  return session
}

/** POSTs bytes with the usual headers; an entry of `headers` replaces one of them, an empty value leaves it out. */
export async function post(url: string, body: string | Uint8Array<ArrayBuffer>, options: WireOptions = {}): Promise<WireAnswer> {
  const response = await send(url, body, options)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, message: answerIn(text) }
}

/** Like `post`, but leaves the body of the answer to be read as it comes. */
export function send(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  { key, session, headers = {}, signal }: WireOptions = {},
): Promise<Response> {
  const all = { ...BASIC, ...bearer(key), ...(session === undefined || session === '' ? {} : { 'mcp-session-id': session }), ...headers }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  return fetch(url, { method: 'POST', headers: given, body, redirect: 'manual', ...(signal === undefined ? {} : { signal }) })
}

/** Opens the GET stream of a 2025 session. */
export function listen(url: string, { key, session = '', signal }: WireOptions): Promise<Response> {
  const headers = { accept: 'text/event-stream', 'mcp-protocol-version': LEGACY, 'mcp-session-id': session, ...bearer(key) }
  return fetch(url, { headers, ...(signal === undefined ? {} : { signal }) })
}

function answerIn(text: string): RpcMessage | undefined {
  const messages = text.startsWith('{') ? [text] : text.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []))
  return messages.map(parseMessage).find((message) => message !== undefined && message.method === undefined)
}

function parseMessage(text: string): RpcMessage | undefined {
  try {
    const value = JSON.parse(text) as RpcMessage
    return value.jsonrpc === '2.0' ? value : undefined
  } catch {
    return undefined
  }
}

/** The messages of an event stream, one by one as they arrive. */
export async function* readEvents(response: Response): AsyncGenerator<RpcMessage> {
  if (response.body === null) return
  let rest = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split(/\r?\n\r?\n/)
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = event.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []))
      const message = parseMessage(data.join('\n'))
      if (message !== undefined) yield message
    }
  }
}

/** What a refusal says, whichever form it has: a JSON-RPC error that holds the problem, or a problem document (RFC 9457). */
export function refusalOf(answer: WireAnswer): { readonly type: string; readonly detail: string; readonly code: number | undefined } {
  const error = answer.message?.error
  const document = (error?.data?.['problem'] ?? safeParse(answer.text)) as { type?: string; detail?: string } | undefined
  return { type: document?.type?.split('/').at(-1) ?? '', detail: document?.detail ?? error?.message ?? '', code: error?.code }
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The text blocks of a tool result, joined. */
export function textOf(result: Record<string, unknown> | undefined): string {
  const content = (result?.['content'] ?? []) as readonly { readonly type: string; readonly text?: string }[]
  return content.flatMap((block) => block.text ?? []).join('\n')
}

export const toolNames = (result: Record<string, unknown> | undefined): string[] =>
  ((result?.['tools'] ?? []) as readonly { readonly name: string }[]).map((entry) => entry.name)
