import type { Run } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { inert } from '../inert.ts'
import { fetchTools, type EndpointName, type ServerTrouble } from '../mcp-client.ts'
import { printJson } from '../print-json.ts'
import { showSuccess, type Terminal } from '../terminal.ts'
import { renderTools } from '../tool-table.ts'

export interface EndpointFlags {
  readonly profile: string | undefined
  readonly deployment: string | undefined
}

/** Where a tool is looked for: a profile, a deployment, or everything the caller may use. */
export function endpointOf({ profile, deployment }: EndpointFlags): EndpointName {
  if (profile !== undefined && deployment !== undefined) throw usageFailure('--profile and --deployment exclude each other')
  return profile ?? deployment ?? null
}

/** Which server is missing, why, and what mends it. */
function showTrouble(terminal: Terminal, { server, state, cause, remedy }: ServerTrouble): void {
  const what = state === 'stale' ? `The tools of ${server} are an old list` : `The tools of ${server} are missing`
  terminal.insist(`${terminal.tint('yellow', '!')} ${inert(`${what}: ${cause}`)}`)
  terminal.insist(`${terminal.tint('cyan', '→')} ${inert(remedy)}`)
}

export const listTools: Run<EndpointFlags & { json: boolean }> = async ({ flags }, { terminal, api }) => {
  const endpoint = endpointOf(flags)
  const { tools, trouble, raw } = await fetchTools(await api(), endpoint)
  if (flags.json) printJson(terminal, raw)
  else if (tools.length > 0) terminal.out(renderTools(terminal, tools))
  for (const one of trouble) showTrouble(terminal, one)
  if (flags.json || (tools.length === 0 && trouble.length > 0)) return
  if (tools.length === 0) return showSuccess(terminal, 'There are no tools here yet', 'sallyport deployment list')
  const place =
    flags.profile !== undefined ? ` --profile ${flags.profile}` : flags.deployment !== undefined ? ` --deployment ${flags.deployment}` : ''
  terminal.say(`${terminal.tint('cyan', '→')} sallyport tool call TOOL KEY=VALUE${place}`)
}
