import type { ApiInput, ResponseOf } from '@/lib/api.ts'

export type ActivityItem = ResponseOf<'listActivity'>['items'][number]
export type ActivityDetail = ResponseOf<'getActivity'>

/** What the server can compare with, in the order of the chips. */
export const FIELDS = ['kind', 'verdict', 'actor', 'endpoint', 'deployment', 'method', 'target', 'outcome'] as const
export type Field = (typeof FIELDS)[number]

export const FIELD_LABELS: Readonly<Record<Field, string>> = {
  kind: 'Kind',
  verdict: 'Verdict',
  actor: 'Who',
  endpoint: 'Endpoint',
  deployment: 'Deployment',
  method: 'Method',
  target: 'Tool',
  outcome: 'Outcome',
}

export const RANGES = {
  '15m': { label: 'Last 15 minutes', ms: 900_000 },
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 604_800_000 },
  '30d': { label: 'Last 30 days', ms: 2_592_000_000 },
} as const
export type Range = keyof typeof RANGES

/** The part of the address that belongs to Activity: shared, bookmarked, and gone through with the back button. */
export interface ActivitySearch {
  readonly kind?: ActivityItem['kind'] | undefined
  readonly verdict?: ActivityItem['verdict'] | undefined
  readonly actor?: string | undefined
  readonly endpoint?: string | undefined
  readonly deployment?: string | undefined
  readonly method?: string | undefined
  readonly target?: string | undefined
  readonly outcome?: string | undefined
  /** Back from now; excludes `since` and `until`. */
  readonly range?: Range | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** The event whose details are open. */
  readonly id?: string | undefined
}

export type Filter = Pick<ActivitySearch, Field>
type Query = NonNullable<ApiInput<'listActivity'>['query']>

const KINDS = ['call', 'admin', 'system'] as const
const VERDICTS = ['allow', 'deny'] as const
const TEXT_LENGTH_MAX = 256

/** Reads what an address says. What means nothing is left out, so that an old or mistyped link still opens. */
export function readActivitySearch(raw: Readonly<Record<string, unknown>>): ActivitySearch {
  const text = (name: string): string | undefined => {
    const value = raw[name]
    // The router reads `?target=42` as a number.
    const given = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    return typeof given === 'string' && given !== '' && given.length <= TEXT_LENGTH_MAX ? given : undefined
  }
  const range = text('range')
  const [since, until] = [timeOf(text('since')), timeOf(text('until'))]
  const hasTimes = since !== undefined || until !== undefined
  return without({
    kind: KINDS.find((kind) => kind === text('kind')),
    verdict: VERDICTS.find((verdict) => verdict === text('verdict')),
    actor: text('actor'),
    endpoint: text('endpoint'),
    deployment: text('deployment'),
    method: text('method'),
    target: text('target'),
    outcome: text('outcome'),
    range: !hasTimes && range !== undefined && Object.hasOwn(RANGES, range) ? (range as Range) : undefined,
    since,
    until,
    id: text('id'),
  })
}

function timeOf(text: string | undefined): string | undefined {
  const atMs = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString()
}

/** Without the names that have no value: an address that says nothing looks like it. */
function without<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search
}

/** What is compared, without times: also what the live tail takes. */
export function filterOf(search: ActivitySearch): Filter {
  return without(Object.fromEntries(FIELDS.map((field) => [field, search[field]])) as Filter)
}

/** What the list of events is asked with. A range counts back from `nowMs`. */
export function queryOf(search: ActivitySearch, nowMs: number): Query {
  const since = search.range === undefined ? search.since : new Date(nowMs - RANGES[search.range].ms).toISOString()
  return without({ ...filterOf(search), since, until: search.until })
}

/** The same place with one condition more, or less when there is no value. */
export function withField(search: ActivitySearch, field: Field, value: string | undefined): ActivitySearch {
  return readActivitySearch({ ...search, [field]: value })
}

/** The same place without a condition. */
export const withoutFilters = ({ id }: ActivitySearch): ActivitySearch => without({ id })

/** The same place with no event open. */
export const withoutOpen = (search: ActivitySearch): ActivitySearch => without({ ...search, id: undefined })

export const hasFilters = (search: ActivitySearch): boolean => Object.keys(search).some((name) => name !== 'id')

/** What an event has in a field, as the server compares it; empty: nothing to compare with. */
export function valueOf(item: ActivityItem, field: Field): string {
  return field === 'actor' ? item.actor.id : item[field]
}
