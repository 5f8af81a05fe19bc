import { z } from 'zod'
import type { Cli } from './cli.ts'
import type { ExitCode } from './failure.ts'

/** Flags of a command: names without dashes, zod schemas with a description. Booleans take no value, arrays may repeat. */
export type FlagTable = Readonly<Record<string, z.ZodType>>

export interface Argument {
  /** Shown in capitals. */
  readonly name: string
  readonly doc: string
  readonly isOptional?: boolean
  readonly isRepeated?: boolean
  /** Fixed words that the shell may complete. */
  readonly choices?: readonly string[]
}

/** What a command was asked. A command names the flags it reads; `command()` checks them against its row. */
export interface Asked<Flags = Readonly<Record<string, unknown>>> {
  /** Positional arguments, as many as the table asks for. */
  readonly args: readonly string[]
  /** What stood after `--`; null when there was none. */
  readonly rest: readonly string[] | null
  readonly flags: Flags
}

/** Ends well without a number. */
export type Run<Flags = Readonly<Record<string, unknown>>> = (asked: Asked<Flags>, cli: Cli) => Promise<ExitCode | void>

type Values<Flags extends FlagTable> = { readonly [Name in keyof Flags]: z.output<Flags[Name]> }

export interface Command<Flags extends FlagTable = FlagTable> {
  readonly summary: string
  /** The most useful one first; what follows the program's name. */
  readonly examples: readonly [string, ...string[]]
  readonly details?: string
  readonly args?: readonly Argument[]
  /** Says what may stand after `--`; absent when nothing may. */
  readonly rest?: string
  readonly flags: Flags
  /** Speaks to no server, so `--url` would do nothing. */
  readonly isLocal?: boolean
  /** Loads the code of the command, so that help is printed without it. */
  readonly load: () => Promise<Run<Values<Flags>>>
}

/** Keeps the types of the flags for `load` and forgets them for the table. */
export const command = <Flags extends FlagTable>(row: Command<Flags>): Command => row as unknown as Command

/** A flag without a value. */
export const toggle = (doc: string) => z.boolean().default(false).describe(doc)

/** A flag with a value; `value` names it in the help. */
export const option = (value: string, doc: string) => z.string().min(1).optional().meta({ description: doc, value })

/** A flag that may be given several times. */
export const options = (value: string, doc: string) => z.array(z.string().min(1)).default([]).meta({ description: doc, value })

/** A flag that takes one of a few words. */
export const choice = <const Words extends readonly [string, ...string[]]>(words: Words, doc: string) =>
  z
    .enum(words)
    .optional()
    .meta({ description: doc, value: words.join('|') })

export type FlagKind = 'toggle' | 'text' | 'list'

export interface FlagFacts {
  readonly kind: FlagKind
  readonly value: string
  readonly doc: string
}

/** What parser, help and completion need to know of a flag. */
export function flagFacts(schema: z.ZodType): FlagFacts {
  const meta = z.globalRegistry.get(schema) as { description?: string; value?: string } | undefined
  let inner: unknown = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap()
  const kind = inner instanceof z.ZodBoolean ? 'toggle' : inner instanceof z.ZodArray ? 'list' : 'text'
  return { kind, value: meta?.value ?? 'VALUE', doc: meta?.description ?? '' }
}

/** Flags that every command takes. */
export const GLOBAL_FLAGS = {
  url: option('URL', 'Server to speak to; default: SALLYPORT_URL, the stored login, the local server'),
  'data-dir': option('FOLDER', 'Data folder of the local server'),
  yes: toggle('Answer every question with yes'),
  'no-input': toggle('Never ask; fail where an answer is needed'),
  quiet: toggle('Print data and errors only'),
  help: toggle('Show help'),
} as const satisfies FlagTable

/** The flags that a command takes beside its own. */
export function globalFlags(row: Command): FlagTable {
  const { url, ...local } = GLOBAL_FLAGS
  return row.isLocal === true ? local : { url, ...local }
}

/** Commands by their words: a verb, or a noun and a verb. */
export type CommandTable = Readonly<Record<string, Command>>

/** First words that need a second one, in the order of the table. */
export const nounsOf = (table: CommandTable): readonly string[] => [
  ...new Set(Object.keys(table).flatMap((name) => (name.includes(' ') ? [name.split(' ')[0]!] : []))),
]

/** The verbs of a noun, in the order of the table. */
export const verbsOf = (table: CommandTable, noun: string): readonly string[] =>
  Object.keys(table).flatMap((name) => (name.startsWith(`${noun} `) ? [name.slice(noun.length + 1)] : []))
