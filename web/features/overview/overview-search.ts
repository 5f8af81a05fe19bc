export const OVERVIEW_RANGES = {
  '1h': { label: '1 h', name: 'the last hour', before: 'the hour before', ms: 3_600_000 },
  '24h': { label: '24 h', name: 'the last 24 hours', before: 'the day before', ms: 86_400_000 },
  '7d': { label: '7 d', name: 'the last 7 days', before: 'the week before', ms: 604_800_000 },
  '30d': { label: '30 d', name: 'the last 30 days', before: 'the 30 days before', ms: 2_592_000_000 },
} as const
export type OverviewRange = keyof typeof OVERVIEW_RANGES

export const RANGE_DEFAULT: OverviewRange = '24h'

export interface OverviewSearch {
  readonly range?: OverviewRange | undefined
  /** The panel that connects a client is open. */
  readonly connect?: true | undefined
}

/** Reads the address of Overview; what means nothing is left out. */
export function readOverviewSearch(raw: Readonly<Record<string, unknown>>): OverviewSearch {
  const { range, connect } = raw
  return {
    ...(typeof range === 'string' && Object.hasOwn(OVERVIEW_RANGES, range) ? { range: range as OverviewRange } : {}),
    ...(connect === true || connect === 'true' || connect === '1' || connect === 1 ? { connect: true } : {}),
  }
}

/** The same place with the panel open or closed. */
export const withConnect = ({ range }: OverviewSearch, isOpen: boolean): OverviewSearch => readOverviewSearch({ range, connect: isOpen })
