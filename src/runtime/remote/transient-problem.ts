import { Problem } from '#std/index.ts'

/** A failure that may pass by itself: the server is tried again without anybody's doing. */
export class TransientProblem extends Problem {}

export const isTransient = (problem: Problem): boolean =>
  problem instanceof TransientProblem || problem.type === 'upstream-timeout' || problem.type === 'overloaded'
