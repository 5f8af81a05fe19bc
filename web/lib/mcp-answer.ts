// What comes back over MCP, in words for people. Everything in it was written by servers.
import { isRecord, type Fields } from './mcp-request.ts'
import { ProblemError, type ProblemDocument } from './problem.ts'

export const FLIGHT_KEY = 'dev.sallyport/flight'

/** A tool as its endpoint lists it. All of it was written by a server. */
export interface McpTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema?: unknown
  readonly annotations?: Fields | undefined
}

/** A server of an endpoint whose tools are missing or old. */
export interface ServerTrouble {
  readonly server: string
  readonly state: string
  readonly cause: string
  readonly remedy: string
}

export interface Progress {
  readonly progress: number
  readonly total: number | null
  readonly message: string | null
}

export interface Flight {
  readonly id: string
  readonly caller?: string | undefined
  readonly rule?: string | undefined
  readonly deployment?: string | undefined
  readonly us?: number | undefined
  readonly steps?: readonly { readonly name: string; readonly us: number; readonly note?: string }[] | undefined
}

/** A call that was refused or failed; knows the message as it came and the flight record. */
export class CallError extends ProblemError {
  readonly received: unknown
  readonly flight: Flight | null

  constructor(problem: ProblemDocument, received: unknown, flight: Flight | null) {
    super(problem)
    this.received = received
    this.flight = flight
  }
}

export function progressOf(params: unknown): Progress {
  const { progress, total, message } = isRecord(params) ? params : {}
  return {
    progress: typeof progress === 'number' ? progress : 0,
    total: typeof total === 'number' && total > 0 ? total : null,
    message: typeof message === 'string' ? message : null,
  }
}

/** A JSON-RPC error in the words of a problem; ours brings one along, other servers only have a message. */
export function problemOfError(error: unknown, status: number): ProblemDocument {
  const { code, message, data } = isRecord(error) ? error : {}
  const problem = isRecord(data) ? data['problem'] : undefined
  if (isRecord(problem) && typeof problem['title'] === 'string' && typeof problem['detail'] === 'string') {
    return { type: 'about:blank', ...problem, status } as ProblemDocument
  }
  if (typeof message !== 'string') {
    return {
      type: 'about:no-answer',
      title: 'This is no MCP answer',
      status,
      detail: 'The answer holds neither a result nor an error.',
      remedy: 'Look at the raw message, and report it to the author of the server.',
    }
  }
  const isOfArguments = code === -32602
  return {
    type: 'about:rpc-error',
    title: isOfArguments ? 'The server refused the arguments' : 'The server answered with an error',
    status,
    detail: `${message} (JSON-RPC code ${typeof code === 'number' ? code : 'missing'})`,
    remedy: isOfArguments
      ? 'Compare the arguments with the schema of the tool and run it again.'
      : 'The log of the deployment may say more.',
  }
}

export function flightOf(result: Fields): Flight | null {
  const flight = isRecord(result['_meta']) ? result['_meta'][FLIGHT_KEY] : undefined
  return isRecord(flight) && typeof flight['id'] === 'string' ? (flight as unknown as Flight) : null
}

/** A tool that is misshapen hides itself and not the others. */
export function toolsOf(listed: unknown): readonly McpTool[] {
  const all: readonly unknown[] = Array.isArray(listed) ? listed : []
  return all.flatMap((tool): McpTool[] => {
    if (!isRecord(tool) || typeof tool['name'] !== 'string' || tool['name'] === '') return []
    const { name, title, description, inputSchema, annotations } = tool
    return [
      {
        name,
        title: typeof title === 'string' ? title : undefined,
        description: typeof description === 'string' ? description : undefined,
        inputSchema,
        annotations: isRecord(annotations) ? annotations : undefined,
      },
    ]
  })
}

export const troubleOf = (listed: unknown): readonly ServerTrouble[] =>
  (Array.isArray(listed) ? (listed as unknown[]) : []).filter(
    (each): each is ServerTrouble => isRecord(each) && typeof each['server'] === 'string' && typeof each['cause'] === 'string',
  )
