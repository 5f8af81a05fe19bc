// The generated pages of docs/reference/, each from the table that the program itself runs on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OTHER_VARIABLES, SETTINGS } from '#config.ts'
import { renderCliReference } from '#cli/index.ts'
import { METHODS } from '#gateway/index.ts'
import { LIMITS } from '#std/index.ts'
import { MENDERS, PROBLEM_DESCRIPTIONS } from '#std/problem-guide.ts'
import { describeSchema, openStore } from '#store/index.ts'

export const REFERENCE_FOLDER = join(import.meta.dirname, '../docs/reference')

/** File below docs/reference/ → its text. */
export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'settings.md': renderSettings,
  'problems.md': renderProblems,
  'limits.md': renderLimits,
  'methods.md': renderMethods,
  'cli.md': renderCliReference,
  'schema.sql': renderSchema,
}

function renderSettings(): string {
  const rows = Object.entries<{ env: string; flag?: string; default?: string | number; doc: string; isSecret?: boolean }>(SETTINGS).map(
    ([name, row]) => [
      code(row.env),
      row.flag === undefined ? '' : code(`--${row.flag}`),
      code(name),
      row.default === undefined || row.default === '' ? '' : code(String(row.default)),
      row.isSecret === true ? `${row.doc} Never shown.` : row.doc,
    ],
  )
  return page(
    'Settings',
    'src/config.ts',
    'A flag wins over the environment, that over `settings` of the declared file, that over the default. A name in the environment that starts with `SALLYPORT_` and is not listed here is refused. `sallyport config show` tells where each value came from.',
    table(['Environment', 'Flag', 'In the file', 'Default', 'Meaning'], rows),
    `Names that are not settings of the server: ${OTHER_VARIABLES.map(code).join(', ')}.`,
  )
}

function renderProblems(): string {
  const rows = PROBLEM_DESCRIPTIONS.map(({ type, status, code: rpcCode, title }) => [
    `[${code(type)}](#${type})`,
    String(status),
    code(String(rpcCode)),
    title,
  ])
  const guide = PROBLEM_DESCRIPTIONS.map(({ type, title, meaning, mendedBy, mend }) =>
    [
      `### <a id="${type}"></a>${code(type)}: ${title}`,
      meaning,
      `Who must act: ${mendedBy.map((mender) => MENDERS[mender]).join('; ')}.`,
      mend.map((sentence) => `- ${sentence}`).join('\n'),
    ].join('\n\n'),
  )
  return page(
    'Problems',
    'src/std/problem.ts` and `src/std/problem-guide.ts',
    'Every refusal is one of these: over HTTP a document of RFC 9457 (`application/problem+json`), over MCP the `error` of the JSON-RPC response with the same document under `data.problem`. `detail` says why, `remedy` what to do. The console of every server has a page for each, also without signing in: `/app/problems/TYPE`.',
    table(['Type', 'HTTP', 'JSON-RPC', 'Title'], rows),
    '## What each means, and what mends it',
    ...guide,
  )
}

function renderLimits(): string {
  const source = ['limits.ts', 'limits-of-parts.ts']
    .map((file) => readFileSync(join(import.meta.dirname, '../src/std', file), 'utf8'))
    .join('\n')
  const docs = new Map([...source.matchAll(/\/\*\* ([^\n]*) \*\/\n {2}(\w+):/g)].map(([, doc = '', name = '']) => [name, doc]))
  const rows = Object.entries<number>(LIMITS).map(([name, value]) => [code(name), value.toLocaleString('en'), docs.get(name) ?? ''])
  return page(
    'Limits',
    'src/std/limits.ts` and `src/std/limits-of-parts.ts',
    'Every queue, body, list, wait and retry has a bound; the unit is in its name.',
    table(['Limit', 'Value', 'Of what'], rows),
  )
}

function renderMethods(): string {
  const rows = Object.entries(METHODS).map(([name, row]) => [
    code(name),
    row.scope === null ? 'any' : code(row.scope),
    row.isForTools ? 'yes' : 'no',
    row.isAudited ? 'yes' : 'no',
    row.target === null ? '' : code(row.target),
  ])
  return page(
    'Methods',
    'src/gateway/methods.ts',
    'The MCP methods of both eras. One that has no row is answered with -32601, also where a deployment would know it.',
    table(['Method', 'Scope', 'With a key for tools only', 'In the audit', 'What it is about'], rows),
  )
}

async function renderSchema(): Promise<string> {
  const store = await openStore({ now: () => 0 })
  try {
    return `-- The tables of the embedded database, after all migrations. Made by \`npm run docs\`.\n\n${await describeSchema(store)}`
  } finally {
    await store.close()
  }
}

function page(title: string, source: string, ...blocks: readonly string[]): string {
  return `# ${title}\n\nMade from \`${source}\` by \`npm run docs\`.\n\n${blocks.join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
