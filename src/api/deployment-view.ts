import { type DeclaredSet, looksSecret } from '#declared/index.ts'
import { type DeploymentRecord, type DeploymentStatus, documentDigest, type LaunchSpec, type SecretOr } from '#runtime/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { timeText } from './pages.ts'

type View = ResponseOf<'getDeployment'>
const HIDDEN = '…'

/** A deployment as it may be shown: where its secrets lie, never what they are. */
export function deploymentView(deps: Pick<ApiDeps, 'runtime' | 'declared' | 'server'>, record: DeploymentRecord): View {
  const status = deps.runtime.statuses(record.tenant).find(({ name }) => name === record.name)
  return {
    name: record.name,
    title: record.title,
    description: record.description,
    access: record.access,
    deadlineMs: record.deadlineMs,
    startDeadlineMs: record.startDeadlineMs,
    headersMode: record.headersMode,
    endpoint: `${deps.server.publicUrl}/mcp/${record.name}`,
    origin: record.origin,
    spec: shownSpec(record.spec),
    digest: record.digest,
    isApproved: record.approvedDigest === record.digest,
    status: status === undefined ? null : { ...statusView(status), ...waiting(deps.declared.current(), record) },
  }
}

function statusView(status: DeploymentStatus): NonNullable<View['status']> {
  const { name: _, sinceMs, denied, installed = null, ...rest } = status
  return { ...rest, denied: [...denied], installed, since: timeText(sinceMs) }
}

/** A declared deployment that waits for an input can be helped by nobody but whoever knows the answer. */
function waiting(declared: DeclaredSet | null, { name, origin }: DeploymentRecord): Partial<NonNullable<View['status']>> {
  const missing = origin.kind === 'declared' ? declared?.missingInputs.find((input) => input.deployments.includes(name)) : undefined
  if (missing === undefined) return {}
  return {
    state: 'needs-input',
    cause: `The input ${missing.id} has no value${missing.description === '' ? '' : ` (${missing.description})`}.`,
    remedy: `sallyport secret set input/${missing.id}`,
  }
}

function shownSpec(spec: LaunchSpec): View['spec'] {
  if (spec.kind === 'remote') return { kind: 'remote', url: shownUrl(spec.url), headers: shownValues(spec.headers) }
  if (spec.kind === 'openapi') return shownApi(spec)
  const { kind, command, cwd, egress, files, isolation } = spec
  return {
    kind,
    command,
    args: shownArguments(spec.args),
    env: shownValues(spec.env),
    cwd,
    egress: [...egress],
    files: [...files],
    isolation,
  }
}

/** The document is named and not shown: it may have megabytes, and its digest says which one it is. */
function shownApi({ kind, document, server, operations, headers, auth }: Extract<LaunchSpec, { kind: 'openapi' }>): View['spec'] {
  return {
    kind,
    document:
      'url' in document ? { url: shownUrl(document.url), sha256: document.sha256 } : { url: null, sha256: documentDigest(document.text) },
    server,
    operations: { include: [...operations.include], exclude: [...operations.exclude] },
    headers: shownValues(headers),
    auth: shownValues(auth),
  }
}

function shownValues(values: Readonly<Record<string, SecretOr>>): Record<string, { secret: string | null }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { secret: 'secret' in value ? value.secret : null }]))
}

/** Keys stand in queries more often than they should, under any name. */
function shownUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.search === '') return text
  const query = [...url.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=${HIDDEN}`).join('&')
  return `${url.origin}${url.pathname}?${query}`
}

/** Hides what follows a flag that names a secret, and what looks like one. All else stays: it is what is approved. */
function shownArguments(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const assigned = /^(--?[\w.-]+=|[A-Za-z_]\w*=)/.exec(argument)?.[0]
    if (assigned !== undefined && looksSecret(assigned.slice(0, -1), argument.slice(assigned.length))) return assigned + HIDDEN
    const flag = args[index - 1] ?? ''
    const isValue = !argument.startsWith('-')
    return isValue && (looksSecret('', argument) || (/^--?[\w.-]+$/.test(flag) && looksSecret(flag))) ? HIDDEN : argument
  })
}
