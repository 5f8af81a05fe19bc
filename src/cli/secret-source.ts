import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Cli } from './cli.ts'
import { refusal, usageFailure } from './failure.ts'

/** Where a value comes from, so that it stands neither in the shell's history nor in the list of processes. */
const FORMS = 'env:VAR, file:PATH, vault:NAME, text:VALUE (not a secret) or - (standard input)'

/** The value that `source` points to; `vault:NAME` stays as it is, for the server to resolve. */
export async function readSource(source: string, { program, dialogue }: Pick<Cli, 'program' | 'dialogue'>): Promise<string> {
  if (source === '-') return nonEmpty((await dialogue.standardInput()).replace(/\r?\n$/, ''), 'Standard input')
  const [, form = '', rest = ''] = /^(env|file|vault|text):(.+)$/s.exec(source) ?? []
  if (form === 'vault') return source
  if (form === 'text') return rest
  if (form === 'env') return nonEmpty(program.env[rest] ?? '', `The environment variable ${rest}`)
  if (form === 'file') return nonEmpty(readFileSync(resolve(program.cwd, rest), 'utf8').replace(/\r?\n$/, ''), rest)
  // The text is not repeated: it may be the secret itself.
  throw usageFailure(
    'A value is given as it is',
    `Secrets are never arguments, because other users can read them. Say where the value is: ${FORMS}.`,
  )
}

/** Reads `NAME=SOURCE` pairs; a name alone is asked for. */
export async function readNamedSources(
  pairs: readonly string[],
  cli: Pick<Cli, 'program' | 'dialogue'>,
  flag: string,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    const name = split < 0 ? pair : pair.slice(0, split)
    if (name === '') throw usageFailure(`--${flag} needs a name`, `Write --${flag} NAME=SOURCE with one of ${FORMS}.`)
    values[name] =
      split < 0 ? await cli.dialogue.secret(`${name}:`, `--${flag} ${name}=env:VAR`) : await readSource(pair.slice(split + 1), cli)
  }
  return values
}

function nonEmpty(value: string, what: string): string {
  if (value === '') throw refusal(`${what} is empty or not set`)
  return value
}
