import { flagFacts, globalFlags, nounsOf, verbsOf, type Command, type FlagTable } from './command.ts'
import { COMMANDS, NOUNS } from './commands.ts'
import { displayWidth, pad } from './display-width.ts'
import { SHORT } from './parse-arguments.ts'
import type { Terminal } from './terminal.ts'

type Painter = Pick<Terminal, 'paint' | 'columns'>

const INDENT = '  '
const READABLE_COLUMNS = 100

/** What `sallyport --help` prints. */
export function programHelp(terminal: Painter): string {
  const verbs = Object.entries(COMMANDS).filter(([name]) => !name.includes(' '))
  return [
    `${terminal.paint('bold', 'sallyport')}: the secure front door for MCP`,
    '',
    examples(terminal, ['serve', 'tool list', 'client connect claude-code']),
    '',
    section(terminal, 'Commands', [
      ...nounsOf(COMMANDS).map((noun): [string, string] => [`${noun} ${verbsOf(COMMANDS, noun).join('|')}`, '']),
      ...verbs.map(([name, row]): [string, string] => [name, row.summary]),
    ]),
    '',
    `${INDENT}sallyport COMMAND --help says more. Exit codes: 0 ok, 1 refused, 2 usage, 3 unreachable.`,
  ].join('\n')
}

/** The verbs of a noun. */
export function nounHelp(terminal: Painter, noun: string): string {
  const rows = verbsOf(COMMANDS, noun).map((verb): [string, string] => [`${noun} ${verb}`, COMMANDS[`${noun} ${verb}`]!.summary])
  return [
    terminal.paint('bold', NOUNS[noun] ?? noun),
    '',
    examples(terminal, [COMMANDS[rows[0]![0]]!.examples[0]]),
    '',
    section(terminal, 'Commands', rows),
  ].join('\n')
}

/** Examples first, then everything the command takes. */
export function commandHelp(terminal: Painter, name: string, row: Command): string {
  const parts = [terminal.paint('bold', row.summary), examples(terminal, row.examples)]
  if (row.details !== undefined) parts.push(wrap(row.details, INDENT, terminal))
  parts.push(section(terminal, 'Usage', [[usage(name, row), '']]))
  if (row.args !== undefined) {
    parts.push(
      section(
        terminal,
        'Arguments',
        row.args.map(({ name: argument, doc, choices }) => [argument, choices === undefined ? doc : `${doc}: ${choices.join(', ')}`]),
      ),
    )
  }
  if (Object.keys(row.flags).length > 0) parts.push(section(terminal, 'Flags', flagLines(row.flags)))
  parts.push(section(terminal, 'Flags of every command', flagLines(globalFlags(row))))
  return parts.join('\n\n')
}

/** One line: words, arguments and what may follow `--`. */
export function usage(name: string, row: Command): string {
  const args = (row.args ?? []).map(({ name: argument, isOptional, isRepeated }) => {
    const shown = `${argument}${isRepeated === true ? '...' : ''}`
    return isOptional === true ? `[${shown}]` : shown
  })
  return ['sallyport', name, ...args, '[flags]', ...(row.rest === undefined ? [] : [`[-- ${row.rest}]`])].join(' ')
}

/** Each flag as it is typed, with its sentence. */
export function flagLines(flags: FlagTable): [string, string][] {
  return Object.entries(flags).map(([flag, schema]) => {
    const { kind, value, doc } = flagFacts(schema)
    const short = SHORT[flag]
    return [`${short === undefined ? '    ' : `-${short}, `}--${flag}${kind === 'toggle' ? '' : ` ${value}`}`, doc]
  })
}

const examples = (terminal: Painter, lines: readonly string[]): string =>
  lines.map((line) => `${INDENT}${terminal.paint('dim', '$')} sallyport ${line}`).join('\n')

function section(terminal: Painter, title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left, right]) => (right === '' ? 0 : displayWidth(left))))
  const lines = rows.map(([left, right]) => {
    const start = `${INDENT}${pad(left, width)}${INDENT}`
    return right === '' ? `${INDENT}${left}` : start + wrap(right, ' '.repeat(start.length), terminal).trimStart()
  })
  return [terminal.paint('bold', title), ...lines].join('\n')
}

/** Breaks a text at words, for terminals; a pipe gets the same width, so that help looks alike everywhere. */
function wrap(text: string, indent: string, { columns }: Painter): string {
  const width = Math.max(30, Math.min(columns, READABLE_COLUMNS) - indent.length)
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && displayWidth(line) + displayWidth(word) >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => indent + line).join('\n')
}
