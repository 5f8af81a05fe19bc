import { hash } from 'node:crypto'
import type { InsightDeployment } from '#audit/index.ts'
import type { Finding } from '#declared/index.ts'
import { type ApiKey, DEFAULT_TENANT } from '#identity/index.ts'
import { LIMITS } from '#std/index.ts'
import { deploymentItems } from './attention-deployments.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { timeOrNull, timeText } from './pages.ts'
import { tenantDeployments } from './records.ts'
import type { ReportPlaces } from './report-places.ts'

export type AttentionItem = ResponseOf<'listAttention'>['items'][number]

const SEVERITIES: readonly AttentionItem['severity'][] = ['critical', 'warning', 'notice']
const ERROR_SHARE_MAX = 0.2
const NOBODY = { deployment: null, keyId: null, since: null } as const

/** What somebody should look at, from how things are at this moment: nothing of it is stored. */
export function attentionHandlers(deps: ApiDeps, places: ReportPlaces): Handlers<'listAttention'> {
  return {
    listAttention: ({ caller: { tenant } }) =>
      places.within(tenant, async () => {
        const health = await deps.health()
        // Without the database the list is shorter, and says so itself.
        const isReadable = health.database.status !== 'failed'
        const items = [
          ...healthItems(health),
          ...deploymentItems(tenantDeployments(deps, tenant), deps.runtime.statuses(tenant), declaredOf(deps, tenant)),
          ...(tenant === DEFAULT_TENANT ? declaredItems(deps) : []),
          ...(isReadable ? keyItems(await allKeys(deps, tenant), deps.now()) : []),
          ...(isReadable ? errorItems(await recentTotals(deps, tenant)) : []),
        ]
        return { items: items.toSorted(worstFirst).slice(0, LIMITS.attentionItemsMax) }
      }),
  }
}

/** Files are declared for the default tenant; others must not learn what stands in them. */
const declaredOf = (deps: ApiDeps, tenant: string) => (tenant === DEFAULT_TENANT ? deps.declared.current() : null)

function worstFirst(one: AttentionItem, other: AttentionItem): number {
  const difference = SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity)
  return difference === 0 ? (one.id < other.id ? -1 : 1) : difference
}

type Health = ResponseOf<'getOverview'>['health']

const HEALTH: Readonly<Record<keyof Health, { readonly title: string; readonly remedy: string }>> = {
  database: { title: 'The database does not answer as it should', remedy: 'sallyport doctor' },
  spool: {
    title: 'Audit events wait for the database',
    remedy: 'Find out why the database is slow or away. Calls are refused when the spool reaches SALLYPORT_SPOOL_BYTES_MAX.',
  },
  chain: { title: 'The audit trail is behind', remedy: 'sallyport audit verify' },
  snapshot: {
    title: 'The configuration in force is not confirmed',
    remedy: 'Find out why the database is slow or away. Calls are refused after SALLYPORT_STALE_MAX_SECONDS.',
  },
  shared: {
    title: 'What nodes share is away',
    remedy: 'Bring Redis back (SALLYPORT_REDIS_URL). Until then nodes do not hear of each other, and streams are not taken up again.',
  },
}

function healthItems(health: Health): AttentionItem[] {
  const parts = Object.keys(HEALTH) as (keyof Health)[]
  return parts.flatMap((part) => {
    const { status, detail } = health[part]
    if (status === 'ok') return []
    return {
      ...NOBODY,
      id: `health:${part}`,
      severity: status === 'failed' ? 'critical' : 'warning',
      kind: 'health',
      detail,
      ...HEALTH[part],
    }
  })
}

function declaredItems({ declared }: ApiDeps): AttentionItem[] {
  const set = declared.current()
  const error = declared.error()
  const file = set?.file ?? 'the declared file'
  const warnings = (set?.warnings ?? []).map(warningItem)
  if (error === null) return warnings
  const title = 'The last edit of the declared file was not taken over'
  const remedy = `Mend ${file}; it is watched, and the last good version stays in force until then.`
  return [{ ...NOBODY, id: 'declared:error', severity: 'critical', kind: 'declared', title, detail: error, remedy }, ...warnings]
}

function warningItem({ place, message, remedy }: Finding): AttentionItem {
  return {
    ...NOBODY,
    // Several findings may share a place.
    id: `declared:${hash('sha256', `${place} ${message}`, 'hex').slice(0, 16)}`,
    severity: 'notice',
    kind: 'declared',
    title: `${place} may not mean what it says`,
    detail: message,
    remedy: remedy ?? `Mend ${place}; the file is watched.`,
  }
}

async function allKeys({ identity }: ApiDeps, tenant: string): Promise<readonly ApiKey[]> {
  const keys: ApiKey[] = []
  let after: string | undefined
  do {
    const page = await identity.listKeys(tenant, { limit: LIMITS.pageSizeMax, after })
    keys.push(...page)
    after = page.length < LIMITS.pageSizeMax ? undefined : page.at(-1)!.id
  } while (after !== undefined && keys.length < LIMITS.keysPerTenantMax)
  return keys
}

function keyItems(keys: readonly ApiKey[], nowMs: number): AttentionItem[] {
  const live = keys.filter(({ revokedAtMs, expiresAtMs }) => revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs))
  return live.flatMap((key) => [...expiryItem(key, nowMs), ...unusedItem(key, nowMs)])
}

function expiryItem({ id, name, expiresAtMs }: ApiKey, nowMs: number): AttentionItem[] {
  if (expiresAtMs === null || expiresAtMs - nowMs > LIMITS.attentionKeyExpiryMs) return []
  return [
    {
      ...NOBODY,
      id: `key-expiry:${id}`,
      severity: 'warning',
      kind: 'key-expiry',
      title: `The key ${name} expires soon`,
      detail: `It is good until ${timeText(expiresAtMs)}; whoever comes with it is refused from then on.`,
      remedy: 'Make a new one with `sallyport key create`, and put it where this one is used.',
      keyId: id,
    },
  ]
}

/** Only keys of the kind `key`: when an owner came last is not noted. */
function unusedItem(key: ApiKey, nowMs: number): AttentionItem[] {
  const { id, name, lastUsedAtMs, createdAtMs } = key
  if (key.kind !== 'key' || !key.scopes.includes('admin')) return []
  if (nowMs - (lastUsedAtMs ?? createdAtMs) <= LIMITS.attentionKeyUnusedMs) return []
  const when =
    lastUsedAtMs === null ? `was made on ${timeText(createdAtMs)} and never` : `was last used on ${timeText(lastUsedAtMs)} and not since`
  return [
    {
      ...NOBODY,
      id: `key-unused:${id}`,
      severity: 'notice',
      kind: 'key-unused',
      title: `The key ${name} may do everything and is not used`,
      detail: `It ${when} used for a call or a change. A key that nobody needs is one more that can leak.`,
      remedy: `sallyport key revoke ${id}`,
      keyId: id,
      since: timeOrNull(lastUsedAtMs ?? createdAtMs),
    },
  ]
}

function recentTotals({ audit, now }: ApiDeps, tenant: string): Promise<readonly InsightDeployment[]> {
  const nowMs = now()
  return audit.deploymentTotals(tenant, nowMs - LIMITS.attentionWindowMs, nowMs)
}

function errorItems(totals: readonly InsightDeployment[]): AttentionItem[] {
  return totals.flatMap(({ deployment, calls, errors, denied }) => {
    const allowed = calls - denied
    if (allowed < LIMITS.attentionCallsMin || errors / allowed <= ERROR_SHARE_MAX) return []
    const minutes = LIMITS.attentionWindowMs / 60_000
    return {
      ...NOBODY,
      id: `error-rate:${deployment}`,
      severity: 'warning',
      kind: 'error-rate',
      title: `${Math.round((errors / allowed) * 100)} % of the calls to ${deployment} go wrong`,
      detail: `${errors} of ${allowed} calls in the last ${minutes} minutes failed, were late or were answered with an error.`,
      remedy: `sallyport activity list --deployment ${deployment} --since ${minutes}m`,
      deployment,
    }
  })
}
