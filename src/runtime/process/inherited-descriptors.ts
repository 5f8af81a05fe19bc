import { closeSync, existsSync, readdirSync, readFileSync } from 'node:fs'

const DESCRIPTORS = '/proc/self/fdinfo'
const CLOSE_ON_EXEC = 0o2000000

/**
 * Closes what our own parent left open in us. Node opens everything of its own close-on-exec, so a descriptor beyond the
 * standard ones without that mark was inherited, and would go on into every sandbox: a way out of it.
 */
export function closeInheritedDescriptors(): void {
  if (!existsSync(DESCRIPTORS)) return
  for (const name of readdirSync(DESCRIPTORS)) {
    const fd = Number(name)
    if (fd <= 2) continue
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`${DESCRIPTORS}/${name}`, 'utf8'))?.[1]
      if (flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) closeSync(fd)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // The descriptor with which the folder itself was read is gone by now.
      if (code !== 'ENOENT' && code !== 'EBADF') throw error
    }
  }
}
