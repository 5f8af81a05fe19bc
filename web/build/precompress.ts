import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)
/** Below it a compressed file saves less than a packet. */
const BYTES_MIN = 1024

/** Writes `*.br` and `*.gz` beside every text file of the build, so that the server compresses nothing at run time. */
export function precompress(): Plugin {
  let outDir = ''
  return {
    name: 'sallyport:precompress',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir
    },
    async closeBundle() {
      const entries = await readdir(outDir, { recursive: true })
      const texts = entries.filter((entry) => /\.(js|css|svg|json)$/.test(entry))
      await Promise.all(texts.map((entry) => compress(join(outDir, entry))))
    },
  }
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file)
  if (bytes.length < BYTES_MIN) return
  await writeFile(`${file}.br`, await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }))
  await writeFile(`${file}.gz`, await gzipped(bytes, { level: 9 }))
}
