import type { DeclaredSet } from '#declared/index.ts'
import type { DeploymentRecord, DeploymentStatus } from '#runtime/index.ts'
import type { AttentionItem } from './attention.ts'
import { timeText } from './pages.ts'

/** What deployments wait for, what ails them, and what they asked for in vain. */
export function deploymentItems(
  records: readonly DeploymentRecord[],
  statuses: readonly DeploymentStatus[],
  declared: DeclaredSet | null,
): AttentionItem[] {
  const known = new Map(statuses.map((status) => [status.name, status]))
  return records.flatMap((record) => {
    const status = known.get(record.name)
    const state = stateItem(record, status, declared)
    return [...(state === null ? [] : [state]), ...(status?.denied ?? []).map((what) => deniedItem(record, status!, what))]
  })
}

function stateItem(record: DeploymentRecord, status: DeploymentStatus | undefined, declared: DeclaredSet | null): AttentionItem | null {
  const { name } = record
  const missing =
    record.origin.kind === 'declared' ? declared?.missingInputs.find(({ deployments }) => deployments.includes(name)) : undefined
  const base = { deployment: name, keyId: null, since: status === undefined ? null : timeText(status.sinceMs) }
  if (missing !== undefined) {
    const about = missing.description === '' ? '' : ` (${missing.description})`
    return {
      ...base,
      id: `input:${name}`,
      severity: 'warning',
      kind: 'input',
      title: `${name} waits for an input`,
      detail: `The input ${missing.id} has no value${about}.`,
      remedy: `sallyport secret set input/${missing.id}`,
    }
  }
  if (record.approvedDigest === record.digest && status?.state === 'waiting-approval') {
    // What was approved is no longer what is there: an OpenAPI document has changed at its address.
    const remedy = status.remedy ?? `sallyport deployment restart ${name}`
    const detail = status.cause ?? 'What was approved has changed.'
    return { ...base, id: `approval:${name}`, severity: 'warning', kind: 'approval', title: `${name} waits for approval`, detail, remedy }
  }
  if (record.approvedDigest !== record.digest) {
    return {
      ...base,
      id: `approval:${name}`,
      severity: 'warning',
      kind: 'approval',
      title: `${name} waits for approval`,
      detail: 'Nothing is started until somebody has looked at exactly what would be started and has approved it.',
      remedy: `sallyport deployment approve ${name}`,
    }
  }
  return status === undefined ? null : failureItem(record, status, base)
}

type Base = Pick<AttentionItem, 'deployment' | 'keyId' | 'since'>

function failureItem({ name, spec }: DeploymentRecord, { state, cause, remedy }: DeploymentStatus, base: Base): AttentionItem | null {
  if (state !== 'needs-input' && state !== 'failed' && state !== 'backoff') return null
  const logs = spec.kind === 'process' ? `sallyport deployment logs ${name}` : `sallyport deployment show ${name}`
  const detail = cause ?? 'It did not say why.'
  if (state === 'needs-input') {
    const title = `${name} waits for an input`
    return { ...base, id: `input:${name}`, severity: 'warning', kind: 'input', title, detail, remedy: remedy ?? logs }
  }
  const isFailed = state === 'failed'
  return {
    ...base,
    id: `failure:${name}`,
    severity: isFailed ? 'critical' : 'warning',
    kind: 'failure',
    title: isFailed ? `${name} has failed` : `${name} does not run, and is tried again`,
    detail,
    remedy: remedy ?? logs,
  }
}

function deniedItem(record: DeploymentRecord, status: DeploymentStatus, what: string): AttentionItem {
  const { name } = record
  const isFile = what.startsWith('/')
  return {
    id: `denied:${name}:${what}`,
    severity: 'warning',
    kind: 'denied',
    title: `${name} was refused ${what}`,
    detail: `It asked for this ${isFile ? 'file or folder' : 'destination'}, which was not granted to it.`,
    remedy: grantRemedy(record, status, what, isFile),
    deployment: name,
    keyId: null,
    since: null,
  }
}

function grantRemedy({ name, origin, spec }: DeploymentRecord, { remedy }: DeploymentStatus, what: string, isFile: boolean): string {
  if (spec.kind !== 'process') return remedy ?? `If it is meant to be reached, the operator adds ${what} to SALLYPORT_EGRESS_ALLOW.`
  if (origin.kind === 'declared')
    return `If it needs that, add ${JSON.stringify(what)} to its ${isFile ? 'files' : 'egress'} at ${origin.place}.`
  return `sallyport deployment grant ${name} ${isFile ? `--file ${shellWord(what)}:ro` : `--egress ${shellWord(what)}`}`
}

/** The text comes from the server's own words: quoted, so that a copied command does only what it says. */
function shellWord(text: string): string {
  return /^[\w./@:[\]+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
