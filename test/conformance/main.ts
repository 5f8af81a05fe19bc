// Runs both official conformance suites: through the gateway, or with --direct against the fixture behind it. Every scored
// scenario has to pass; there is no list of expected failures.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPOSITORY, startFixture, startSallyport } from '../e2e/harness.ts'
import { readSummary, type SuiteSummary } from './summary.ts'

const RESULTS = join(import.meta.dirname, 'results')
const SCENARIO_MS_MAX = 120_000
const SUITE_MS_MAX = 600_000
const DEPLOYMENT = 'conformance'

interface Suite {
  readonly name: string
  /** Alias of the package in package.json. */
  readonly package: 'conformance-stable' | 'conformance-next'
  readonly args: readonly string[]
}

const SUITES: readonly Suite[] = [
  { name: '0.1.16 active', package: 'conformance-stable', args: ['--suite', 'active'] },
  { name: '0.1.16 all', package: 'conformance-stable', args: ['--suite', 'all'] },
  { name: '0.2.0 requirements 2025-11-25', package: 'conformance-next', args: ['--requirements', '2025-11-25'] },
  { name: '0.2.0 requirements 2026-07-28', package: 'conformance-next', args: ['--requirements', '2026-07-28'] },
]

const { values } = parseArgs({ options: { direct: { type: 'boolean', default: false } } })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await main(values.direct)

async function main(isDirect: boolean): Promise<number> {
  rmSync(RESULTS, { recursive: true, force: true })
  mkdirSync(RESULTS, { recursive: true })
  const fixture = await startFixture()
  try {
    if (isDirect) return await runSuites(fixture.url)
    const declared = { mcpServers: { [DEPLOYMENT]: { url: fixture.url, sallyport: { access: 'public' } } } }
    const sallyport = await startSallyport({ declared })
    try {
      return await runSuites(`${sallyport.url}/mcp/${DEPLOYMENT}`)
    } finally {
      writeFileSync(join(RESULTS, 'sallyport.log'), sallyport.logs)
      await sallyport.stop()
    }
  } finally {
    await fixture.close()
  }
}

async function runSuites(url: string): Promise<number> {
  process.stdout.write(`Target: ${url}\n\n`)
  const rows: SuiteSummary[] = []
  for (const suite of SUITES) rows.push(await runSuite(suite, url))
  printTable(rows)
  const passed = rows.reduce((sum, row) => sum + row.scoredPassed, 0)
  const failed = rows.reduce((sum, row) => sum + row.scoredFailed, 0)
  process.stdout.write(`\n${String(passed)} passed, ${String(failed)} failed\n`)
  return failed === 0 && rows.every((row) => row.isComplete) ? 0 : 1
}

/** The exit code of a suite and what it printed have to agree, so that a suite which broke off is not taken for a good one. */
async function runSuite(suite: Suite, url: string): Promise<SuiteSummary> {
  const script = join(REPOSITORY, 'node_modules', suite.package, 'dist/index.js')
  const folder = join(RESULTS, suite.name.replaceAll(' ', '-'))
  if (!existsSync(script)) throw new Error(`${suite.package} is not installed: run npm ci`)
  const timeout = suite.package === 'conformance-next' ? ['--timeout', String(SCENARIO_MS_MAX)] : []
  const args = [script, 'server', '--url', url, ...suite.args, ...timeout, '--output-dir', folder]
  const child = spawn(process.execPath, args, {
    cwd: RESULTS,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SUITE_MS_MAX,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  writeFileSync(`${folder}.txt`, output)
  const summary = readSummary(suite.name, output, code)
  for (const line of summary.failures) process.stdout.write(`✘ ${suite.name}: ${line}\n`)
  if (!summary.isComplete) process.stdout.write(`✘ ${suite.name}: ended with ${String(code)}; see ${folder}.txt\n${output.slice(-2_000)}\n`)
  return summary
}

function printTable(rows: readonly SuiteSummary[]): void {
  const width = Math.max(...rows.map((row) => row.name.length))
  process.stdout.write(`${'suite'.padEnd(width)}  scenarios  scored checks  all checks (passed/failed)\n`)
  for (const row of rows) {
    const scored = `${String(row.scoredPassed)}/${String(row.scoredFailed)}`
    const all = `${String(row.passed)}/${String(row.failed)}`
    process.stdout.write(`${row.name.padEnd(width)}  ${String(row.scenarios).padStart(9)}  ${scored.padStart(13)}  ${all.padStart(10)}\n`)
  }
}
