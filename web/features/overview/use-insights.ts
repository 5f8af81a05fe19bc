import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { api } from '@/lib/api.ts'
import type { Insights } from './change.ts'
import { OVERVIEW_RANGES, type OverviewRange } from './overview-search.ts'

export const REFRESH_MS = 10_000

export type InsightsResult = UseQueryResult<Insights>

/** The figures of a range that ends now. Kept under the name of the range, so that a refresh replaces and nothing flickers. */
export function useInsights(range: OverviewRange): InsightsResult {
  return useQuery({
    queryKey: ['getInsights', { range }],
    queryFn: ({ signal }) =>
      api('getInsights', { query: { since: new Date(Date.now() - OVERVIEW_RANGES[range].ms).toISOString() } }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  })
}
