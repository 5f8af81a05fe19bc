import type { Run } from '../command.ts'
import { shortTime } from '../format.ts'
import { printJson } from '../print-json.ts'

/** Prints a one-time link; needs access to the data folder, not a key. */
export const showOwnerLink: Run<{ json: boolean }> = async ({ flags }, { program, terminal, given }) => {
  const link = await program.ownerLink(given)
  const expiresAt = new Date(link.expiresAtMs).toISOString()
  if (flags.json) return printJson(terminal, { url: link.url, expiresAt })
  terminal.out(link.url)
  terminal.say(`Works once, until ${shortTime(expiresAt)} UTC. Whoever opens it becomes owner.`)
}
