import { accessSync, constants, existsSync, lstatSync, readFileSync, realpathSync, readlinkSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { isInside, type Link, type Mount } from './sandbox.ts'

/** The environment of our own process as `main` hands it over: names to values. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>

/** The real path of an executable: as given when absolute, else looked up in the search path. */
export function findExecutable(command: string, environment: HostEnvironment): string | undefined {
  const candidates = isAbsolute(command)
    ? [command]
    : command.includes('/')
      ? []
      : searchPath(environment).map((folder) => join(folder, command))
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK)
      if (statSync(candidate).isFile()) return candidate
    } catch (error) {
      if (!isFileError(error)) throw error
    }
  }
  return undefined
}

const searchPath = (environment: HostEnvironment): string[] =>
  (environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter((folder) => isAbsolute(folder))

function isFileError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR' || code === 'ELOOP'
}

/** Where distributions keep shared libraries, narrowest first; Debian's folder per architecture is enough where it exists. */
const LIBRARY_FOLDERS = process.arch === 'arm64' ? ['/usr/lib/aarch64-linux-gnu'] : ['/usr/lib/x86_64-linux-gnu']
const WHOLE_LIBRARY_FOLDERS = ['/usr/lib', '/lib']
/** The loader stands here; on merged systems a link into /usr. `/usr/share/nodejs`: what Debian's own Node splits off. */
const OTHER_LIBRARY_FOLDERS = ['/lib64', '/usr/lib64', '/usr/share/nodejs']
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc/alternatives']
const READABLE_ETC = [
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki/tls/certs',
  '/etc/localtime',
  '/etc/ld.so.cache',
]

export interface SystemView {
  readonly mounts: readonly Mount[]
  readonly links: readonly Link[]
}

/** What a dynamically linked program needs of the system: shared libraries and public certificates. */
export function libraryView(): SystemView {
  const narrow = LIBRARY_FOLDERS.filter((folder) => existsSync(folder))
  return view(
    [...(narrow.length > 0 ? narrow : WHOLE_LIBRARY_FOLDERS), ...OTHER_LIBRARY_FOLDERS, ...READABLE_ETC],
    narrow.length > 0 ? ['/lib'] : [],
  )
}

/** What a command of the system may use besides: the programs of the distribution. */
export function systemView(): SystemView {
  return view([...SYSTEM_FOLDERS, ...READABLE_ETC], [])
}

function view(paths: readonly string[], linksOnly: readonly string[]): SystemView {
  const mounts: Mount[] = []
  const links: Link[] = []
  for (const path of [...paths, ...linksOnly]) {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) continue
    // A top-level link (/lib → usr/lib) stays one; any other is followed to what it names.
    if (found.isSymbolicLink() && dirname(path) === '/') links.push({ target: readlinkSync(path), at: path })
    else if (!linksOnly.includes(path)) mounts.push(readOnly(path))
  }
  return { mounts, links }
}

/** A mount at the same path, its source free of links. */
export function readOnly(path: string, target = path): Mount {
  return { source: realpathSync(path), target, mode: 'ro' }
}

const PROJECT_MARKS = ['package.json', 'pyproject.toml', 'node_modules']

/**
 * What must be visible for a program file to run: the nearest folder above it that is a project, or the file alone.
 * Never a folder that holds one of `forbidden` (the home folder, the data folder): a mark there must not open them.
 */
export function projectOf(file: string, forbidden: readonly string[]): string {
  const packages = file.lastIndexOf('/node_modules/')
  if (packages > 0) {
    const outermost = file.slice(0, file.indexOf('/node_modules/') + '/node_modules'.length)
    if (!forbidden.some((folder) => isInside(folder, outermost))) return outermost
  }
  for (let folder = dirname(file); folder !== '/'; folder = dirname(folder)) {
    if (forbidden.some((one) => isInside(one, folder))) return file
    if (PROJECT_MARKS.some((mark) => existsSync(join(folder, mark)))) return folder
  }
  return file
}

/** Whether a file begins with a `#!` line that names Node. */
export function isNodeScript(file: string): boolean {
  if (/\.[cm]?[jt]s$/.test(file)) return true
  const head = readFileSync(file).subarray(0, 128).toString('latin1')
  return /^#!.*\bnode\b/.test(head.split('\n')[0] ?? '')
}
