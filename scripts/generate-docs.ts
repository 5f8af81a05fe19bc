// `npm run docs`: writes the generated pages of docs/reference/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PAGES, REFERENCE_FOLDER } from './reference.ts'

mkdirSync(REFERENCE_FOLDER, { recursive: true })
for (const [file, render] of Object.entries(PAGES)) {
  writeFileSync(join(REFERENCE_FOLDER, file), await render())
  process.stdout.write(`docs/reference/${file}\n`)
}
