import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '@/components/ui/layout.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { ProblemError } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { useTitle } from '@/lib/use-title.ts'
import { Attention } from './attention.tsx'
import { CallCharts } from './call-charts.tsx'
import { ConnectSheet, EndpointLine } from './endpoint-line.tsx'
import { Figures } from './figures.tsx'
import { FirstCall } from './first-call.tsx'
import { ForAdmins } from './for-admins.tsx'
import { Health } from './health.tsx'
import { OVERVIEW_RANGES, type OverviewRange, RANGE_DEFAULT, withConnect } from './overview-search.ts'
import { Servers } from './servers.tsx'
import { TopTools } from './top-tools.tsx'
import { REFRESH_MS, useInsights } from './use-insights.ts'

const RANGE_OPTIONS = Object.entries(OVERVIEW_RANGES).map(([value, { label, name }]) => ({
  value: value as OverviewRange,
  label,
  ariaLabel: `${label}: ${name}`,
}))

/** How things are: what was called, what needs somebody, and whether everything answers. */
export function OverviewPage() {
  useTitle('Overview')
  const search = useSearch({ from: '/app/' })
  const navigate = useNavigate({ from: '/app/' })
  const range = search.range ?? RANGE_DEFAULT
  const overview = useApi('getOverview', {}, { refetchInterval: REFRESH_MS })
  const wasCalled = useWasCalled()
  const setIsConnecting = (isOpen: boolean): void => void navigate({ search: (now) => withConnect(now, isOpen), resetScroll: false })
  if (overview.error instanceof ProblemError && overview.error.problem.status === 403) return <ForAdmins />
  return (
    <Page
      title="Overview"
      actions={
        wasCalled !== false && (
          <Segmented
            aria-label="Time"
            value={range}
            options={RANGE_OPTIONS}
            onChange={(next) => void navigate({ search: (now) => ({ ...now, range: next }), replace: true, resetScroll: false })}
          />
        )
      }
    >
      <EndpointLine overview={overview} onConnect={() => setIsConnecting(true)} />
      {wasCalled === false ? <FirstCall onConnect={() => setIsConnecting(true)} /> : <Calls range={range} />}
      <div className="grid min-w-0 gap-6 lg:grid-cols-2">
        <Servers />
        <Health overview={overview} />
      </div>
      <ConnectSheet isOpen={search.connect === true} overview={overview} onClose={() => setIsConnecting(false)} />
    </Page>
  )
}

function Calls({ range }: { readonly range: OverviewRange }) {
  const insights = useInsights(range)
  return (
    <>
      <Figures insights={insights} range={range} />
      <Attention />
      <CallCharts insights={insights} range={range} />
      <TopTools insights={insights} range={range} />
    </>
  )
}

/** Whether anything was ever called; undefined: not known yet, and then the page is drawn as if. */
function useWasCalled(): boolean | undefined {
  const { data } = useApi(
    'listActivity',
    { query: { kind: 'call', limit: 1 } },
    { refetchInterval: ({ state }) => ((state.data?.items.length ?? 1) > 0 ? false : REFRESH_MS) },
  )
  return data === undefined ? undefined : data.items.length > 0 || data.nextCursor !== null
}
