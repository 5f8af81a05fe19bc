import { type Spec, whatRuns } from './deployment-model.ts'
import type { SpecInput } from './launch-draft.ts'

/** In the order in which they are shown. */
const PARTS = ['Calls', 'Header', 'Runs', 'Folder', 'Variable', 'Network', 'File', 'Isolation'] as const

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
  return [
    { part: 'Runs' as const, text: whatRuns(spec) },
    ...(spec.cwd === null ? [] : [{ part: 'Folder' as const, text: spec.cwd }]),
    ...Object.entries(spec.env).map(([name, value]) => ({ part: 'Variable' as const, text: valueLine(name, value) })),
    ...spec.egress.map((destination) => ({ part: 'Network' as const, text: destination })),
    ...spec.files.map(({ path, mode }) => ({ part: 'File' as const, text: `${path} (${mode === 'rw' ? 'read and write' : 'read only'})` })),
    { part: 'Isolation' as const, text: `at least ${spec.isolation}` },
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
  const shown = (place: 'header' | 'env', values: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const own = `deployment/${deployment}/${place}/${place === 'header' ? name.toLowerCase() : name}`
        return [name, value.startsWith('vault:') ? { secret: value.slice(6) } : { secret: own, isNew: true }]
      }),
    )
  if (input.kind === 'remote') return { kind: 'remote', url: input.url, headers: shown('header', input.headers) }
  const { command, args = [], env, cwd = null, files = [], egress = [], isolation = 'medium' } = input
  return { kind: 'process', command, args, env: shown('env', env), cwd, files, egress, isolation }
}

/** Whether what the server stored is what was reviewed. Arguments that it hides are what was sent. */
export function isSameLaunch(reviewed: Spec, stored: Spec): boolean {
  const plain = (spec: Spec): string =>
    JSON.stringify(
      launchLines({ ...spec, ...(spec.kind === 'process' ? { args: [] } : { url: '' }) })
        .map(({ part, text }) => `${part} ${text.replace(' (new value)', '')}`)
        .toSorted(),
    )
  if (reviewed.kind !== stored.kind || plain(reviewed) !== plain(stored)) return false
  if (reviewed.kind === 'remote' || stored.kind === 'remote') return true
  return (
    reviewed.args.length === stored.args.length &&
    stored.args.every(
      (shown, index) => shown === reviewed.args[index] || (shown.endsWith('…') && reviewed.args[index]!.startsWith(shown.slice(0, -1))),
    )
  )
}
