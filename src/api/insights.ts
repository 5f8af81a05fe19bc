import type { CallTotals } from '#audit/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { timeText } from './pages.ts'
import type { ReportPlaces } from './report-places.ts'

type Totals = ResponseOf<'getInsights'>['totals']

/** Calls per minute, added up for charts. */
export function insightHandlers(deps: Pick<ApiDeps, 'audit' | 'now'>, places: ReportPlaces): Handlers<'getInsights'> {
  return {
    async getInsights({ caller, query: { since, until, deployment, endpoint } }) {
      const found = await places.within(caller.tenant, () =>
        deps.audit.insights(caller.tenant, {
          nowMs: deps.now(),
          sinceMs: since === undefined ? undefined : Date.parse(since),
          untilMs: until === undefined ? undefined : Date.parse(until),
          deployment,
          endpoint,
        }),
      )
      return {
        since: timeText(found.sinceMs),
        until: timeText(found.untilMs),
        stepMs: found.stepMs,
        series: found.series.map(({ atMs, ...totals }) => ({ at: timeText(atMs), ...totals })),
        totals: totalsView(found.totals),
        previous: totalsView(found.previous),
        tools: found.tools.map((tool) => ({ ...tool })),
        deployments: found.deployments.map((deployed) => ({ ...deployed })),
      }
    },
  }
}

const totalsView = (totals: CallTotals): Totals => ({ ...totals })
