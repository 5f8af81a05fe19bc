/** A refusal of the server (RFC 9457), or what stands for one when the server could not be asked. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly remedy?: string | undefined
  /** To find the cause in the server's log. */
  readonly incident?: string | undefined
  /** What was wrong with which input, by its path. */
  readonly errors?: readonly { readonly path: string; readonly detail: string }[] | undefined
}

/** Thrown by everything that asks the server. */
export class ProblemError extends Error {
  readonly problem: ProblemDocument

  constructor(problem: ProblemDocument, options?: ErrorOptions) {
    super(`${problem.title}: ${problem.detail}`, options)
    this.problem = problem
  }

  get kind(): string {
    return this.problem.type.slice(this.problem.type.lastIndexOf('/') + 1)
  }
}

/** The page that explains a kind of problem; null where there is none, as for one of another server on the way. */
export function aboutProblem({ type }: Pick<ProblemDocument, 'type'>): string | null {
  const [, kind] = /^https:\/\/sallyport\.dev\/problems\/([a-z]+(?:-[a-z]+)*)$/.exec(type) ?? []
  return kind === undefined ? null : `/app/problems/${kind}`
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Reads the body of an answer that is not a success; other servers on the way may have written it. */
export function problemOf(status: number, body: string): ProblemDocument {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  if (isRecord(parsed) && typeof parsed['title'] === 'string' && typeof parsed['detail'] === 'string') {
    return { type: 'about:blank', ...parsed, status } as ProblemDocument
  }
  return {
    type: 'about:blank',
    title: status >= 500 ? 'The server failed' : 'The server refused this',
    status,
    detail: `It answered with status ${status} and no explanation.`,
    remedy: 'Try again. If it stays so, look into the server’s log.',
  }
}

/** When nobody answered at all. */
export function unreachable(cause: unknown): ProblemError {
  const isOffline = !navigator.onLine
  return new ProblemError(
    {
      type: 'about:unreachable',
      title: isOffline ? 'You are offline' : 'The server does not answer',
      status: 0,
      detail: isOffline ? 'This computer has no network connection.' : 'It may be starting again, or the connection was cut.',
      remedy: isOffline
        ? 'Connect to a network, then try again. What is only shown comes back by itself.'
        : 'Wait a moment, then try again. What is only shown comes back by itself.',
    },
    { cause },
  )
}

/** Any error as something that can be shown. */
export function asProblem(error: unknown): ProblemDocument {
  if (error instanceof ProblemError) return error.problem
  return {
    type: 'about:console',
    title: 'The console failed',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Reload this page. If it happens again, please report it with this text.',
  }
}
