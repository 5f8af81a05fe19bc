import { z } from 'zod'
import { LIMITS } from '#std/index.ts'
import { parseJson, type ApiClient } from './api-client.ts'
import { EXIT, Failure, refusal } from './failure.ts'
import { parseEvents } from './http-client.ts'

const PROTOCOL_VERSION = '2026-07-28'
const FLIGHT_KEY = 'dev.sallyport/flight'
const TROUBLE_KEY = 'dev.sallyport/servers'

/** A tool as its endpoint lists it. The text comes from servers and is not to be trusted. */
const toolShape = z.looseObject({
  name: z.string(),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  inputSchema: z.record(z.string(), z.unknown()).optional().catch(undefined),
  annotations: z.record(z.string(), z.unknown()).optional().catch(undefined),
})
export type Tool = z.infer<typeof toolShape>

const flightShape = z.looseObject({
  id: z.string(),
  caller: z.string().optional(),
  rule: z.string().optional(),
  deployment: z.string().optional(),
  us: z.number().optional(),
  steps: z.array(z.looseObject({ name: z.string(), us: z.number(), note: z.string().optional() })).optional(),
})
/** The flight record that comes with an answer. */
export type Flight = z.infer<typeof flightShape>

const resultShape = z.looseObject({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
export type ToolResult = z.infer<typeof resultShape>

const invokedShape = z.object({ result: resultShape, flight: flightShape.optional() })

export interface Called {
  readonly result: ToolResult
  readonly flight: Flight | undefined
}

/** Everything the caller may use: null. Otherwise the name of a profile or deployment. */
export type EndpointName = string | null

const troubleShape = z.object({ server: z.string(), state: z.string(), cause: z.string(), remedy: z.string() })
/** A server of the endpoint whose tools are missing or old. */
export type ServerTrouble = z.infer<typeof troubleShape>

const listShape = z.looseObject({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional(),
  unavailable: z.array(troubleShape).catch([]).default([]),
  _meta: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

export interface ToolListing {
  readonly tools: readonly Tool[]
  readonly trouble: readonly ServerTrouble[]
  /** The answer as it came, for `--json`. */
  readonly raw: unknown
}

/** The tools of an endpoint, and which of its servers could not say theirs. */
export async function fetchTools(api: ApiClient, endpoint: EndpointName): Promise<ToolListing> {
  if (endpoint !== null) {
    const raw = parseJson((await api.request('GET', `/mcp/${encodeURIComponent(endpoint)}`)).text)
    const { tools, unavailable } = shaped(listShape, raw, api)
    return { tools: toolsOf(tools), trouble: unavailable, raw }
  }
  const tools: Tool[] = []
  const trouble: ServerTrouble[] = []
  let cursor: string | undefined
  for (let page = 0; page < LIMITS.listPagesMax; page++) {
    const { result } = await rpc(api, 'tools/list', cursor === undefined ? {} : { cursor }, {})
    const found = shaped(listShape, result, api)
    tools.push(...toolsOf(found.tools))
    trouble.push(...(z.array(troubleShape).safeParse(found._meta?.[TROUBLE_KEY]).data ?? []))
    cursor = found.nextCursor
    if (cursor === undefined) break
  }
  return { tools, trouble, raw: trouble.length === 0 ? { tools } : { tools, unavailable: trouble } }
}

/** A tool that is misshapen hides itself and not the others. */
const toolsOf = (listed: readonly unknown[]): Tool[] => listed.flatMap((tool) => toolShape.safeParse(tool).data ?? [])

function shaped<Schema extends z.ZodType>(schema: Schema, value: unknown, api: ApiClient): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Failure(EXIT.unreachable, `${api.server.url} does not answer like an MCP server`, { why: parsed.error.issues[0]?.message })
}

/** Calls a tool: through `invoke` at a named endpoint, as a plain MCP client at the federated one. */
export async function invokeTool(
  api: ApiClient,
  endpoint: EndpointName,
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
): Promise<Called> {
  if (endpoint !== null) {
    const answer = await api.request('POST', `/mcp/${encodeURIComponent(endpoint)}/invoke`, { body: { tool: tool.name, arguments: args } })
    const { result, flight } = shaped(invokedShape, parseJson(answer.text), api)
    return { result, flight }
  }
  const headers = { 'mcp-name': headerValue(tool.name), ...parameterHeaders(tool.inputSchema, args) }
  const { result, flightId } = await rpc(api, 'tools/call', { name: tool.name, arguments: args }, headers)
  if (result['resultType'] !== undefined && result['resultType'] !== 'complete') {
    throw refusal(
      `${tool.name} asks for something that the command line cannot answer`,
      'It wants input from a person or a model.',
      'call it from an MCP client: sallyport client connect CLIENT',
    )
  }
  const parsed = shaped(resultShape, result, api)
  return {
    result: parsed,
    flight: flightShape.safeParse(parsed._meta?.[FLIGHT_KEY]).data ?? (flightId === undefined ? undefined : { id: flightId }),
  }
}

const messageShape = z.looseObject({
  id: z.unknown(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ message: z.string(), data: z.unknown() }).optional(),
})
const problemOf = z.object({ problem: z.object({ title: z.string(), detail: z.string(), remedy: z.string().optional() }) })

/** One request of the stateless revision at `/mcp`. */
async function rpc(
  api: ApiClient,
  method: string,
  params: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Promise<{ result: Record<string, unknown>; flightId: string | undefined }> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': PROTOCOL_VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'sallyport-cli', version: '1' },
    [FLIGHT_KEY]: true,
  }
  const answer = await api.request('POST', '/mcp', {
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } },
    headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': PROTOCOL_VERSION, 'mcp-method': method, ...headers },
  })
  const message = await messageOf(answer.text, answer.contentType)
  const { result, error } = messageShape.safeParse(message).data ?? {}
  if (result !== undefined) return { result, flightId: answer.flightId }
  if (error === undefined) throw new Failure(EXIT.unreachable, `${api.server.url} does not answer like an MCP server`)
  const problem = problemOf.safeParse(error.data).data?.problem
  const remedy = problem?.remedy ?? (answer.flightId === undefined ? undefined : `sallyport activity show ${answer.flightId}`)
  throw refusal(problem?.title ?? error.message, problem?.detail, remedy)
}

/** The response among the messages of an answer; notifications before it are passed over. */
async function messageOf(text: string, contentType: string): Promise<unknown> {
  if (!contentType.startsWith('text/event-stream')) return parseJson(text)
  for await (const { data } of parseEvents([text])) {
    const message = parseJson(data)
    if (messageShape.safeParse(message).data?.id !== undefined) return message
  }
  return undefined
}

/** RFC 9110 §5.6.2; a tool that asks for anything else gets no header. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** `Mcp-Param-*` headers that a tool's schema asks for (2026-07-28, streamable HTTP, request metadata). */
export function parameterHeaders(schema: unknown, args: unknown): Record<string, string> {
  const properties = asRecord(asRecord(schema)?.['properties'])
  const given = asRecord(args)
  if (properties === undefined || given === undefined) return {}
  const headers: Record<string, string> = {}
  for (const [name, property] of Object.entries(properties)) {
    const value = given[name]
    const header = asRecord(property)?.['x-mcp-header']
    if (
      typeof header === 'string' &&
      TOKEN.test(header) &&
      (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value))
    )
      headers[`mcp-param-${header}`] = headerValue(String(value))
    Object.assign(headers, parameterHeaders(property, value))
  }
  return headers
}

/** Plain ASCII as it is, anything else in the base64 form of the same clause. */
export const headerValue = (text: string): string =>
  /^(?! )[\x20-\x7e]*(?<! )$/.test(text) && !text.startsWith('=?base64?') ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`

export const asRecord = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
