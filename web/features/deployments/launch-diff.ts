import { type ApiSpec, type Spec, whatRuns } from './deployment-model.ts'
import type { SpecInput } from './launch-draft.ts'

/** In the order in which they are shown. */
const PARTS = [
  'Calls',
  'Document',
  'Operation',
  'Header',
  'Credential',
  'Runs',
  'Folder',
  'Variable',
  'Network',
  'File',
  'Isolation',
] as const

export interface LaunchLine {
  readonly part: (typeof PARTS)[number]
  readonly text: string
}

export interface DiffLine extends LaunchLine {
  readonly change: 'same' | 'added' | 'removed'
}

/** A launch, part by part, each in a line: what an approval is about. Values of headers and variables never occur. */
export function launchLines(spec: Spec): LaunchLine[] {
  if (spec.kind === 'remote')
    return [
      { part: 'Calls', text: spec.url },
      ...Object.entries(spec.headers).map(([name, value]) => ({ part: 'Header' as const, text: valueLine(name, value) })),
    ]
  if (spec.kind === 'openapi') return apiLines(spec)
  return [
    { part: 'Runs' as const, text: whatRuns(spec) },
    ...(spec.cwd === null ? [] : [{ part: 'Folder' as const, text: spec.cwd }]),
    ...Object.entries(spec.env).map(([name, value]) => ({ part: 'Variable' as const, text: valueLine(name, value) })),
    ...spec.egress.map((destination) => ({ part: 'Network' as const, text: destination })),
    ...spec.files.map(({ path, mode }) => ({ part: 'File' as const, text: `${path} (${mode === 'rw' ? 'read and write' : 'read only'})` })),
    { part: 'Isolation' as const, text: `at least ${spec.isolation}` },
  ]
}

function apiLines({ document, server, operations, headers, auth }: ApiSpec): LaunchLine[] {
  const chosen = operations.include.length === 0 ? ['all'] : operations.include
  const values = (part: 'Header' | 'Credential', named: ApiSpec['headers']): LaunchLine[] =>
    Object.entries(named).map(([name, value]) => ({ part, text: valueLine(name, value) }))
  return [
    { part: 'Calls', text: server ?? 'the first server that the document names' },
    { part: 'Document', text: `${document.url ?? 'a file'}${document.sha256 === null ? '' : ` (SHA-256 ${document.sha256})`}` },
    ...[...chosen, ...operations.exclude.map((pattern) => `not ${pattern}`)].map((text) => ({ part: 'Operation' as const, text })),
    ...values('Header', headers),
    ...values('Credential', auth),
  ]
}

const valueLine = (name: string, { secret, isNew = false }: { secret: string | null; isNew?: boolean }): string =>
  `${name}${secret === null ? '' : ` from ${secret}`}${isNew ? ' (new value)' : ''}`

const keyOf = ({ part, text }: LaunchLine): string => `${part}\n${text}`

/** The lines of both, those that go before those that come, in the order of the launch. */
export function diffLaunch(before: Spec, after: Spec): DiffLine[] {
  return diffLines(launchLines(before), launchLines(after))
}

export function diffLines(old: readonly LaunchLine[], next: readonly LaunchLine[]): DiffLine[] {
  const oldKeys = new Set(old.map(keyOf))
  const nextKeys = new Set(next.map(keyOf))
  return PARTS.flatMap((part) => [
    ...old.filter((line) => line.part === part && !nextKeys.has(keyOf(line))).map((line) => ({ ...line, change: 'removed' as const })),
    ...next
      .filter((line) => line.part === part)
      .map((line) => ({ ...line, change: oldKeys.has(keyOf(line)) ? ('same' as const) : ('added' as const) })),
  ])
}

/** What would be shown of a launch that is about to be sent. `deployment` owns the vault entries of its literals. */
export function specOfInput(deployment: string, input: SpecInput): Spec {
  const shown = (place: 'header' | 'env' | 'auth', values: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const own = `deployment/${deployment}/${place}/${place === 'header' ? name.toLowerCase() : name}`
        return [name, value.startsWith('vault:') ? { secret: value.slice(6) } : { secret: own, isNew: true }]
      }),
    )
  if (input.kind === 'remote') return { kind: 'remote', url: input.url, headers: shown('header', input.headers) }
  if (input.kind === 'openapi') {
    const { document, server = null, operations, headers, auth } = input
    return {
      kind: 'openapi',
      document: { url: 'url' in document ? document.url : null, sha256: null },
      server,
      operations: { include: operations?.include ?? [], exclude: operations?.exclude ?? [] },
      headers: shown('header', headers),
      auth: shown('auth', auth),
    }
  }
  const { command, args = [], env, cwd = null, files = [], egress = [], isolation = 'medium' } = input
  return { kind: 'process', command, args, env: shown('env', env), cwd, files, egress, isolation }
}

/** Without what the server hides, or finds out itself: arguments, addresses, the digest of a document. */
function withoutHidden(spec: Spec): Spec {
  switch (spec.kind) {
    case 'process':
      return { ...spec, args: [] }
    case 'remote':
      return { ...spec, url: '' }
    case 'openapi':
      return { ...spec, document: { url: null, sha256: null } }
  }
}

/** Whether what the server stored is what was reviewed. Arguments that it hides are what was sent. */
export function isSameLaunch(reviewed: Spec, stored: Spec): boolean {
  const plain = (spec: Spec): string =>
    JSON.stringify(
      launchLines(withoutHidden(spec))
        .map(({ part, text }) => `${part} ${text.replace(' (new value)', '')}`)
        .toSorted(),
    )
  if (reviewed.kind !== stored.kind || plain(reviewed) !== plain(stored)) return false
  if (reviewed.kind !== 'process' || stored.kind !== 'process') return true
  return (
    reviewed.args.length === stored.args.length &&
    stored.args.every(
      (shown, index) => shown === reviewed.args[index] || (shown.endsWith('…') && reviewed.args[index]!.startsWith(shown.slice(0, -1))),
    )
  )
}
