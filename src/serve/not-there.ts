import type { ServerResponse } from 'node:http'
import { Problem } from '#std/index.ts'

/** The answer where the control plane should be: it is not up yet, or not any more. */
export function answerNotThere(response: ServerResponse): void {
  answerProblem(
    response,
    new Problem('overloaded', 'The process that answers this is not there.', {
      remedy: 'Try again in a moment.',
      extensions: { retryAfterSeconds: 1 },
    }),
  )
}

/** A refusal to come again in a moment. */
export function answerProblem(response: ServerResponse, problem: Problem): void {
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '1' })
  response.end(JSON.stringify(problem.toDocument()))
}
