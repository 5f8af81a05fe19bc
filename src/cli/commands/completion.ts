import type { Run } from '../command.ts'
import { COMPLETIONS } from '../completion.ts'
import { usageFailure } from '../failure.ts'

export const printCompletion: Run = async ({ args }, { terminal, commands }) => {
  const script = Object.hasOwn(COMPLETIONS, args[0]!) ? COMPLETIONS[args[0]!] : undefined
  if (script === undefined) throw usageFailure(`\`${args[0]}\` is not a shell we know`, `One of: ${Object.keys(COMPLETIONS).join(', ')}.`)
  terminal.out(script(commands))
}
