import { newId, type Problem } from '#std/index.ts'

/** Answers of the control plane are about one caller at one moment: nothing keeps them. */
const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...COMMON, 'content-type': 'application/json', ...headers } })
}

export const emptyAnswer = (headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 204, headers: { ...COMMON, ...headers } })

/** RFC 9457. A 401 carries the challenge that RFC 9110 §11.6.1 asks for, a 429 says when to come back. */
export function problemAnswer(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const wait = problem.extensions['retryAfterSeconds']
  return new Response(JSON.stringify(problem.toDocument()), {
    status: problem.status,
    headers: {
      ...COMMON,
      'content-type': 'application/problem+json',
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="sallyport"' } : {}),
      ...(typeof wait === 'number' ? { 'retry-after': String(wait) } : {}),
      ...headers,
    },
  })
}

/** What a log line and the answer to a bug share. */
export const newIncidentId = (nowMs: number): string => newId('inc', nowMs)
