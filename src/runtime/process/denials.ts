import { LIMITS } from '#std/index.ts'

/** A destination or file that a server asked for and its sandbox does not have. */
export interface Denial {
  readonly kind: 'egress' | 'file'
  /** `host:port`, or an absolute path. */
  readonly what: string
}

const HTTPS_PORT = 443

interface DenialPattern {
  readonly kind: Denial['kind']
  readonly pattern: RegExp
}

/** How Node, Python and the C library say that a name, a network or a file is out of reach. Bounded: lines are hostile. */
const PATTERNS: readonly DenialPattern[] = [
  { kind: 'egress', pattern: /getaddrinfo (?:EAI_AGAIN|ENOTFOUND) (?<host>[a-z0-9.-]{1,253})(?::(?<port>\d{1,5}))?/i },
  { kind: 'egress', pattern: /connect (?:ENETUNREACH|EHOSTUNREACH|ECONNREFUSED) (?<host>[0-9.]{7,15}):(?<port>\d{1,5})/ },
  { kind: 'egress', pattern: /connect (?:ENETUNREACH|EHOSTUNREACH) (?<host>[0-9a-f:]{2,39}):(?<port>\d{1,5})\b/i },
  { kind: 'egress', pattern: /host='(?<host>[a-z0-9.-]{1,253})', port=(?<port>\d{1,5})/i },
  { kind: 'egress', pattern: /Failed to resolve '(?<host>[a-z0-9.-]{1,253})'/i },
  { kind: 'egress', pattern: /Could not resolve host: (?<host>[a-z0-9.-]{1,253})/i },
  { kind: 'file', pattern: /\b(?:EACCES|ENOENT|EROFS|EPERM)\b[^']{0,200}'(?<path>\/[^']{1,1000})'/ },
  { kind: 'file', pattern: /Cannot find module '(?<path>\/[^']{1,1000})'/ },
  { kind: 'file', pattern: /(?:No such file or directory|Permission denied|Read-only file system): '(?<path>\/[^']{1,1000})'/ },
  { kind: 'file', pattern: /(?<path>\/[^\s:']{1,1000}): (?:No such file or directory|Permission denied|Read-only file system)/ },
]

/** What a line of stderr says is missing, or null. */
export function findDenial(line: string): Denial | null {
  for (const { kind, pattern } of PATTERNS) {
    const found = pattern.exec(line)?.groups
    if (found === undefined) continue
    if (kind === 'file') return { kind, what: found['path']! }
    const host = found['host']!.toLowerCase()
    if (host === 'localhost' || host.startsWith('127.')) return null
    return { kind, what: `${host.includes(':') ? `[${host}]` : host}:${found['port'] ?? HTTPS_PORT}` }
  }
  return null
}

/** What one server was denied, each once and at most `deniedPerInstanceMax`. */
export interface DenialList {
  /** `isArgument`: the launch specification itself names it. Returns whether it is news. */
  add(denial: Denial, isArgument: boolean): boolean
  all(): readonly string[]
  /**
   * The command that grants what the launch specification names, all of it; else the first thing that the server asked for.
   * Never all that it asked for: a hostile one says what it likes.
   */
  remedy(deployment: string): string | null
  clear(): void
}

export function createDenialList(): DenialList {
  const denials = new Map<string, Denial & { readonly isArgument: boolean }>()
  return {
    add(denial, isArgument) {
      if (denials.has(denial.what) || denials.size >= LIMITS.deniedPerInstanceMax) return false
      denials.set(denial.what, { ...denial, isArgument })
      return true
    },
    all: () => [...denials.keys()],
    remedy(deployment) {
      const all = [...denials.values()]
      const named = all.filter((denial) => denial.isArgument)
      const wanted = named.length > 0 ? named : all.slice(0, 1)
      return wanted.length === 0 ? null : grantCommand(deployment, wanted)
    },
    clear: () => denials.clear(),
  }
}

/** The command that grants what was denied. */
export function grantCommand(deployment: string, denials: readonly Denial[]): string {
  const flags = denials.map(({ kind, what }) => (kind === 'egress' ? `--egress ${what}` : `--file ${shellWord(what)}:ro`))
  return `sallyport deployment grant ${deployment} ${flags.join(' ')}`
}

/** The path comes from the server's own words: quoted, so that a copied command does only what it says. */
function shellWord(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
