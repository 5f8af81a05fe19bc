/** What every folder may use: problems, results, ids, time, limits. Knows nothing of the product. */
export { asProblem, Problem, PROBLEMS, PROBLEM_TYPE_BASE, type ProblemDocument, type ProblemOptions, type ProblemType } from './problem.ts'
export { err, ok, type Result } from './result.ts'
export type { Clock } from './clock.ts'
export { newId, newSecret, timeOfId } from './ids.ts'
export { LIMITS, type LimitName } from './limits.ts'
export { backoffMs } from './retry.ts'
export { didYouMean, nearest } from './nearest.ts'
export { explainIssues, type Misfit } from './explain-issue.ts'
