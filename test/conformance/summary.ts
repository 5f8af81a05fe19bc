/** What a suite said at its end. Checks of scenarios that the suite itself does not score count in `passed` and `failed` only. */
export interface SuiteSummary {
  readonly name: string
  readonly scenarios: number
  readonly scoredPassed: number
  readonly scoredFailed: number
  readonly passed: number
  readonly failed: number
  /** Scored scenarios with a failed check. */
  readonly failures: readonly { readonly scenario: string; readonly failed: number }[]
  /** The suite ran to its end, and its exit code agrees with its scored checks. */
  readonly isComplete: boolean
}

const ROW = /^[✓✗] ([\w/.-]+): (\d+) passed, (\d+) failed/
const NOT_SCORED = /^ {2}[✓✗] ([\w/.-]+) \((extension|pending|added-after-release)\)/
const TOTAL = /^Total: (\d+) passed, (\d+) failed/

/** Reads the text of either suite. `exitCode` is null when it was killed. */
export function readSummary(name: string, output: string, exitCode: number | null): SuiteSummary {
  const lines = output.slice(output.lastIndexOf('=== SUMMARY ===')).split('\n')
  const notScored = new Set(lines.flatMap((line) => NOT_SCORED.exec(line)?.[1] ?? []))
  const rows = lines.flatMap((line) => {
    const found = ROW.exec(line)
    return found === null ? [] : [{ scenario: found[1] ?? '', passed: Number(found[2]), failed: Number(found[3]) }]
  })
  const scored = rows.filter((row) => !notScored.has(row.scenario))
  const sum = (items: typeof rows, member: 'passed' | 'failed') => items.reduce((total, row) => total + row[member], 0)
  const total = lines.map((line) => TOTAL.exec(line)).find((found) => found !== null)
  const scoredFailed = sum(scored, 'failed')
  const addsUp = total !== undefined && Number(total?.[1]) === sum(rows, 'passed') && Number(total?.[2]) === sum(rows, 'failed')
  return {
    name,
    scenarios: rows.length,
    scoredPassed: sum(scored, 'passed'),
    scoredFailed,
    passed: sum(rows, 'passed'),
    failed: sum(rows, 'failed'),
    failures: scored.filter((row) => row.failed > 0).map(({ scenario, failed }) => ({ scenario, failed })),
    isComplete: addsUp && scored.length > 0 && (exitCode === 0) === (scoredFailed === 0),
  }
}
