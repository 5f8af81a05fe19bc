// `npm run check`: lint, format and types in one go. With `--fix`, lint and format mend what a machine can mend.
import { spawnSync } from 'node:child_process'

const isFixing = process.argv.includes('--fix')
const steps: readonly (readonly [name: string, ...command: string[]])[] = [
  ['lint', 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--format=unix', ...(isFixing ? ['--fix'] : [])],
  ['format', 'oxfmt/bin/oxfmt', isFixing ? '--write' : '--list-different'],
  ['types', 'typescript/bin/tsc', '--pretty', 'false'],
  ['types of the console', 'typescript/bin/tsc', '--pretty', 'false', '-p', 'web'],
  ['types of its tests', 'typescript/bin/tsc', '--pretty', 'false', '-p', 'test/console'],
]

for (const [name, script, ...args] of steps) {
  const startedAt = performance.now()
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { encoding: 'utf8' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? '✔' : '✘'} ${name} ${seconds} s\n`)
  if (status === 0) continue
  process.stdout.write(`${stdout}${stderr}${error?.message ?? ''}`.replaceAll(/^(?=.)/gm, '  '))
  process.exitCode = 1
}
if (process.exitCode === 1 && !isFixing) process.stdout.write('→ npm run format mends what a machine can mend\n')
