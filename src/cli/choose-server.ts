import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, Failure, usageFailure } from './failure.ts'
import { isLoopback } from './http-client.ts'
import { readLogin, type Login } from './login-file.ts'
import { assertPrivate } from './private-file.ts'
import type { Program } from './program.ts'

/** Which server the CLI speaks to, and as whom. */
export interface ChosenServer {
  /** Address without a slash at the end. */
  readonly url: string
  readonly urlFrom: '--url' | 'SALLYPORT_URL' | 'login' | 'running server' | 'settings'
  /** Bearer credential; undefined: anonymous. */
  readonly key: string | undefined
  readonly keyFrom: 'SALLYPORT_KEY' | 'login' | 'cli.key' | null
}

/** What the running server leaves in its data folder: its address and process. */
export interface RunningServer {
  readonly url: string
  readonly pid: number
}

/** What is known of the server on this machine. */
export interface LocalServer {
  readonly dataDir: string
  readonly port: number
  /** Somebody said which data folder it is. */
  readonly isNamed: boolean
}

/**
 * Finds server and credential: `--url` or SALLYPORT_URL, else the server of a data folder that was named, else the stored
 * login, else the server of the usual data folder. Throws where a named data folder has no server: any other would be a
 * surprise.
 * A stored key goes only to the origin it was stored for, and `cli.key` only to the loopback port which the living
 * server of that very data folder wrote down: whoever else listens on our usual port gets no credential.
 */
export function chooseServer(program: Program, urlFlag: string | undefined, local: LocalServer): ChosenServer {
  const login = readLogin(program)
  const running = readRunningServer(local.dataDir)
  const [url, urlFrom] = chooseUrl(program, urlFlag, login, running, local)
  const parsed = parseServerUrl(url)
  const key = program.env['SALLYPORT_KEY'] ?? ''
  const base = { url: parsed.href.replace(/\/+$/, ''), urlFrom }
  if (key !== '') return { ...base, key, keyFrom: 'SALLYPORT_KEY' }
  if (login !== undefined && new URL(login.url).origin === parsed.origin) return { ...base, key: login.key, keyFrom: 'login' }
  if (running !== undefined && isLoopback(parsed.hostname) && portOf(new URL(running.url)) === portOf(parsed)) {
    return { ...base, key: readLocalKey(local.dataDir), keyFrom: 'cli.key' }
  }
  return { ...base, key: undefined, keyFrom: null }
}

function chooseUrl(
  program: Program,
  flag: string | undefined,
  login: Login | undefined,
  running: RunningServer | undefined,
  { dataDir, port, isNamed }: LocalServer,
): [string, ChosenServer['urlFrom']] {
  if (flag !== undefined) return [flag, '--url']
  const fromEnv = program.env['SALLYPORT_URL'] ?? ''
  if (fromEnv !== '') return [fromEnv, 'SALLYPORT_URL']
  if (isNamed && running === undefined)
    throw new Failure(EXIT.unreachable, 'No server runs on this data folder', {
      why: `${dataDir} is named by --data-dir or SALLYPORT_DATA_DIR.`,
      remedy: `sallyport serve --data-dir ${dataDir}`,
    })
  if (isNamed && running !== undefined) return [running.url, 'running server']
  if (login !== undefined) return [login.url, 'login']
  if (running !== undefined) return [running.url, 'running server']
  return [`http://127.0.0.1:${port === 0 ? 7255 : port}`, 'settings']
}

/** Reads the address of a server as people give it. Throws a usage failure. */
export function parseServerUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usageFailure(`\`${text}\` is not the address of a server`, 'It must start with http:// or https://.')
  if (url.username !== '' || url.password !== '')
    throw usageFailure('The address holds a user name or password', 'Use `sallyport login` or SALLYPORT_KEY for credentials.')
  url.search = ''
  url.hash = ''
  return url
}

const portOf = (url: URL): string => (url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port)

/** The server that runs on this data folder, if its process still lives. */
export function readRunningServer(dataDir: string): RunningServer | undefined {
  const text = readIfThere(join(dataDir, 'server.json'))
  if (text === undefined) return undefined
  try {
    const { url, pid } = JSON.parse(text) as Partial<RunningServer>
    if (typeof url !== 'string' || typeof pid !== 'number' || !URL.canParse(url)) return undefined
    return isAlive(pid) ? { url, pid } : undefined
  } catch {
    // Half a file means a server that is starting or died while writing: as good as none.
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readLocalKey(dataDir: string): string | undefined {
  const path = join(dataDir, 'cli.key')
  const text = readIfThere(path)
  if (text === undefined) return undefined
  assertPrivate(path)
  return text.trim()
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return undefined
    throw error
  }
}
