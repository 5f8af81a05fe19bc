import { parseArgs } from 'node:util'
import { nearest } from '#std/index.ts'
import { flagFacts, type Command, type Asked, type FlagTable } from './command.ts'
import { usageFailure } from './failure.ts'

const BEGINNING_LENGTH_MIN = 2

/** The known word that is meant: the nearest one, or one that begins so; undefined when there is none. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  return nearest(lower, known) ?? (lower.length < BEGINNING_LENGTH_MIN ? undefined : known.find((one) => one.startsWith(lower)))
}

export interface Parsed extends Asked {
  /** Flags that the user really gave, as text, for `serve`, which hands them to the settings. */
  readonly given: Readonly<Record<string, string>>
}

/** Reads what follows the command's words. Throws a usage failure that names the mistake and what was likely meant. */
export function parseArguments(name: string, row: Command, globals: FlagTable, argv: readonly string[]): Parsed {
  const table: FlagTable = { ...globals, ...row.flags }
  const help = `sallyport ${name} --help`
  const split = argv.indexOf('--')
  const rest = split < 0 ? null : argv.slice(split + 1)
  const { raw, positionals } = tokenize(table, split < 0 ? argv : argv.slice(0, split), help)
  if (rest !== null && row.rest === undefined) throw usageFailure(`\`${name}\` takes nothing after \`--\``, undefined, help)
  const args = row.args ?? []
  const required = args.filter((argument) => argument.isOptional !== true)
  if (positionals.length < required.length) {
    const missing = required[positionals.length]!
    throw usageFailure(`${missing.name} is missing`, missing.doc, `sallyport ${row.examples[0]}`)
  }
  if (positionals.length > args.length && args.at(-1)?.isRepeated !== true) {
    throw usageFailure(`\`${positionals[args.length]}\` is one argument too many for \`${name}\``, undefined, help)
  }
  const flags: Record<string, unknown> = {}
  for (const [flag, schema] of Object.entries(table)) {
    const parsed = schema.safeParse(raw[flag])
    if (!parsed.success) throw usageFailure(`--${flag} does not fit`, parsed.error.issues[0]?.message ?? flagFacts(schema).doc, help)
    flags[flag] = parsed.data
  }
  const given = Object.fromEntries(Object.entries(raw).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  return { args: positionals, rest, flags, given }
}

type Raw = Record<string, string | boolean | string[]>

function tokenize(table: FlagTable, argv: readonly string[], help: string): { raw: Raw; positionals: string[] } {
  const kinds = Object.fromEntries(Object.entries(table).map(([name, schema]) => [name, flagFacts(schema).kind]))
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(
        Object.entries(kinds).map(([name, kind]) => [name, { type: kind === 'toggle' ? ('boolean' as const) : ('string' as const) }]),
      ),
      ...shortOptions(kinds),
    },
  })
  const raw: Raw = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const kind = Object.hasOwn(kinds, token.name) ? kinds[token.name] : undefined
    if (kind === undefined) {
      const meant = suggestion(token.name, Object.keys(table))
      throw usageFailure(
        `${token.rawName} is not a flag of this command`,
        meant === undefined ? undefined : `Did you mean --${meant}?`,
        help,
      )
    }
    if (kind === 'toggle') {
      if (token.value !== undefined) throw usageFailure(`--${token.name} takes no value`, undefined, help)
      raw[token.name] = true
      continue
    }
    const value = token.value
    if (value === undefined) throw usageFailure(`--${token.name} needs a value`, flagFacts(table[token.name]!).doc, help)
    if (token.inlineValue !== true && value.length > 1 && value.startsWith('-')) {
      throw usageFailure(`--${token.name} needs a value`, `If the value is really \`${value}\`, write --${token.name}=${value}.`, help)
    }
    if (kind === 'list') raw[token.name] = [...((raw[token.name] as string[] | undefined) ?? []), value]
    else if (raw[token.name] !== undefined) throw usageFailure(`--${token.name} is given twice`, undefined, help)
    else raw[token.name] = value
  }
  return { raw, positionals }
}

/** One-letter forms of the flags that people type most. */
export const SHORT: Readonly<Record<string, string>> = { help: 'h', quiet: 'q', yes: 'y', follow: 'f', profile: 'p' }

function shortOptions(kinds: Readonly<Record<string, string | undefined>>): Record<string, { type: 'boolean' | 'string'; short: string }> {
  return Object.fromEntries(
    Object.entries(SHORT)
      .filter(([name]) => kinds[name] !== undefined)
      .map(([name, short]) => [name, { type: kinds[name] === 'toggle' ? 'boolean' : 'string', short }]),
  )
}
