// The console as an MCP client of the modern era (2026-07-28, Streamable HTTP) over our own gateway: its calls pass the
// same doors as those of everybody else.
import { refusalOf, send } from './api.ts'
import { readEvents } from './event-stream.ts'
import {
  CallError,
  FLIGHT_KEY,
  flightOf,
  problemOfError,
  progressOf,
  toolsOf,
  troubleOf,
  type Flight,
  type McpTool,
  type Progress,
  type ServerTrouble,
} from './mcp-answer.ts'
import { endpointPath, headerValue, isRecord, parameterHeaders, PROTOCOL_VERSION, requestBody, type Fields } from './mcp-request.ts'
import { ProblemError } from './problem.ts'

const TROUBLE_KEY = 'dev.sallyport/servers'
const PAGES_MAX = 20

export interface Endpoint {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly kind: 'profile' | 'deployment'
  readonly status: string
}

export interface ToolListing {
  readonly tools: readonly McpTool[]
  readonly trouble: readonly ServerTrouble[]
}

/** What came back from a call: the result, and the whole JSON-RPC message it stood in. */
export interface Called {
  readonly result: Fields
  readonly message: unknown
  readonly flight: Flight | null
}

/** The profiles and deployments that this person may use. */
export async function fetchEndpoints(signal?: AbortSignal): Promise<readonly Endpoint[]> {
  const { servers } = (await view('/mcp', signal)) as { readonly servers?: readonly Endpoint[] }
  return servers ?? []
}

/** The tools of an endpoint, and which of its servers could not say theirs. */
export async function fetchTools(endpoint: string | null, signal?: AbortSignal): Promise<ToolListing> {
  if (endpoint !== null) {
    const { tools, unavailable } = await view(endpointPath(endpoint), signal)
    return { tools: toolsOf(tools), trouble: troubleOf(unavailable) }
  }
  const tools: McpTool[] = []
  const trouble: ServerTrouble[] = []
  let cursor: unknown
  for (let page = 0; page < PAGES_MAX; page++) {
    const { result } = await request({ endpoint, method: 'tools/list', params: cursor === undefined ? {} : { cursor }, signal })
    tools.push(...toolsOf(result['tools']))
    trouble.push(...troubleOf(isRecord(result['_meta']) ? result['_meta'][TROUBLE_KEY] : []))
    cursor = result['nextCursor']
    if (typeof cursor !== 'string') break
  }
  return { tools, trouble }
}

export interface ToolCall {
  readonly endpoint: string | null
  readonly tool: McpTool
  readonly args: Fields
}

/** Calls a tool. Aborting cancels the call at the server too. Rejects with a `CallError` when there is no result. */
export async function callTool(
  { endpoint, tool, args }: ToolCall,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void } = {},
): Promise<Called> {
  const called = await request({
    endpoint,
    method: 'tools/call',
    params: { name: tool.name, arguments: args },
    headers: { 'mcp-name': headerValue(tool.name), ...parameterHeaders(tool.inputSchema, args) },
    signal,
    onProgress,
  })
  const { resultType } = called.result
  if (resultType !== undefined && resultType !== 'complete') throw unfinished(called)
  return called
}

interface Asked {
  readonly endpoint: string | null
  readonly method: string
  readonly params: Fields
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

async function request({ endpoint, method, params, headers = {}, signal, onProgress }: Asked): Promise<Called> {
  const extra = { [FLIGHT_KEY]: true, ...(onProgress === undefined ? {} : { progressToken: 'console' }) }
  const answer = await send(endpointPath(endpoint), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': PROTOCOL_VERSION,
      'mcp-method': method,
      ...headers,
    },
    body: JSON.stringify(requestBody(method, params, extra)),
    ...(signal === undefined ? {} : { signal }),
  })
  const flightId = answer.headers.get('sallyport-flight')
  const known = flightId === null ? null : { id: flightId }
  const message = await messageOf(answer, onProgress, signal).catch((error: unknown) => {
    throw known === null ? error : withFlight(error, known, signal?.aborted === true)
  })
  const { result, error } = isRecord(message) ? message : {}
  if (isRecord(result)) return { result, message, flight: flightOf(result) ?? known }
  throw new CallError(problemOfError(error, answer.status), message, known)
}

/** A call that broke off after its answer began still has its flight record. */
function withFlight(error: unknown, flight: Flight, isCancelled: boolean): unknown {
  if (error instanceof ProblemError) return new CallError(error.problem, null, flight)
  if (!isCancelled) return error
  const problem = { type: 'about:cancelled', title: 'Cancelled', status: 0, detail: 'You cancelled this call.' }
  return new CallError(problem, null, flight)
}

/** The response among the messages of an answer; progress before it is told as it comes. */
async function messageOf(answer: Response, onProgress: Asked['onProgress'], signal: AbortSignal | undefined): Promise<unknown> {
  const type = answer.headers.get('content-type') ?? ''
  if (!type.startsWith('text/event-stream')) {
    // Only a JSON-RPC error is an answer to this request; anything else refuses it, or ends the session.
    if (!type.startsWith('application/json')) throw await refusalOf(answer)
    return answer.json()
  }
  try {
    for await (const { data } of readEvents(answer)) {
      const message: unknown = JSON.parse(data)
      if (!isRecord(message)) continue
      if (message['id'] !== undefined) return message
      if (message['method'] === 'notifications/progress') onProgress?.(progressOf(message['params']))
    }
  } catch (error) {
    if (signal?.aborted === true || error instanceof SyntaxError) throw error
  }
  throw new ProblemError({
    type: 'about:broken-stream',
    title: 'The answer broke off',
    status: 0,
    detail: 'The connection was cut before the result came. The tool may have done its work.',
    remedy: 'Look into Activity before you run it again.',
  })
}

function unfinished({ message, flight }: Called): CallError {
  const problem = {
    type: 'about:input-required',
    title: 'The tool asks for something that the playground cannot answer',
    status: 200,
    detail: 'It wants input from a person or a model before it goes on.',
    remedy: 'Call it from an MCP client that can ask you.',
  }
  return new CallError(problem, message, flight)
}

async function view(path: string, signal: AbortSignal | undefined): Promise<Fields> {
  const answer = await send(path, { headers: { accept: 'application/json' }, ...(signal === undefined ? {} : { signal }) })
  if (!answer.ok) throw await refusalOf(answer)
  const body: unknown = await answer.json()
  return isRecord(body) ? body : {}
}
