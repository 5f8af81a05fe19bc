import { parseJson } from '../api-client.ts'
import type { Cli } from '../cli.ts'
import type { Asked, Run } from '../command.ts'
import { EXIT, refusal, usageFailure } from '../failure.ts'
import { renderFlight } from '../flight-card.ts'
import { duration } from '../format.ts'
import { inert } from '../inert.ts'
import { asRecord, fetchTools, invokeTool, type Flight, type Tool, type ToolListing } from '../mcp-client.ts'
import { suggestion } from '../parse-arguments.ts'
import { printJson } from '../print-json.ts'
import { resultText } from '../result-text.ts'
import type { Terminal } from '../terminal.ts'
import { parseToolArguments } from '../tool-arguments.ts'
import { endpointOf, type EndpointFlags } from './tool-list.ts'

interface Flags extends EndpointFlags {
  readonly 'json-args': string | undefined
  readonly json: boolean
}

/** The result goes to standard output; who called, which rule let it pass and where the time went to standard error. */
export const callTool: Run<Flags> = async (asked, cli) => {
  const { args, flags } = asked
  const endpoint = endpointOf(flags)
  const given = await jsonArguments(asked, cli)
  const api = await cli.api()
  const tool = pick(await fetchTools(api, endpoint), args[0]!, flags)
  const { result, flight } = await invokeTool(api, endpoint, tool, given ?? parseToolArguments(args.slice(1), tool.inputSchema))
  if (flags.json) printJson(cli.terminal, flight === undefined ? { result } : { result, flight })
  else {
    const text = resultText(result)
    if (text !== '') cli.terminal.out(text)
  }
  const isError = result.isError === true
  showFlight(cli.terminal, tool, flight, isError)
  return isError ? EXIT.refused : EXIT.ok
}

async function jsonArguments({ args, flags }: Asked<Flags>, { dialogue }: Cli): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (flags['json-args'] === undefined) return undefined
  if (args.length > 1) throw usageFailure('KEY=VALUE and --json-args exclude each other')
  const given = asRecord(parseJson(flags['json-args'] === '-' ? await dialogue.standardInput() : flags['json-args']))
  if (given === undefined) throw usageFailure('--json-args is not a JSON object', 'Give it like {"key": "value"}.')
  return given
}

function pick({ tools, trouble }: ToolListing, name: string, { profile, deployment }: Flags): Tool {
  const exact = tools.find((tool) => tool.name === name)
  if (exact !== undefined) return exact
  // Nobody knows the tools of a server that is down: the gateway answers for it, with cause and remedy.
  if (trouble.some(({ server, state }) => state === 'unavailable' && (server === deployment || name.startsWith(`${server}__`))))
    return { name }
  const names = tools.map((tool) => tool.name)
  // Where everything is federated a tool has its server's name before its own, which people leave out.
  const own = names.map((one) => (name.includes('__') ? one : one.slice(one.lastIndexOf('__') + 1).replace(/^_/, '')))
  const meant = names[own.indexOf(suggestion(name, own) ?? '')]
  const place = profile !== undefined ? ` --profile ${profile}` : deployment !== undefined ? ` --deployment ${deployment}` : ''
  throw refusal(
    `There is no tool \`${name}\` here`,
    meant === undefined ? undefined : `Did you mean \`${meant}\`?`,
    `sallyport tool list${place}`,
  )
}

function showFlight(terminal: Terminal, tool: Tool, flight: Flight | undefined, isError: boolean): void {
  const mark = isError ? terminal.tint('red', '✘') : terminal.tint('green', '✔')
  const facts = [isError ? `${inert(tool.name)} says that it failed` : inert(tool.name)]
  if (flight?.caller !== undefined && flight.caller !== '') facts.push(`caller ${inert(flight.caller)}`)
  if (flight?.rule !== undefined && flight.rule !== '') facts.push(`rule ${inert(flight.rule)}`)
  if (flight?.us !== undefined) facts.push(duration(flight.us))
  terminal.say(`${mark} ${facts.join(' · ')}`)
  if (flight?.steps !== undefined && flight.steps.length > 0) terminal.say(renderFlight(flight.steps, flight.us ?? 0, terminal.tint))
  if (flight !== undefined) terminal.say(`${terminal.tint('cyan', '→')} sallyport activity show ${inert(flight.id)}`)
}
