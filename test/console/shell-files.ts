import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const STATIC_IMPORT = /(?:^|[;}\s])(?:import|export)(?:[\w$*{}\s,]*?from)?\s*["'](\.{1,2}\/[^"']+\.js)["']/g
const PAGE_FILE = /(?:src|href)="\/app\/([^"]+\.(?:js|css))"/g

/** The scripts and styles of a build that load before anything is shown, by path below it: the page names some, they import more. */
export function shellFiles(folder: string): readonly string[] {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const found = new Set<string>()
  const add = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    if (!file.endsWith('.js')) return
    for (const [, path] of readFileSync(join(folder, file), 'utf8').matchAll(STATIC_IMPORT)) add(posix.join(posix.dirname(file), path!))
  }
  for (const [, file] of page.matchAll(PAGE_FILE)) add(file!)
  return [...found]
}
