import { SETTINGS } from '#config.ts'
import { flagFacts, GLOBAL_FLAGS, type Command, type FlagTable } from './command.ts'
import { COMMANDS } from './commands.ts'
import { usage } from './help.ts'

/** The text of docs/reference/cli.md, made from the table of commands. */
export function renderCliReference(): string {
  return [
    '# Command line',
    '',
    'Made from `src/cli/commands.ts` by `npm run docs`.',
    '',
    'Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 refused, 2 usage, 3 unreachable. `NO_COLOR` and `FORCE_COLOR` are honoured. Secrets are never given as arguments.',
    '',
    'The server is the one of `--url` or `SALLYPORT_URL`, else the one that runs on the data folder of `--data-dir` or `SALLYPORT_DATA_DIR`, else of the stored login, else the one that runs on the usual data folder. The credential is `SALLYPORT_KEY`, else that of the stored login if it is for this server, else the data folder’s own `cli.key`.',
    '',
    '## Flags of every command',
    '',
    flagTable(GLOBAL_FLAGS),
    ...Object.entries(COMMANDS).flatMap(([name, row]) => ['', commandSection(name, row)]),
    '',
  ].join('\n')
}

function commandSection(name: string, row: Command): string {
  const parts = [
    `## sallyport ${name}`,
    `${row.summary}.`,
    `\`\`\`sh\n${row.examples.map((line) => `sallyport ${line}`).join('\n')}\n\`\`\``,
  ]
  if (row.details !== undefined) parts.push(row.details)
  parts.push(`Usage: \`${usage(name, row)}\``)
  if (row.args !== undefined) {
    parts.push(
      row.args
        .map(
          ({ name: argument, doc, choices }) =>
            `- \`${argument}\`: ${doc}${choices === undefined ? '' : ` (${choices.map((word) => `\`${word}\``).join(', ')})`}`,
        )
        .join('\n'),
    )
  }
  if (Object.keys(row.flags).length > 0) parts.push(flagTable(row.flags))
  return parts.join('\n\n')
}

function flagTable(flags: FlagTable): string {
  const environment = new Map<string, string>(
    Object.values(SETTINGS).flatMap((row) => ('flag' in row ? [[row.flag, row.env] as const] : [])),
  )
  const lines = Object.entries(flags).map(([flag, schema]) => {
    const { kind, value, doc } = flagFacts(schema)
    const env = environment.get(flag)
    return `| \`--${flag}${kind === 'toggle' ? '' : ` ${cell(value)}`}\` | ${cell(doc)}${env === undefined ? '' : ` (\`${env}\`)`} |`
  })
  return ['| Flag | Meaning |', '|---|---|', ...lines].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
