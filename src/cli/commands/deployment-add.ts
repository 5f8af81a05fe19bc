import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BodyInputOf, ResponseOf } from '#api/contract.ts'
import type { ApiClient } from '../api-client.ts'
import type { Cli } from '../cli.ts'
import type { Asked, Run } from '../command.ts'
import { EXIT, type ExitCode, Failure, refusal, usageFailure } from '../failure.ts'
import { inert } from '../inert.ts'
import { launchFacts, shellWord, showLaunch } from '../launch-card.ts'
import { readNamedSources, readSource } from '../secret-source.ts'
import { statusLine, waitUntilReady } from '../settle.ts'
import { showSuccess } from '../terminal.ts'
import { approveAndWait, fileGrant } from './deployment-approve.ts'
import { assertNoOpenApiFlags, assertOpenApiAlone, openApiSpec } from './openapi-definition.ts'

type Proposal = ResponseOf<'parseDeployments'>['proposals'][number]
type Definition = Proposal['definition']
const PROPER_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

type Level = 'strong' | 'medium' | 'none'

interface Flags {
  readonly json: string | undefined
  readonly header: readonly string[]
  readonly env: readonly string[]
  readonly input: readonly string[]
  readonly egress: readonly string[]
  readonly file: readonly string[]
  readonly isolation: Level | undefined
  readonly access: Definition['access']
  readonly openapi: string | undefined
  readonly operation: readonly string[]
  readonly exclude: readonly string[]
  readonly server: string | undefined
  readonly auth: readonly string[]
  readonly 'dry-run': boolean
}

/** Reads the source through the server, fills in what is secret, shows, asks, creates, approves and waits. */
export const addDeployment: Run<Flags> = async (asked, cli) => {
  if (asked.flags.openapi !== undefined) return addApi(asked, asked.flags.openapi, cli)
  assertNoOpenApiFlags(asked.flags)
  const { name: given, text } = await readText(asked, cli)
  const api = await cli.api()
  const { proposals } = await api.call('parseDeployments', { body: { text } })
  const name = given === undefined ? undefined : await properName(api, given)
  if (proposals.length === 0) throw refusal('No server is defined there')
  if (name !== undefined && proposals.length > 1)
    throw usageFailure(
      'One name for several servers',
      `The source defines ${proposals.length}: ${proposals.map(({ definition }) => definition.name).join(', ')}.`,
    )
  for (const proposal of proposals) {
    const definition = await complete(
      { ...proposal, definition: { ...proposal.definition, ...(name === undefined ? {} : { name }) } },
      asked.flags,
      cli,
    )
    for (const warning of proposal.warnings) cli.terminal.insist(`${cli.terminal.tint('yellow', '!')} ${inert(warning)}`)
    if (asked.flags['dry-run']) showLaunch(cli.terminal, definition.name, launchFacts(definition.spec))
    else if (!(await add(api, definition, cli))) return EXIT.refused
  }
}

async function addApi({ args, rest, flags }: Asked<Flags>, document: string, cli: Cli): Promise<ExitCode> {
  const given = assertOpenApiAlone(args, rest)
  const spec = await openApiSpec(document, flags, cli)
  const api = await cli.api()
  const name = await properName(api, given)
  const definition = { name, spec, ...(flags.access === undefined ? {} : { access: flags.access }) }
  if (flags['dry-run'])
    showLaunch(cli.terminal, name, launchFacts({ operations: { include: [], exclude: [] }, ...spec } as Definition['spec']))
  else if (!(await add(api, definition as Definition, cli))) return EXIT.refused
  return EXIT.ok
}

/** The name as the server will write it, so that the question is about that one; it says itself what cannot be a name. */
async function properName(api: ApiClient, name: string): Promise<string> {
  if (PROPER_NAME.test(name)) return name
  const { proposals } = await api.call('parseDeployments', { body: { text: JSON.stringify({ mcpServers: { [name]: { command: 'x' } } }) } })
  const [proposal] = proposals
  return proposal === undefined || proposal.warnings.length > 0 ? name : proposal.definition.name
}

/** The text for `POST /deployments/parse`; JSON where a name is known, because it says everything without quoting rules. */
async function readText({ args, rest, flags }: Asked<Flags>, { program, dialogue }: Cli): Promise<{ name?: string; text: string }> {
  const positionals = [...args]
  // A single argument is an address or pasted JSON when it looks like one, else the name.
  const source = positionals.length === 2 || /^([a-z][a-z0-9+.-]*:\/\/|\s*\{)/i.test(positionals[0] ?? '') ? positionals.pop() : undefined
  const [name] = positionals
  const given = [source, rest, flags.json].filter((one) => one !== undefined && one !== null)
  if (given.length !== 1) {
    throw usageFailure(
      given.length === 0 ? 'What to add is missing' : 'More than one source is given',
      'Give an address, or a command after `--`, or --json.',
      'sallyport deployment add --help',
    )
  }
  const named = name === undefined ? {} : { name }
  if (flags.json !== undefined)
    return { ...named, text: flags.json === '-' ? await dialogue.standardInput() : readFileSync(resolve(program.cwd, flags.json), 'utf8') }
  if (rest !== null) {
    const [command, ...words] = rest
    if (command === undefined) throw usageFailure('The command after `--` is missing')
    return {
      ...named,
      text: name === undefined ? rest.map(shellWord).join(' ') : JSON.stringify({ mcpServers: { [name]: { command, args: words } } }),
    }
  }
  if (name === undefined || !/^https?:/.test(source!)) return { ...named, text: source! }
  return { ...named, text: JSON.stringify({ mcpServers: { [name]: { url: source } } }) }
}

/** Fills placeholders, adds headers, variables and grants. */
async function complete({ definition, inputs }: Proposal, flags: Flags, cli: Cli): Promise<Definition> {
  const { spec, ...rest } = flags['dry-run'] ? definition : await fillInputs(definition, inputs, flags.input, cli)
  const common = { ...rest, ...(flags.access === undefined ? {} : { access: flags.access }) }
  if (spec.kind === 'remote') {
    if (flags.env.length + flags.egress.length + flags.file.length > 0)
      throw usageFailure(`${definition.name} is a remote server`, '--env, --egress and --file are for processes that run here.')
    return { ...common, spec: { ...spec, headers: { ...spec.headers, ...(await valuesOf(flags, 'header', cli)) } } }
  }
  if (spec.kind !== 'process') throw new Error(`${definition.name} is neither called nor run`)
  if (flags.header.length > 0)
    throw usageFailure(`${definition.name} is a process`, '--header is for remote servers; a process takes --env.')
  return {
    ...common,
    spec: {
      ...spec,
      env: { ...spec.env, ...(await valuesOf(flags, 'env', cli)) },
      egress: [...new Set([...spec.egress, ...flags.egress])],
      files: [...spec.files, ...flags.file.map((text) => fileGrant(text, cli.program.cwd))],
      isolation: flags.isolation ?? spec.isolation,
    },
  }
}

/** The values of headers or variables; their names alone where nothing is going to be made. */
const valuesOf = async (flags: Flags, kind: 'header' | 'env', cli: Cli): Promise<Record<string, string>> =>
  flags['dry-run']
    ? Object.fromEntries(flags[kind].map((pair) => [pair.split('=')[0]!, '']))
    : await readNamedSources(flags[kind], cli, kind)

async function fillInputs(definition: Definition, inputs: Proposal['inputs'], given: readonly string[], cli: Cli): Promise<Definition> {
  const values = new Map<string, string>()
  for (const pair of given) {
    const split = pair.indexOf('=')
    if (split < 0) throw usageFailure('--input needs ID=SOURCE')
    values.set(pair.slice(0, split), await readSource(pair.slice(split + 1), cli))
  }
  for (const { id, description, isSecret } of inputs) {
    if (values.has(id)) continue
    const question = `${inert(description === '' ? id : description)}:`
    values.set(
      id,
      await (isSecret ? cli.dialogue.secret(question, `--input ${id}=env:VAR`) : cli.dialogue.text(question, `--input ${id}=text:VALUE`)),
    )
  }
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/\$\{input:([^}]+)\}/g, (whole, id: string) => values.get(id) ?? whole)
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]))
    return value
  }
  return fill(definition) as Definition
}

/** A remote server is asked about before it is made; a process is made first, for nothing of it runs before its digest is approved. */
async function add(api: ApiClient, definition: BodyInputOf<'createDeployment'> & Definition, cli: Cli): Promise<boolean> {
  const { terminal, dialogue } = cli
  const { name } = definition
  if (definition.spec.kind !== 'process') {
    showLaunch(terminal, name, launchFacts(definition.spec))
    if (!(await dialogue.confirm(`Add ${inert(name)}?`))) return false
    const created = await api.call('createDeployment', { body: definition })
    const ready = await staying(created.name, waitUntilReady(api, created.name, terminal))
    showSuccess(terminal, `${created.name} is ready: ${statusLine(ready)}`, `sallyport tool list --deployment ${created.name}`)
    return true
  }
  const created = await api.call('createDeployment', { body: definition })
  if (await approveOrUndo(api, created, cli)) return true
  terminal.say('Nothing was added.')
  return false
}

/** Tells whoever added what does not get ready that it is there all the same. */
async function staying<Value>(name: string, work: Promise<Value>, isKept: () => boolean = () => true): Promise<Value> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Failure) || !isKept()) throw error
    const { exit, message, why, remedy } = error
    const stays = `${name} was added and stays; \`sallyport deployment remove ${name}\` takes it away again.`
    throw new Failure(exit, message, { why: why === undefined ? stays : `${why}\n${stays}`, remedy, cause: error })
  }
}

/** Whoever says no, or leaves the question, finds nothing left behind. */
async function approveOrUndo(api: ApiClient, created: ResponseOf<'getDeployment'>, cli: Cli): Promise<boolean> {
  let isAgreed = false
  const dialogue = {
    ...cli.dialogue,
    confirm: async (question: string): Promise<boolean> => {
      isAgreed = await cli.dialogue.confirm(question)
      return isAgreed
    },
  }
  try {
    return await staying(created.name, approveAndWait(api, created, { ...cli, dialogue }), () => isAgreed)
  } finally {
    if (!isAgreed && !created.isApproved) await api.call('deleteDeployment', { params: { name: created.name } })
  }
}
