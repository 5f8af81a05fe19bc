import type { Run } from '../command.ts'
import type { ExitCode } from '../failure.ts'

/** Hands over to the server; its flags are settings. */
export const serve: Run = async (_asked, { program, given }) => (await program.serve(given)) as ExitCode
