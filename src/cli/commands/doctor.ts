import { accessSync, chmodSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedSettings } from '#config.ts'
import type { Cli } from '../cli.ts'
import type { Run } from '../command.ts'
import { EXIT, Failure } from '../failure.ts'
import { inert } from '../inert.ts'
import { loginPath } from '../login-file.ts'
import { printJson } from '../print-json.ts'
import type { Health } from '../program.ts'
import type { Style } from '../terminal.ts'

const NODE_MAJOR_MIN = 24
const MARKS: Readonly<Record<Health['status'], readonly [Style, string]>> = {
  ok: ['green', '✔'],
  warning: ['yellow', '!'],
  failed: ['red', '✘'],
}

interface Check extends Health {
  readonly name: string
  /** What it is about, for whoever does not know. */
  readonly about: string
  /** Present where mending is safe. */
  readonly fix?: () => void
}

/** Runs every check, says what each is for, and mends with `--fix` what can be mended without a decision. */
export const runDoctor: Run<{ fix: boolean; json: boolean }> = async ({ flags }, cli) => {
  const found = await checks(cli)
  const results = found.map(({ fix, ...check }) => {
    if (!flags.fix || fix === undefined || check.status === 'ok') return check
    fix()
    return { name: check.name, about: check.about, status: 'ok' as const, detail: `mended: ${check.detail}` }
  })
  if (flags.json) printJson(cli.terminal, { items: results, nextCursor: null })
  else for (const check of results) cli.terminal.out(checkText(check, cli))
  return results.some(({ status }) => status === 'failed') ? EXIT.refused : EXIT.ok
}

function checkText({ name, about, status, detail, remedy }: Check, { terminal }: Cli): string {
  const [style, mark] = MARKS[status]
  const lines = [`${terminal.paint(style, mark)} ${terminal.paint('bold', name)}: ${inert(detail)}`, `  ${terminal.paint('dim', about)}`]
  if (remedy !== undefined && status !== 'ok') lines.push(`  ${terminal.paint('cyan', '→')} ${inert(remedy)}`)
  return lines.join('\n')
}

async function checks(cli: Cli): Promise<Check[]> {
  let loaded
  try {
    loaded = await cli.settings()
  } catch (error) {
    // Without settings nothing else can be found, and what is wrong with them is the answer.
    return [
      checkNode(),
      { name: 'settings', about: 'From flags, the environment and the declared file.', status: 'failed', detail: (error as Error).message },
    ]
  }
  const isolation = {
    name: 'sandbox',
    about: 'How well processes of servers are shut in on this machine.',
    ...(await probe(() => cli.program.probes.isolation())),
  }
  return [checkNode(), ...checkDataFolder(loaded), ...checkLogin(cli), ...(await checkServer(cli, loaded)), isolation]
}

function checkNode(): Check {
  const isRecent = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN
  return {
    name: 'node',
    about: `Sallyport runs on Node ${NODE_MAJOR_MIN} or newer.`,
    status: isRecent ? 'ok' : 'failed',
    detail: process.versions.node,
    remedy: `install Node ${NODE_MAJOR_MIN} or newer`,
  }
}

function checkDataFolder({ settings: { dataDir } }: LoadedSettings): Check[] {
  const about = 'Database, spool and keys lie here; nobody else may enter.'
  if (!existsSync(dataDir))
    return [{ name: 'data folder', about, status: 'warning', detail: `${dataDir} does not exist yet`, remedy: 'sallyport serve' }]
  const privacy = [
    checkMode('data folder', about, dataDir, 0o700),
    ...keyFiles(dataDir).map((path) => checkMode('key file', 'Whoever can read it can act in your name.', path, 0o600)),
  ]
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return privacy
  } catch {
    return [
      ...privacy,
      {
        name: 'data folder',
        about,
        status: 'failed',
        detail: `${dataDir} cannot be written by this user`,
        remedy: 'run as the user that owns it',
      },
    ]
  }
}

function keyFiles(dataDir: string): string[] {
  try {
    return readdirSync(dataDir)
      .filter((name) => name.endsWith('.key'))
      .map((name) => join(dataDir, name))
  } catch {
    // A folder that cannot be read is told by the check of the folder itself.
    return []
  }
}

const checkLogin = ({ program }: Cli): Check[] => {
  const path = loginPath(program)
  return existsSync(path) ? [checkMode('stored login', 'The key of `sallyport login`; only you may read it.', path, 0o600)] : []
}

function checkMode(name: string, about: string, path: string, mode: number): Check {
  const isOpen = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0
  if (!isOpen) return { name, about, status: 'ok', detail: path }
  return {
    name,
    about,
    status: 'failed',
    detail: `${path} is open to other users`,
    remedy: `chmod ${mode.toString(8)} ${path}`,
    fix: () => chmodSync(path, mode),
  }
}

/** A server that runs knows best how its parts are; without one they are looked at from here. */
async function checkServer(cli: Cli, { settings }: LoadedSettings): Promise<Check[]> {
  const about = 'The server that commands speak to.'
  try {
    const api = await cli.api()
    const { version, health, declared } = await api.call('getOverview')
    const isSame = version === cli.program.version
    return [
      {
        name: 'server',
        about,
        status: isSame ? 'ok' : 'warning',
        detail: `${api.server.url} answers, version ${version}${isSame ? '' : `, this command line is ${cli.program.version}`}`,
        remedy: 'use the same version on both sides',
      },
      { name: 'database', about: ABOUT.database, ...health.database },
      { name: 'spool', about: ABOUT.spool, ...health.spool },
      { name: 'audit chain', about: 'Each block of events carries the hash of the one before.', ...health.chain },
      { name: 'snapshot', about: 'What calls are decided from; it must be fresh.', ...health.snapshot },
      { name: 'shared state', about: 'What several nodes keep in common for a while.', ...health.shared },
      declaredCheck(declared),
    ]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const why = error.why === undefined ? error.message : `${error.message}: ${error.why}`
    const server: Check = {
      name: 'server',
      about,
      status: error.exit === EXIT.unreachable ? 'warning' : 'failed',
      detail: why,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    }
    const file = settings.config
    return [
      server,
      { name: 'database', about: ABOUT.database, ...(await probe(() => cli.program.probes.database(settings))) },
      checkSpool(settings.dataDir),
      {
        name: 'declared file',
        about: ABOUT.declared,
        ...(file === undefined ? NO_FILE : await probe(() => cli.program.probes.declaredFile(file))),
      },
    ]
  }
}

const ABOUT = {
  database: 'Deployments, keys and the audit are kept in it.',
  spool: 'Every call is written here before it is answered; when it cannot be, calls are refused.',
  declared: 'What is configured in a file instead of by commands.',
}
const NO_FILE: Health = { status: 'ok', detail: 'none is used' }

function declaredCheck({ file, error, warnings }: { file: string | null; error: string | null; warnings: readonly string[] }): Check {
  const named = { name: 'declared file', about: ABOUT.declared }
  if (file === null) return { ...named, ...NO_FILE }
  if (error !== null) return { ...named, status: 'failed', detail: error, remedy: `mend ${file}; it is taken over when it is saved` }
  return warnings.length === 0
    ? { ...named, status: 'ok', detail: file }
    : { ...named, status: 'warning', detail: `${file}: ${warnings.join('; ')}` }
}

function checkSpool(dataDir: string): Check {
  const named = { name: 'spool', about: ABOUT.spool }
  const folder = join(dataDir, 'spool')
  if (!existsSync(folder)) return { ...named, status: 'ok', detail: 'empty: no server has run here yet' }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return { ...named, status: 'ok', detail: `${folder} can be written` }
  } catch {
    return { ...named, status: 'failed', detail: `${folder} cannot be written by this user`, remedy: 'run as the user that owns it' }
  }
}

async function probe(ask: () => Promise<Health>): Promise<Health> {
  try {
    return await ask()
  } catch (error) {
    return { status: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}
