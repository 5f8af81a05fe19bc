interface ProblemRow {
  readonly status: number
  readonly code: number
  readonly title: string
  /** Said when the place that refuses knows nothing better. */
  readonly remedy?: string
}

/**
 * Every way this product can say no, in one table (RFC 9457). A row gives the HTTP status, the JSON-RPC code and the
 * title; `detail` says why in this case and `remedy` who must do what. JSON-RPC codes of ours lie outside
 * -32768…-32000, which the MCP specification reserves (2026-07-28, basic, error codes).
 */
export const PROBLEMS = {
  'malformed-json': { status: 400, code: -32700, title: 'The body is not valid JSON' },
  'invalid-request': { status: 400, code: -32600, title: 'The request is not a valid JSON-RPC message' },
  'invalid-params': { status: 400, code: -32602, title: 'The parameters do not fit the method' },
  'header-mismatch': { status: 400, code: -32020, title: 'Headers and body disagree' },
  'unsupported-version': { status: 400, code: -32022, title: 'This protocol version is not supported' },
  'missing-capability': { status: 400, code: -32021, title: 'The client lacks a capability this needs' },
  'session-required': { status: 400, code: 4001, title: 'This request needs a session' },
  unauthenticated: { status: 401, code: 4010, title: 'A valid credential is needed' },
  'insufficient-scope': { status: 403, code: 4030, title: 'This credential lacks a scope' },
  'wrong-origin': { status: 403, code: 4031, title: 'Requests from this origin are not accepted' },
  'egress-denied': { status: 403, code: 4032, title: 'This destination is not allowed' },
  'not-found': { status: 404, code: 4040, title: 'No such thing, or not for you' },
  'unknown-method': { status: 404, code: -32601, title: 'This method is not known here' },
  'unknown-session': { status: 404, code: 4041, title: 'This session is not known or has ended' },
  'method-not-allowed': { status: 405, code: 4050, title: 'This address does not take that HTTP method' },
  'not-acceptable': { status: 406, code: 4060, title: 'The client must accept JSON and event streams' },
  conflict: { status: 409, code: 4090, title: 'This collides with something that exists' },
  'declared-read-only': { status: 409, code: 4091, title: 'This is declared in a file and changed there' },
  'approval-needed': { status: 409, code: 4092, title: 'The owner has not approved this launch specification' },
  'body-too-large': { status: 413, code: 4130, title: 'The body is larger than allowed' },
  'unsupported-media-type': { status: 415, code: 4150, title: 'The body must be application/json' },
  'wrong-host': { status: 421, code: 4210, title: 'This server does not answer for that host name' },
  'invalid-input': { status: 422, code: 4220, title: 'The input does not fit' },
  'rate-limited': { status: 429, code: 4290, title: 'Too many requests' },
  'secret-unreadable': { status: 500, code: 5001, title: 'A stored secret cannot be opened' },
  'unsafe-file': { status: 500, code: 5002, title: 'A file that must be private is not' },
  'internal-error': { status: 500, code: -32603, title: 'Something went wrong on our side' },
  'upstream-failed': {
    status: 502,
    code: 5020,
    title: 'The MCP server failed to answer',
    remedy: 'The owner sees its state with `sallyport deployment list`, its output with `sallyport deployment logs`.',
  },
  'fetch-failed': { status: 502, code: 5021, title: 'Another server that was asked failed to answer' },
  'upstream-down': { status: 503, code: 5030, title: 'The MCP server is not running' },
  'audit-unavailable': { status: 503, code: 5031, title: 'Calls cannot be recorded, so they are refused' },
  'snapshot-stale': { status: 503, code: 5032, title: 'The configuration is too old to decide on' },
  overloaded: { status: 503, code: 5033, title: 'A limit of this server is reached' },
  'store-unavailable': { status: 503, code: 5034, title: 'The database does not answer' },
  'upstream-timeout': { status: 504, code: 5040, title: 'The MCP server did not answer in time' },
} as const satisfies Record<string, ProblemRow>

export type ProblemType = keyof typeof PROBLEMS

export interface ProblemOptions {
  /** What the reader should do, as a command or a setting where there is one. */
  readonly remedy?: string
  /** Further members of the problem document; never a secret. */
  readonly extensions?: Readonly<Record<string, unknown>>
  /** What the MCP specification wants in `error.data` beside our problem, such as `supported` and `requested`. */
  readonly rpcData?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** RFC 9457 document as sent on the wire. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly remedy?: string
  readonly [member: string]: unknown
}

export const PROBLEM_TYPE_BASE = 'https://sallyport.dev/problems/'

/** An expected refusal. Bugs are not problems: they stay ordinary errors and surface as `internal-error`. */
export class Problem extends Error {
  readonly type: ProblemType
  readonly remedy: string | undefined
  readonly extensions: Readonly<Record<string, unknown>>
  readonly rpcData: Readonly<Record<string, unknown>>

  constructor(type: ProblemType, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.type = type
    const row: ProblemRow = PROBLEMS[type]
    this.remedy = options.remedy ?? row.remedy
    this.extensions = options.extensions ?? {}
    this.rpcData = options.rpcData ?? {}
  }

  get status(): number {
    return PROBLEMS[this.type].status
  }

  get code(): number {
    return PROBLEMS[this.type].code
  }

  get title(): string {
    return PROBLEMS[this.type].title
  }

  toDocument(): ProblemDocument {
    return {
      type: PROBLEM_TYPE_BASE + this.type,
      title: this.title,
      status: this.status,
      detail: this.message,
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      ...this.extensions,
    }
  }

  /** The `error` member of a JSON-RPC response. */
  toRpcError(): { code: number; message: string; data: Record<string, unknown> } {
    return { code: this.code, message: `${this.title}: ${this.message}`, data: { ...this.rpcData, problem: this.toDocument() } }
  }
}

/** Turns anything thrown into a problem; what was not one becomes `internal-error` with a text that tells nothing. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem('internal-error', 'An unexpected error occurred. The log holds the details.', { cause: error })
}
