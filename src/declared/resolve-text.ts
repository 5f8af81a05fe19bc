import { readFileSync, statSync } from 'node:fs'
import { basename, resolve, sep } from 'node:path'
import { err, LIMITS, ok, type Result } from '#std/index.ts'
import { readFault } from './read-fault.ts'
import type { DeclaredInput } from './shapes.ts'

/** What references may refer to. */
export interface References {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder of the declared file. */
  readonly folder: string
  readonly inputs: ReadonlyMap<string, DeclaredInput>
  /** Answers to inputs, as far as they are known. */
  readonly answers: ReadonlyMap<string, string>
}

const UNSET = 'the environment variable '

/** What to do about a text that failed to resolve, where that is not an edit of the file. */
export function remedyOf(failure: string): { remedy?: string } {
  const name = failure.startsWith(UNSET) ? failure.slice(UNSET.length).split(' ')[0] : undefined
  return name === undefined ? {} : { remedy: `set ${name} in the environment of the server` }
}

export interface ResolvedText {
  readonly text: string
  /** Where its parts came from, such as `env:DOCS_TOKEN`; empty for a literal. */
  readonly sources: readonly string[]
  /** Inputs without an answer; their placeholders are still in the text. */
  readonly missing: readonly string[]
}

const WHOLE = /^(env|file):(.+)$/s
const PLACEHOLDER = /\$\{([^{}]{1,256})\}/g
const VARIABLE = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/**
 * Replaces `${VAR}`, `${VAR:-default}`, `${env:VAR}`, `${input:id}` and the folder names of VS Code and Cursor; with
 * `isWholeAllowed` also a text that is `env:VAR` or `file:PATH` altogether. Fails with a sentence that holds no value.
 * What was put in is not looked at again.
 */
export function resolveText(text: string, references: References, isWholeAllowed: boolean): Result<ResolvedText, string> {
  const whole = isWholeAllowed ? WHOLE.exec(text) : null
  if (whole !== null) {
    const found = whole[1] === 'env' ? fromVariable(whole[2]!, undefined, references) : fromFile(whole[2]!, references)
    return found.ok ? ok({ text: found.value, sources: [text], missing: [] }) : found
  }
  const sources: string[] = []
  const missing: string[] = []
  let failure: string | undefined
  const resolved = text.replace(PLACEHOLDER, (placeholder, inside: string) => {
    const folder = folderName(inside, references)
    if (folder !== undefined) return folder
    const found = inside.startsWith('input:')
      ? fromInput(inside.slice('input:'.length), references, missing)
      : fromPlaceholder(inside, references)
    if (!found.ok) {
      failure ??= found.error
      return placeholder
    }
    sources.push(placeholder)
    return found.value ?? placeholder
  })
  return failure === undefined ? ok({ text: resolved, sources, missing }) : err(failure)
}

function fromPlaceholder(inside: string, references: References): Result<string, string> {
  const variable = VARIABLE.exec(inside)
  if (variable === null) return err(`\${${inside}} is not a reference; expected \${VAR}, \${env:VAR} or \${input:id}`)
  return fromVariable(variable[1]!, variable[2], references)
}

function fromVariable(name: string, fallback: string | undefined, { env }: References): Result<string, string> {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value !== undefined && value !== '') return ok(value)
  return fallback === undefined ? err(`${UNSET}${name} is not set`) : ok(fallback)
}

function fromFile(path: string, { env, folder }: References): Result<string, string> {
  const full = expandPath(path, folder, env)
  try {
    if (statSync(full).size > LIMITS.secretBytesMax) return err(`the file ${path} is larger than ${LIMITS.secretBytesMax} bytes`)
    return ok(readFileSync(full, 'utf8').replace(/\r?\n$/, ''))
  } catch (error) {
    return err(`the file ${path} ${readFault(error)}`)
  }
}

function fromInput(id: string, { inputs, answers }: References, missing: string[]): Result<string | undefined, string> {
  const input = inputs.get(id)
  if (input === undefined) return err(`there is no input ${JSON.stringify(id)} in "inputs"`)
  const answer = answers.get(id) ?? input.default
  if (answer === undefined) missing.push(id)
  return ok(answer)
}

/** The names that VS Code and Cursor know; the workspace is the folder of the file. */
function folderName(inside: string, { env, folder }: References): string | undefined {
  if (inside === 'workspaceFolder') return folder
  if (inside === 'workspaceFolderBasename') return basename(folder)
  if (inside === 'userHome') return env['HOME']
  return inside === 'pathSeparator' || inside === '/' ? sep : undefined
}

/** An absolute path: `~` is the home folder, everything else stands relative to the declared file. */
export function expandPath(path: string, folder: string, env: References['env']): string {
  const home = env['HOME']
  return path === '~' || path.startsWith('~/') ? resolve(home ?? folder, path.slice(2)) : resolve(folder, path)
}
