import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LIMITS, Problem } from '#std/index.ts'

const SQLITE_BUSY = 5

export interface SqliteFile {
  readonly database: DatabaseSync
  /** Gives the file free for another process. Call it when the database is closed. */
  readonly release: () => void
}

/**
 * Opens the database file for this process alone. Ownership is a lock of the operating system on a file beside it,
 * which ends with the process however that ends; a lock on the database itself would keep back-ups out.
 * Throws the problem `conflict` when another server has it.
 */
export function openSqliteFile(file: string): SqliteFile {
  if (file === ':memory:') return { database: openDatabase(file), release: () => undefined }
  const lock = takeLock(`${file}.lock`)
  try {
    // SQLite gives the files it makes beside this one the same mode.
    closeSync(openSync(file, 'a', 0o600))
    return { database: openDatabase(file), release: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
  }
}

function openDatabase(file: string): DatabaseSync {
  // No waiting inside SQLite (timeout 0): it would stop the whole process. The dialect waits without blocking.
  const database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true, enableDoubleQuotedStringLiterals: false })
  // NORMAL loses nothing when the process dies, only when the machine does; the audit's spool covers that on its own terms.
  database.exec(`pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = ${LIMITS.storeLogPagesMax}`)
  return database
}

function takeLock(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw new Problem('conflict', `Another server uses the database ${file.slice(0, -'.lock'.length)}.`, {
      remedy: 'Stop it, or give this one another folder with --data-dir. For several servers over one database use PostgreSQL.',
      cause: error,
    })
  }
}
