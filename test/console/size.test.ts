// What the browser must load before anything is shown. Bytes are exact, so this is a test and no benchmark.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { DIST, ensureConsoleIsBuilt } from './console-build.ts'
import { shellFiles } from './shell-files.ts'

const SHELL_GZIP_BYTES_MAX = 180_000

beforeAll(() => ensureConsoleIsBuilt(), 240_000)

it('loads no more than 180 kB before the first view', () => {
  const files = shellFiles(DIST)
  const sizes = Object.fromEntries(files.map((file) => [file, gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length]))
  expect(files.some((file) => file.endsWith('.js')) && files.some((file) => file.endsWith('.css'))).toBe(true)
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0)
  // Compared with the files, so that a failure shows which of them has grown.
  expect(total <= SHELL_GZIP_BYTES_MAX ? {} : sizes).toEqual({})
})

it('leaves charts, the JSON editor and the form of the Playground to the pages that need them', () => {
  const shell = shellFiles(DIST)
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(join(DIST, file), 'utf8'))
    .join('')
  expect(['recharts', 'cm-editor', 'CodeMirror'].filter((mark) => shell.includes(mark))).toEqual([])
})
