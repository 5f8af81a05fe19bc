// A thread of its own for the one step of SQLite that waits for the disk: copying the log into the database file. Plain
// JavaScript: stripping types would load a compiler into a thread that runs ten lines.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const database = new DatabaseSync(workerData, { timeout: 0 })
parentPort?.on('message', () => {
  try {
    database.exec('pragma wal_checkpoint(passive)')
  } catch {
    // Somebody reads or writes just now; the next turn does it.
  }
})
