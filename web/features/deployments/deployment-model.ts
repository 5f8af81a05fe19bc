import type { ResponseOf } from '@/lib/api.ts'

export type Deployment = ResponseOf<'getDeployment'>
export type Status = NonNullable<Deployment['status']>
export type State = Status['state']
export type Spec = Deployment['spec']
export type ApiSpec = Extract<Spec, { kind: 'openapi' }>
export type ProcessSpec = Extract<Spec, { kind: 'process' }>
export type FileGrant = ProcessSpec['files'][number]
export type Isolation = ProcessSpec['isolation']
export type ReachedIsolation = NonNullable<Status['isolation']>

export const STATES = ['ready', 'starting', 'installing', 'waiting-approval', 'needs-input', 'backoff', 'failed', 'stopped'] as const

export const isState = (value: unknown): value is State => STATES.some((state) => state === value)

const MOVING_MS = 2_000
const RESTING_MS = 10_000

/** On the way to another state by itself. */
export const isMoving = (status: Pick<Status, 'state'> | null): boolean => status?.state === 'installing' || status?.state === 'starting'

/** How soon a view of deployments asks again. */
export const refreshMs = (deployments: readonly Pick<Deployment, 'status'>[]): number =>
  deployments.some(({ status }) => isMoving(status)) ? MOVING_MS : RESTING_MS

/** What somebody has to do something about. */
export const needsSomebody = (status: Pick<Status, 'state'> | null): boolean =>
  status !== null && ['waiting-approval', 'needs-input', 'backoff', 'failed'].includes(status.state)

/** A definition that this console may change. */
export const isWritable = ({ origin }: Pick<Deployment, 'origin'>): boolean => origin.kind === 'api'

/** Why it cannot be changed here, and where it can; null: it can. */
export function readOnlyReason({ origin }: Pick<Deployment, 'origin'>): { readonly text: string; readonly place: string | null } | null {
  if (origin.kind === 'declared')
    return { text: 'It is declared in a file. Edit it there; the change is taken over by itself.', place: origin.place }
  if (origin.kind === 'starter')
    return { text: 'It is one of the starter servers, which come with the program and leave with the first declared file.', place: null }
  return null
}

const PLAIN_WORD = /^[\w@%+=:,./~-]+$/

/** One argument as a POSIX shell would need it. */
export const shellWord = (text: string): string => (PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)

/** An API, shown or about to be sent. */
interface ApiPlace {
  readonly kind: 'openapi'
  readonly server?: string | null | undefined
  readonly document: { readonly url: string | null } | { readonly text: string }
}

/** The command line or the address, on one line. */
export function whatRuns(
  spec: { readonly kind: 'remote'; readonly url: string } | Pick<ProcessSpec, 'kind' | 'command' | 'args'> | ApiPlace,
): string {
  if (spec.kind === 'remote') return spec.url
  if (spec.kind === 'process') return [spec.command, ...spec.args].map(shellWord).join(' ')
  return spec.server ?? ('url' in spec.document ? spec.document.url : null) ?? 'an API, described by a file'
}

/** Everything of a launch whose value may be secret, by name. */
export function namedValues(spec: Spec): Readonly<Record<string, { readonly secret: string | null }>> {
  switch (spec.kind) {
    case 'remote':
      return spec.headers
    case 'process':
      return spec.env
    case 'openapi':
      return { ...spec.headers, ...spec.auth }
  }
}

/** What these values are called. */
export const VALUE_LABELS: Readonly<Record<Spec['kind'], string>> = {
  remote: 'Headers',
  process: 'Variables',
  openapi: 'Headers and credentials',
}

/** Something that a server was refused: a destination or a file. */
export type Denied = { readonly kind: 'egress'; readonly what: string } | { readonly kind: 'file'; readonly what: string }

export const deniedOf = (what: string): Denied => ({ kind: what.startsWith('/') ? 'file' : 'egress', what })

/** What was refused and is still not granted. */
export function openDenials({ spec, status }: Pick<Deployment, 'spec' | 'status'>): Denied[] {
  if (spec.kind !== 'process' || status === null) return []
  const isGranted = ({ kind, what }: Denied): boolean =>
    kind === 'egress'
      ? spec.egress.includes(what)
      : spec.files.some(({ path }) => path === what || what.startsWith(`${path.replace(/\/$/, '')}/`))
  return status.denied.map(deniedOf).filter((denied) => !isGranted(denied))
}

const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$|^\[[0-9a-f:.]{2,45}\]$/i

/** What is wrong with a destination as typed; null: nothing. */
export function destinationFault(text: string): string | null {
  const colon = text.lastIndexOf(':')
  const [host, port] = [text.slice(0, colon), text.slice(colon + 1)]
  if (text.includes('://')) return 'Leave out the scheme: write host:port.'
  if (colon < 1 || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return 'Write host:port, for example api.github.com:443.'
  return HOST.test(host) ? null : 'The host is a name such as api.github.com, an address, or *.example.com.'
}

/** What is wrong with a path as typed; null: nothing. */
export function pathFault(path: string): string | null {
  if (!path.startsWith('/')) return 'Write an absolute path: it begins with a slash.'
  return path.split('/').some((part) => part === '.' || part === '..') ? 'Leave out “.” and “..”.' : null
}

/** A destination as it was meant: lower case, an address of the web reduced to host and port. */
export function readDestination(text: string): string {
  const trimmed = text.trim().toLowerCase()
  const scheme = /^(https?):\/\/([^/?#]+)/.exec(trimmed)
  const host = scheme?.[2] ?? trimmed
  if (/:\d+$/.test(host) || host === '') return host
  return scheme?.[1] === 'http' ? `${host}:80` : `${host}:443`
}
