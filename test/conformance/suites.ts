// Runs one official conformance suite against one address.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '../e2e/harness.ts'
import { readSummary, type SuiteSummary } from './summary.ts'

export const RESULTS = join(import.meta.dirname, 'results')
const SCENARIO_MS_MAX = 120_000
const SUITE_MS_MAX = 600_000

export interface Suite {
  readonly name: string
  /** The era that its client speaks. */
  readonly client: 'legacy' | 'modern'
  /** Alias of the package in package.json. */
  readonly package: 'conformance-stable' | 'conformance-next'
  readonly args: readonly string[]
}

export const SUITES: readonly Suite[] = [
  { name: '0.1.16 all', client: 'legacy', package: 'conformance-stable', args: ['--suite', 'all'] },
  { name: '2025-11-25 required', client: 'legacy', package: 'conformance-next', args: ['--requirements', '2025-11-25'] },
  { name: '2026-07-28 required', client: 'modern', package: 'conformance-next', args: ['--requirements', '2026-07-28'] },
]

/** The exit code of a suite and what it printed have to agree, so that a suite which broke off is not taken for a good one. */
export async function runSuite(suite: Suite, url: string, place: string): Promise<SuiteSummary> {
  const script = join(REPOSITORY, 'node_modules', suite.package, 'dist/index.js')
  if (!existsSync(script)) throw new Error(`${suite.package} is not installed: run npm ci`)
  const folder = join(RESULTS, `${place}-${suite.name}`.replaceAll(' ', '-'))
  mkdirSync(folder, { recursive: true })
  const timeout = suite.package === 'conformance-next' ? ['--timeout', String(SCENARIO_MS_MAX)] : []
  const child = spawn(process.execPath, [script, 'server', '--url', url, ...suite.args, ...timeout, '--output-dir', folder], {
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
  if (!summary.isComplete)
    process.stdout.write(`✘ ${place}, ${suite.name}: ended with ${String(code)}; see ${folder}.txt\n${output.slice(-2_000)}\n`)
  return summary
}
