import { styleText } from 'node:util'
import { inert } from './inert.ts'
import type { Program } from './program.ts'

export type Style = Parameters<typeof styleText>[0]

/** Environment variables by which coding agents announce themselves: they get plain and complete output and no questions. */
const AGENT_VARIABLES = ['AI_AGENT', 'AGENT', 'CLAUDECODE', 'CURSOR_AGENT', 'CODEX_SANDBOX', 'GEMINI_CLI', 'OPENCODE']

/** Where the CLI speaks. Data goes to standard output, everything said about it to standard error. */
export interface Terminal {
  /** Columns for tables on standard output; infinite when it is not a terminal, so that pipes get everything. */
  readonly columns: number
  /** Somebody can answer questions. */
  readonly isInteractive: boolean
  /** Writes data and a line break to standard output. */
  readonly out: (text: string) => void
  /** Says something on standard error; silent with `--quiet`. */
  readonly say: (text: string) => void
  /** Like `say`, but not even `--quiet` silences it: errors and questions. */
  readonly insist: (text: string) => void
  /** Styles text for standard output. */
  readonly paint: (style: Style, text: string) => string
  /** Styles text for standard error. */
  readonly tint: (style: Style, text: string) => string
}

export interface TerminalOptions {
  readonly isQuiet: boolean
  readonly mayAsk: boolean
}

type Output = Program['stdout']

export function createTerminal(
  program: Pick<Program, 'env' | 'stdin' | 'stdout' | 'stderr'>,
  { isQuiet, mayAsk }: TerminalOptions,
): Terminal {
  const { env, stdin, stdout, stderr } = program
  const isAgent = AGENT_VARIABLES.some((name) => (env[name] ?? '') !== '')
  const isDataColoured = !isAgent && mayColour(env, stdout)
  const isTalkColoured = !isAgent && mayColour(env, stderr)
  const styled = (isColoured: boolean) => (style: Style, text: string) =>
    isColoured ? styleText(style, text, { validateStream: false }) : text
  const insist = (text: string): void => void stderr.write(`${text}\n`)
  return {
    columns: stdout.isTTY === true && !isAgent ? Math.max(40, stdout.columns ?? 80) : Infinity,
    isInteractive: mayAsk && !isAgent && stdin.isTTY === true && stderr.isTTY === true,
    out: (text) => void stdout.write(`${text}\n`),
    say: isQuiet ? () => undefined : insist,
    insist,
    paint: styled(isDataColoured),
    tint: styled(isTalkColoured),
  }
}

/** https://no-color.org and the FORCE_COLOR of Node: the explicit wish for colour wins. */
function mayColour(env: Program['env'], stream: Output): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return (env['NO_COLOR'] ?? '') === '' && stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** `✘ what`, the reason, `→ the command that fixes it`. Every part may quote a server, so every part is made inert. */
export function showFailure(
  terminal: Terminal,
  failure: { readonly message: string; readonly why?: string | undefined; readonly remedy?: string | undefined },
): void {
  terminal.insist(`${terminal.tint('red', '✘')} ${terminal.tint('bold', inert(failure.message))}`)
  if (failure.why !== undefined) for (const line of inert(failure.why, { isMultiline: true }).split('\n')) terminal.insist(`  ${line}`)
  if (failure.remedy !== undefined) terminal.insist(`${terminal.tint('cyan', '→')} ${inert(failure.remedy)}`)
}

/** A thing was done; `next` is the command to go on with. */
export function showSuccess(terminal: Terminal, what: string, next?: string): void {
  terminal.say(`${terminal.tint('green', '✔')} ${what}`)
  if (next !== undefined) terminal.say(`${terminal.tint('cyan', '→')} ${next}`)
}
