import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { LIMITS, Problem } from '#std/index.ts'

/** The built console, in memory. What is asked for is looked up here, so no path of a request reaches the file system. */
export interface ConsoleFiles {
  /** `index.html`: the page that everything else is loaded by. */
  readonly shell: string
  /** By path below the base of the console, without a slash in front: `assets/index-4f1c.js`. */
  readonly files: ReadonlyMap<string, ConsoleFile>
}

export interface ConsoleFile {
  readonly type: string
  /** Its name changes with its content. */
  readonly isImmutable: boolean
  /** By content coding; `identity` is always there. */
  readonly variants: ReadonlyMap<ContentCoding, ConsoleVariant>
}

export interface ConsoleVariant {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

/** Best first. */
export const CONTENT_CODINGS = ['br', 'gzip', 'identity'] as const
export type ContentCoding = (typeof CONTENT_CODINGS)[number]

const SHELL = 'index.html'
const IMMUTABLE = 'assets/'
/** What the build leaves beside a file. */
const COMPRESSED: Readonly<Record<string, ContentCoding>> = { '.br': 'br', '.gz': 'gzip' }
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Reads the build; null when there is none. Throws `overloaded` when it is too large to be held. */
export function loadConsoleFiles(folder: string): ConsoleFiles | null {
  if (!existsSync(join(folder, SHELL))) return null
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  if (names.length > LIMITS.consoleFilesMax) throw tooLarge(folder, 'consoleFilesMax')
  let bytesLeft: number = LIMITS.consoleBytesMax
  const contents = new Map<string, Buffer<ArrayBuffer>>()
  for (const name of names) {
    const bytes = readFileSync(join(folder, name))
    bytesLeft -= bytes.length
    if (bytesLeft < 0) throw tooLarge(folder, 'consoleBytesMax')
    contents.set(name, bytes)
  }
  const isShell = (name: string): boolean => name === SHELL || Object.keys(COMPRESSED).some((suffix) => name === SHELL + suffix)
  const plain = names.filter((name) => !(extname(name) in COMPRESSED) && !isShell(name))
  return {
    shell: contents.get(SHELL)!.toString(),
    files: new Map(plain.map((name) => [name, fileOf(name, contents)])),
  }
}

function fileOf(name: string, contents: ReadonlyMap<string, Buffer<ArrayBuffer>>): ConsoleFile {
  const variants = new Map<ContentCoding, ConsoleVariant>([['identity', variantOf(contents.get(name)!)]])
  for (const [suffix, coding] of Object.entries(COMPRESSED)) {
    const bytes = contents.get(name + suffix)
    if (bytes !== undefined) variants.set(coding, variantOf(bytes))
  }
  return { type: TYPES[extname(name)] ?? 'application/octet-stream', isImmutable: name.startsWith(IMMUTABLE), variants }
}

const variantOf = (bytes: Uint8Array<ArrayBuffer>): ConsoleVariant => ({ bytes, etag: `"${hash('sha256', bytes, 'base64url')}"` })

function tooLarge(folder: string, limit: 'consoleFilesMax' | 'consoleBytesMax'): Problem {
  return new Problem('overloaded', `The console in ${folder} is larger than it may be: ${LIMITS[limit]} (${limit}).`, {
    remedy: 'Remove what does not belong there, and build it again: npm run build',
  })
}
