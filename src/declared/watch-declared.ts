import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'

const SETTLE_MS = 100

/**
 * Calls `onChange` after the file was written, replaced or put back, once per burst and never while the last call is
 * still running. The folder is watched, because editors replace a file and do not write into it. Returns the way to stop.
 */
export function watchDeclared(path: string, onChange: () => Promise<void>): () => void {
  const name = basename(path)
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isDue = false
  const run = (): void => {
    if (isRunning) {
      isDue = true
      return
    }
    isRunning = true
    void onChange().finally(() => {
      isRunning = false
      if (isDue) settle()
      isDue = false
    })
  }
  const settle = (): void => {
    clearTimeout(timer)
    timer = setTimeout(run, SETTLE_MS)
    timer.unref()
  }
  const watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
    if (changed === null || changed === name) settle()
  })
  // A folder that goes away ends the watching; the last good set stays.
  watcher.on('error', () => watcher.close())
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}
