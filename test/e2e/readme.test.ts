import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY, startSallyport, type Sallyport } from './harness.ts'

const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

/** The commands of a chapter, as they stand in its shell blocks. */
function commandsOf(chapter: string): string[] {
  const start = README.indexOf(`## ${chapter}`)
  const end = README.indexOf('\n## ', start + 1)
  return [...README.slice(start, end).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}

describe('the README', () => {
  let sallyport: Sallyport
  const home = mkdtempSync(join(tmpdir(), 'sallyport-readme-'))

  beforeAll(async () => {
    sallyport = await startSallyport({})
  })
  afterAll(async () => {
    await sallyport.stop()
    rmSync(home, { recursive: true, force: true })
  })

  it('leads to a first tool call with the command line, curl, the Inspector of both eras and a client, to the letter', async () => {
    const blocks = commandsOf('Five minutes to your first tool call')
    expect(blocks).toHaveLength(4)
    // Nobody is there to be asked, and the client's file must not be a real one.
    const script = `
      set -euo pipefail
      sallyport() { local yes=''; [ "$1" = client ] && yes=--yes; node ${REPOSITORY}/bin/sallyport.mjs "$@" $yes; }
      ${blocks.join('\n').replaceAll('http://127.0.0.1:7255', sallyport.url)}`
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: REPOSITORY,
      env: {
        XDG_CACHE_HOME: join(homedir(), '.cache'),
        ...process.env,
        HOME: home,
        SALLYPORT_URL: sallyport.url,
        SALLYPORT_DATA_DIR: join(sallyport.dataDir, 'data'),
      },
      maxBuffer: 10 * 1024 * 1024,
    })
    expect(stdout).toContain('clock__convert')
    expect(stdout).toContain('42.195 km = 26.2187574565 mi')
    expect(stdout).toContain('1 mi = 1.609344 km')
    expect(stdout.match(/"name": ?"clock__convert"/g)?.length).toBeGreaterThanOrEqual(2)
    expect(readFileSync(join(home, '.claude.json'), 'utf8')).toContain(`${sallyport.url}/mcp/starter`)
  })
})
