import type { ApiDeps } from '#api/index.ts'
import { asProblem } from '#std/index.ts'
import type { Core } from './core.ts'

type Health = Awaited<ReturnType<ApiDeps['health']>>
type Part = Health['database']

const ok = (detail: string): Part => ({ status: 'ok', detail })
const warning = (detail: string): Part => ({ status: 'warning', detail })
const failed = (detail: string): Part => ({ status: 'failed', detail })
const SPOOL_WARNING_SHARE = 0.5

/** The state of what every call depends on, in words. */
export async function healthOf(core: Core, spoolBytes: () => number): Promise<Health> {
  const { store, snapshots, drain, now, loaded } = core
  const database = await store.ping().then(
    () => ok(store.dialect === 'sqlite' ? 'SQLite in the data folder answers.' : 'PostgreSQL answers.'),
    (error: unknown) => failed(asProblem(error).message),
  )
  const bytes = spoolBytes()
  const lag = drain.lag()
  const spool =
    bytes > loaded.settings.spoolBytesMax * SPOOL_WARNING_SHARE
      ? warning(`${bytes} bytes wait for the database.`)
      : ok(`${bytes} bytes wait for the database.`)
  const ageSeconds = Math.round((now() - snapshots.confirmedAtMs()) / 1000)
  const snapshot =
    ageSeconds > loaded.settings.staleMaxSeconds
      ? failed(`Last confirmed ${ageSeconds} s ago.`)
      : ageSeconds > 5
        ? warning(`Last confirmed ${ageSeconds} s ago.`)
        : ok(`Revision ${snapshots.current().revision}, confirmed.`)
  const chain =
    lag.ageMs > 60_000
      ? warning(`The newest events are ${Math.round(lag.ageMs / 1000)} s behind.`)
      : ok('Level with the spool. `sallyport audit verify` checks every row.')
  const { kind, isReady, detail } = core.shared.health()
  const shared = kind === 'memory' || isReady ? ok(detail) : failed(detail)
  return { database, spool, chain, snapshot, shared }
}
