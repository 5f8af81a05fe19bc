import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PAGES, REFERENCE_FOLDER } from './reference.ts'

it.each(Object.keys(PAGES))('docs/reference/%s is what its table says; `npm run docs` writes it', async (file) => {
  expect(readFileSync(join(REFERENCE_FOLDER, file), 'utf8')).toBe(await PAGES[file]?.())
})
