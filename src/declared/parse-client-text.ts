import { z } from 'zod'
import { normaliseName } from '#profile/index.ts'
import { explainIssues, Problem } from '#std/index.ts'
import { type Document, readDocument } from './document.ts'
import { looksSecret } from './looks-secret.ts'
import { DeclaredError } from './model.ts'
import { proposeName } from './propose-name.ts'
import { declaredFile, type DeclaredServer } from './shapes.ts'
import { splitCommand } from './split-command.ts'

/** A definition read from a text, with the text's own values: for whoever sent it, and for nobody else. */
export interface Proposal {
  readonly definition: {
    readonly name: string
    readonly title: string
    readonly description?: string
    readonly access?: 'granted' | 'tenant' | 'public'
    readonly deadlineMs?: number
    readonly startDeadlineMs?: number
    readonly headersMode?: 'strict' | 'lenient'
    readonly spec: ProposedSpec
  }
  /** `${input:id}` placeholders of the definition; what the text took from the environment has become one. */
  readonly inputs: readonly { readonly id: string; readonly description: string; readonly isSecret: boolean }[]
  readonly warnings: readonly string[]
}

type ProposedSpec =
  | { kind: 'remote'; url: string; headers: Record<string, string> }
  | {
      kind: 'process'
      command: string
      args: string[]
      env: Record<string, string>
      cwd: string | null
      files: { path: string; mode: 'ro' | 'rw' }[]
      egress: string[]
      isolation: 'strong' | 'medium' | 'none'
    }

const TEXT = 'text'
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s

/**
 * Reads what people paste: an address, a command line, or the configuration of a client (Claude, Cursor, VS Code), whole
 * or one entry of it. Pure: nothing is resolved, fetched or started. Throws `invalid-input` with the place of each error.
 */
export function parseClientText(pasted: string): Proposal[] {
  const text = pasted.trim()
  if (/^https?:\/\/\S+$/i.test(text)) return [proposalOf(proposeName({ url: text }), { ...EMPTY, url: text }, [])]
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme !== undefined)
    throw new Problem('invalid-input', `The address begins with ${scheme}://, and MCP servers are called over http:// or https://.`, {
      remedy: 'Give an http or https address, or a command line.',
    })
  if (/^["{[/]/.test(text) && !/^\/[^/*]/.test(text)) return proposalsOfJson(text)
  const words = splitCommand(text)
  if (!words.ok) throw new Problem('invalid-input', `The command line cannot be taken: ${words.error}.`)
  const env: Record<string, string> = {}
  let rest = words.value
  for (let match = ASSIGNMENT.exec(rest[0] ?? ''); match !== null; match = ASSIGNMENT.exec(rest[0] ?? '')) {
    env[match[1]!] = match[2]!
    rest = rest.slice(1)
  }
  const [command, ...args] = rest
  if (command === undefined)
    throw new Problem('invalid-input', 'The text names no program.', {
      remedy: 'Give an address, a command line, or the JSON of a client.',
    })
  return [proposalOf(proposeName({ command, args }), { ...EMPTY, command, args, env }, [])]
}

const EMPTY: DeclaredServer = { args: [], env: {}, headers: {}, disabled: false }

function proposalsOfJson(text: string): Proposal[] {
  const { document, offset } = asDocument(text)
  const value = wrapped(document.value)
  if (value === undefined)
    throw new Problem('invalid-input', 'The JSON is no configuration of a client.', {
      remedy: 'Expected "mcpServers" (Claude, Cursor), "servers" (VS Code), or one entry with "command" or "url".',
    })
  const parsed = pastedFile.safeParse(value.file)
  if (!parsed.success) {
    const lines = explainIssues(pastedFile, parsed.error, value.file).map(({ path, part, message }) => {
      const inText = path.slice(value.depth)
      const { line, column } = document.find(inText.length === 0 ? [] : [...value.prefix, ...inText], message, part)
      return `${TEXT}:${line}:${column - (line === 1 ? offset : 0)}: ${message}`
    })
    throw refusal(lines)
  }
  const { mcpServers, servers, inputs } = parsed.data
  const entries = [...Object.entries(mcpServers), ...Object.entries(servers)]
  if (entries.length === 0) throw new Problem('invalid-input', 'The JSON holds no server.')
  return entries.map(([key, entry]) => proposalOf(key === '' ? proposeName(entry) : key, entry, inputs))
}

const pastedFile = z.object({
  mcpServers: declaredFile.shape.mcpServers,
  servers: declaredFile.shape.servers,
  inputs: declaredFile.shape.inputs,
})

/** A fragment `"docs": { … }` is pasted as often as a whole object. */
function asDocument(text: string): { document: Document; offset: number } {
  const isFragment = text.startsWith('"')
  try {
    return { document: readDocument(isFragment ? `{${text.replace(/,$/, '')}}` : text, TEXT), offset: isFragment ? 1 : 0 }
  } catch (error) {
    if (error instanceof DeclaredError) throw refusal(error.findings.map((finding) => `${finding.place}: ${finding.message}`))
    throw error
  }
}

interface Wrapped {
  readonly file: unknown
  /** How many leading parts of a path in `file` stand for `prefix` in the text. */
  readonly depth: number
  readonly prefix: readonly string[]
}

/** Finds the servers wherever the client puts them: at the top, under `mcp` (VS Code settings), as bare entries, or as one entry. */
function wrapped(value: unknown): Wrapped | undefined {
  if (!isObject(value)) return undefined
  if (isObject(value['mcpServers']) || isObject(value['servers'])) return { file: value, depth: 0, prefix: [] }
  if (isObject(value['mcp'])) {
    const inner = wrapped(value['mcp'])
    return inner && { ...inner, prefix: ['mcp', ...inner.prefix] }
  }
  if (typeof value['command'] === 'string' || typeof value['url'] === 'string') {
    const { name, ...entry } = value
    return { file: { mcpServers: { [typeof name === 'string' ? name : '']: entry } }, depth: 2, prefix: [] }
  }
  const entries = Object.values(value)
  if (entries.length > 0 && entries.every((entry) => isObject(entry) && ('command' in entry || 'url' in entry)))
    return { file: { mcpServers: value }, depth: 1, prefix: [] }
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function proposalOf(
  key: string,
  entry: DeclaredServer,
  known: readonly { id: string; description: string; password: boolean }[],
): Proposal {
  const warnings: string[] = []
  const inputs = new Map<string, Proposal['inputs'][number]>()
  const normal = normaliseName(key)
  if (!normal.ok) warnings.push(`${normal.error}; choose another name`)
  const placeholders = (text: string): string => asInputs(text, known, inputs)
  const { sallyport: ours } = entry
  if (entry.command !== undefined && entry.url !== undefined)
    throw new Problem('invalid-input', `${JSON.stringify(key)} has both "command" and "url"; a server has one of them.`)
  if (entry.openapi !== undefined)
    throw new Problem('invalid-input', `${JSON.stringify(key)} is an API with an OpenAPI document, which is not added by pasting.`, {
      remedy: 'sallyport deployment add NAME --openapi URL_OR_FILE, or declare it in sallyport.json.',
    })
  if (entry.command === undefined && entry.url === undefined)
    throw new Problem('invalid-input', `${JSON.stringify(key)} has neither "command" nor "url".`)
  if (entry.envFile !== undefined) warnings.push(`"envFile" is not read here; give the variables of ${entry.envFile} one by one.`)
  if (entry.disabled) warnings.push('The entry is disabled in the text.')
  const spec: ProposedSpec =
    entry.url === undefined
      ? {
          kind: 'process',
          command: placeholders(entry.command!),
          args: entry.args.map(placeholders),
          env: mapValues(entry.env, placeholders),
          cwd: entry.cwd === undefined ? null : placeholders(entry.cwd),
          files: ours?.files ?? [],
          egress: ours?.egress ?? [],
          isolation: ours?.isolation ?? 'medium',
        }
      : { kind: 'remote', url: placeholders(entry.url), headers: mapValues(entry.headers, placeholders) }
  const description = ours?.description ?? entry.description
  const definition = {
    name: normal.ok ? normal.value : 'server',
    title: ours?.title ?? key,
    ...(description === undefined ? {} : { description }),
    ...(ours === undefined
      ? {}
      : { access: ours.access, deadlineMs: ours.deadlineMs, startDeadlineMs: ours.startDeadlineMs, headersMode: ours.headers }),
    spec,
  }
  return { definition, inputs: [...inputs.values()], warnings }
}

function mapValues(values: Readonly<Record<string, string | number | null>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, change(String(value))]])))
}

/** The environment meant is that of whoever pasted, not ours: every reference becomes a question. */
function asInputs(
  text: string,
  known: readonly { id: string; description: string; password: boolean }[],
  inputs: Map<string, Proposal['inputs'][number]>,
): string {
  const ask = (reference: string): string => {
    const id = reference
      .replace(/^(env|input):/, '')
      .replace(/:-.*$/s, '')
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64)
    const input = known.find((each) => each.id === id)
    inputs.set(id, { id, description: input?.description ?? `Value of ${id}`, isSecret: input?.password ?? looksSecret(id) })
    return `\${input:${id}}`
  }
  const whole = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)
  return whole === null ? text.replace(/\$\{([^{}]{1,256})\}/g, (_, inside: string) => ask(inside)) : ask(whole[1]!)
}

function refusal(lines: readonly string[]): Problem {
  return new Problem('invalid-input', lines.join('\n'), { remedy: 'Give an address, a command line, or the JSON of a client.' })
}
