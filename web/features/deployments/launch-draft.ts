// What a person types about a launch, and what becomes of it. Pure, so that every rule can be tested.
import type { ApiInput, ResponseOf } from '@/lib/api.ts'
import { destinationFault, type FileGrant, type Isolation, pathFault, type Spec } from './deployment-model.ts'

export type DeploymentInput = ApiInput<'createDeployment'>['body']
export type SpecInput = DeploymentInput['spec']
export type Proposal = ResponseOf<'parseDeployments'>['proposals'][number]

/** A header or variable as typed. */
export interface Pair {
  readonly id: number
  readonly name: string
  readonly value: string
  /** The vault entry that is kept as long as no other value is typed. */
  readonly kept: string | null
}

export interface LaunchDraft {
  /** An API has no form here: it is added on the command line. */
  readonly kind: Exclude<SpecInput['kind'], 'openapi'>
  readonly url: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Headers of a remote server, variables of a process. */
  readonly pairs: readonly Pair[]
  readonly files: readonly FileGrant[]
  readonly egress: readonly string[]
  readonly isolation: Isolation
}

export interface InputDraft {
  readonly id: string
  readonly description: string
  readonly isSecret: boolean
  readonly value: string
}

/** A server that is to be added. */
export interface ServerDraft {
  readonly id: number
  readonly isChosen: boolean
  readonly name: string
  readonly title: string
  readonly launch: LaunchDraft
  readonly inputs: readonly InputDraft[]
  readonly warnings: readonly string[]
  /** What the text said beyond what is shown here: description, access, deadlines. */
  readonly rest: Omit<DeploymentInput, 'name' | 'title' | 'spec'>
}

/** What is wrong, by field: `name`, `url`, `command`, `args`, `cwd`, `pair:ID`, `egress:TEXT`, `file:PATH`, `input:ID`. */
export type Faults = Readonly<Record<string, string>>

/** The mask that the server puts where a text may not be shown. */
const HIDDEN = '…'
const SECRET_NAME = /key|token|secret|passw|pwd|auth|credential|cookie|bearer|session|private|dsn/i
const RESERVED = ['sse', 'ws', 'messages', 'invoke']
const NAME_LENGTH_MAX = 64

export const looksSecret = (name: string): boolean => SECRET_NAME.test(name)

const EMPTY = { url: '', command: '', args: [], cwd: '', files: [], egress: [], isolation: 'medium' } as const

const pairsOf = (values: Readonly<Record<string, string>>): Pair[] =>
  Object.entries(values).map(([name, value], id) => ({ id, name, value, kept: null }))

function launchOfInput(spec: Exclude<SpecInput, { kind: 'openapi' }>): LaunchDraft {
  if (spec.kind === 'remote') return { ...EMPTY, kind: 'remote', url: spec.url, pairs: pairsOf(spec.headers ?? {}) }
  const { command, args = [], env = {}, cwd = null, files = [], egress = [], isolation = 'medium' } = spec
  return { ...EMPTY, kind: 'process', command, args, cwd: cwd ?? '', pairs: pairsOf(env), files, egress, isolation }
}

/** A launch as the server shows it: values that lie in the vault stay there unless others are typed. */
export function launchOfSpec(spec: Exclude<Spec, { kind: 'openapi' }>): LaunchDraft {
  const values = spec.kind === 'remote' ? spec.headers : spec.env
  const pairs = Object.entries(values).map(([name, { secret }], id) => ({ id, name, value: '', kept: secret }))
  if (spec.kind === 'remote') return { ...EMPTY, kind: 'remote', url: spec.url, pairs }
  return { ...EMPTY, ...spec, kind: 'process', cwd: spec.cwd ?? '', pairs }
}

export const draftsOf = (proposals: readonly Proposal[]): ServerDraft[] =>
  proposals.flatMap(({ definition: { name, title, spec, ...rest }, inputs, warnings }, id) => {
    if (spec.kind === 'openapi') return []
    const launch = launchOfInput(spec)
    return [
      { id, isChosen: true, name, title: title ?? name, launch, inputs: inputs.map((input) => ({ ...input, value: '' })), warnings, rest },
    ]
  })

export function nameFault(name: string, taken: readonly string[]): string | null {
  if (name === '') return 'Give it a name.'
  if (name.length > NAME_LENGTH_MAX) return `Use at most ${NAME_LENGTH_MAX} characters.`
  if (!/^[a-z0-9-]+$/.test(name)) return 'Use small letters, digits and “-”.'
  if (RESERVED.includes(name)) return 'This name is reserved; choose another.'
  return taken.includes(name) ? 'Another server has this name.' : null
}

/** Puts the answers where their placeholders stand. */
export const fillIn = (text: string, inputs: readonly InputDraft[]): string =>
  text.replaceAll(
    /\$\{input:([A-Za-z0-9._-]+)\}/g,
    (placeholder, id: string) => inputs.find((input) => input.id === id)?.value || placeholder,
  )

/** A launch with its placeholders filled in, as it is sent. */
export function specInputOf(launch: LaunchDraft, inputs: readonly InputDraft[] = []): SpecInput {
  const fill = (text: string): string => fillIn(text, inputs)
  const values = Object.fromEntries(
    launch.pairs
      .filter(({ name }) => name !== '')
      .map(({ name, value, kept }) => [name, value === '' && kept !== null ? `vault:${kept}` : fill(value)]),
  )
  if (launch.kind === 'remote') return { kind: 'remote', url: fill(launch.url.trim()), headers: values }
  const { command, args, cwd, files, egress, isolation } = launch
  return {
    kind: 'process',
    command: fill(command.trim()),
    args: args.map(fill),
    env: values,
    cwd: cwd.trim() === '' ? null : fill(cwd.trim()),
    files: files.map(({ path, mode }) => ({ path: fill(path), mode })),
    egress: egress.map(fill),
    isolation,
  }
}

export const inputOf = ({ name, title, launch, inputs, rest }: ServerDraft): DeploymentInput => ({
  ...rest,
  name,
  title: title.trim() === '' ? name : title.trim(),
  spec: specInputOf(launch, inputs),
})

/** Everything that the server would refuse as far as it can be known here. */
export function launchFaults(launch: LaunchDraft, inputs: readonly InputDraft[] = []): Faults {
  const faults: Record<string, string> = {}
  const fill = (text: string): string => fillIn(text, inputs)
  const names = launch.pairs.map(({ name }) => (launch.kind === 'remote' ? name.toLowerCase() : name))
  for (const { id, name, value, kept } of launch.pairs) {
    if (name === '' && value !== '') faults[`pair:${id}`] = 'Give it a name.'
    if (name !== '' && value === '' && kept === null) faults[`pair:${id}`] = 'Give it a value, or remove it.'
    const own = launch.kind === 'remote' ? name.toLowerCase() : name
    if (name !== '' && names.indexOf(own) !== names.lastIndexOf(own)) faults[`pair:${id}`] = 'This name stands twice.'
  }
  for (const { id, value } of inputs) if (value === '') faults[`input:${id}`] = 'This value is needed.'
  return { ...faults, ...(launch.kind === 'remote' ? urlFaults(fill(launch.url)) : processFaults(launch, fill)) }
}

function urlFaults(text: string): Faults {
  if (text.includes(HIDDEN)) return { url: 'Part of the address is hidden. Type it again, whole.' }
  const url = URL.parse(text.trim())
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return {}
  return { url: text.trim() === '' ? 'Give an address.' : 'Write an address that begins with https:// or http://.' }
}

function processFaults({ command, args, cwd, files, egress }: LaunchDraft, fill: (text: string) => string): Faults {
  const faults: Record<string, string> = {}
  if (command.trim() === '') faults['command'] = 'Give a program.'
  if (args.some((text) => text === HIDDEN || text.endsWith(`=${HIDDEN}`)))
    faults['args'] = 'An argument is hidden because it looks like a secret. Type it again, or give it as a variable.'
  if (cwd.trim() !== '') put(faults, 'cwd', pathFault(fill(cwd.trim())))
  for (const destination of egress) put(faults, `egress:${destination}`, destinationFault(fill(destination)))
  for (const { path } of files) put(faults, `file:${path}`, pathFault(fill(path)))
  return faults
}

function put(faults: Record<string, string>, field: string, fault: string | null): void {
  if (fault !== null) faults[field] = fault
}

export function draftFaults(draft: ServerDraft, taken: readonly string[]): Faults {
  const fault = nameFault(draft.name, taken)
  return { ...(fault === null ? {} : { name: fault }), ...launchFaults(draft.launch, draft.inputs) }
}

const PATH_ARGUMENT = /^(?:[\w-]+=)?(\/[^\s].*)$/s

/** Absolute paths among the arguments that the sandbox would not show. Whether they exist only the server knows. */
export function unseenPaths({ kind, args, files }: LaunchDraft): string[] {
  if (kind === 'remote') return []
  const named = args.map((text) => PATH_ARGUMENT.exec(text)?.[1]?.replace(/(?<=.)\/$/, '')).filter((path) => path !== undefined)
  const isSeen = (path: string): boolean =>
    path === '/tmp' || files.some((file) => path === file.path || path.startsWith(`${file.path.replace(/\/$/, '')}/`))
  return [...new Set(named)].filter((path) => pathFault(path) === null && !isSeen(path))
}
