/** How the program ends: scripts depend on it. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An end with an explanation: shown as `✘ what`, the reason, `→ remedy`. Anything else thrown is a bug. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: ExitCode
  readonly why: string | undefined
  readonly remedy: string | undefined

  constructor(
    exit: ExitCode,
    what: string,
    { why, remedy, cause }: { why?: string | undefined; remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(what, cause === undefined ? undefined : { cause })
    this.exit = exit
    this.why = why
    this.remedy = remedy
  }
}

/** The command line was not understood. */
export const usageFailure = (what: string, why?: string, remedy?: string): Failure => new Failure(EXIT.usage, what, { why, remedy })

/** Understood, and refused or failed. */
export const refusal = (what: string, why?: string, remedy?: string): Failure => new Failure(EXIT.refused, what, { why, remedy })
