// `npm run build`: makes the console below web/dist. Runs at install too; with `--if-possible` an install without the
// development dependencies leaves a console that was built before as it is.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

function hasVite(): boolean {
  try {
    createRequire(import.meta.url).resolve('vite')
    return true
  } catch {
    return false
  }
}

if (hasVite()) {
  const { build } = await import('vite')
  await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' })
  process.stdout.write('✔ the console is built\n')
} else if (!process.argv.includes('--if-possible')) {
  process.stderr.write('✘ The console cannot be built: its build tools are not installed.\n→ npm ci\n')
  process.exitCode = 1
}
