import type { Run } from '../command.ts'
import { printJson } from '../print-json.ts'

export const printVersion: Run<{ json: boolean }> = async ({ flags }, { program, terminal }) => {
  if (flags.json) printJson(terminal, { version: program.version, node: process.versions.node })
  else terminal.out(program.version)
}
