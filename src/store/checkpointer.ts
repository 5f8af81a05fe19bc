import { Worker } from 'node:worker_threads'
import { LIMITS } from '#std/index.ts'

/**
 * Copies SQLite's write-ahead log into the database file from another thread, so that no call waits for the disk.
 * Returns the way to stop.
 */
export function startCheckpointer(file: string): () => Promise<void> {
  const worker = new Worker(new URL('./checkpoint-worker.mjs', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  })
  worker.unref()
  // Without it SQLite does the same by itself, later and in our own thread.
  worker.on('error', () => {})
  const timer = setInterval(() => worker.postMessage('checkpoint', []), LIMITS.storeCheckpointMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await worker.terminate()
  }
}
