// Runs the official conformance suites over all pairings of eras: clients of both against servers of both, each on an address
// of its own and inside a profile. `--direct` asks the fixtures themselves, `--place NAME` one pairing, `--write` renews the
// table in the documentation; without it the run fails when something got worse.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPOSITORY } from '../e2e/harness.ts'
import { IMPOSSIBLE } from './impossible.ts'
import { openBehindSallyport, openDirect, type Place } from './places.ts'
import { type Cell, readTable, renderDocument, renderText, worseCells } from './report.ts'
import { RESULTS, runSuite, type Suite, SUITES } from './suites.ts'

const DOCUMENT = join(REPOSITORY, 'docs/reference/conformance.md')

const { values } = parseArgs({
  options: {
    direct: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    place: { type: 'string', multiple: true },
    suite: { type: 'string', multiple: true },
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main()

async function main(): Promise<number> {
  rmSync(RESULTS, { recursive: true, force: true })
  mkdirSync(RESULTS, { recursive: true })
  const places = await (values.direct ? openDirect() : openBehindSallyport())
  const cells: Cell[] = []
  try {
    for (const place of places.list.filter(({ name }) => values.place?.includes(name) ?? true)) {
      for (const suite of SUITES.filter(({ name }) => values.suite?.includes(name) ?? true)) {
        if (values.direct && place.upstream !== 'both' && place.upstream !== suite.client) continue
        cells.push(await runCell(place, suite))
      }
    }
  } finally {
    writeFileSync(join(RESULTS, 'sallyport.log'), places.logs())
    await places.close()
  }
  process.stdout.write(`\n${renderText(cells)}`)
  const isWhole = values.place === undefined && values.suite === undefined && !values.direct
  if (values.write && isWhole) writeFileSync(DOCUMENT, renderDocument(cells, IMPOSSIBLE))
  const worse = values.write || !isWhole ? [] : worseCells(cells, readTable(readFileSync(DOCUMENT, 'utf8')))
  for (const line of worse) process.stdout.write(`✘ worse than documented: ${line}\n`)
  const unexpected = cells.reduce((sum, cell) => sum + cell.unexpected.length, 0)
  return unexpected === 0 && worse.length === 0 && cells.every((cell) => cell.isComplete) ? 0 : 1
}

async function runCell(place: Place, suite: Suite): Promise<Cell> {
  const summary = await runSuite(suite, place.url, place.name)
  const allowed = IMPOSSIBLE.filter((row) => row.suite === suite.name && row.upstream === place.upstream)
  const unexpected = summary.failures.flatMap((failure) => {
    const row = allowed.find(({ scenario }) => scenario === failure.scenario)
    return row !== undefined && failure.failed <= row.checks ? [] : [`${failure.scenario}: ${String(failure.failed)} failed`]
  })
  const stale = allowed.filter(({ scenario }) => !summary.failures.some((failure) => failure.scenario === scenario))
  for (const { scenario } of stale) unexpected.push(`${scenario}: listed as impossible, and passes`)
  for (const line of unexpected) process.stdout.write(`✘ ${place.name}, ${suite.name}: ${line}\n`)
  process.stdout.write(`${place.name}, ${suite.name}: ${String(summary.scoredPassed)} passed, ${String(summary.scoredFailed)} failed\n`)
  return {
    endpoint: place.endpoint,
    upstream: place.upstream,
    suite: suite.name,
    client: suite.client,
    passed: summary.scoredPassed,
    failed: summary.scoredFailed,
    isComplete: summary.isComplete,
    unexpected,
  }
}
