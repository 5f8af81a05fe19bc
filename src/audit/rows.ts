import { setImmediate as nextTurn } from 'node:timers/promises'
import { CompiledQuery, type Transaction } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { Database, Dialect } from '#store/index.ts'

// The statements of a batch, written by hand: compiling one costs more than running it. SQLite runs one per row, which is
// prepared once; PostgreSQL one for all rows, because each is a round trip.

/** A query with one parameter: a key on SQLite, an array of keys on PostgreSQL. */
export type KeyedQuery = Readonly<Record<Dialect, string>>

export async function readRows<R>(
  transaction: Transaction<Database>,
  dialect: Dialect,
  query: KeyedQuery,
  keys: readonly string[],
): Promise<R[]> {
  const run = async (parameter: unknown): Promise<R[]> =>
    (await transaction.executeQuery<R>(CompiledQuery.raw(query[dialect], [parameter]))).rows
  if (dialect === 'postgres') return run(keys)
  const rows: R[] = []
  for (const [i, key] of keys.entries()) {
    await turnBefore(i)
    rows.push(...(await run(key)))
  }
  return rows
}

/** A statement that inserts rows of so many values; `into` names table and columns, `ending` says what follows the values. */
export interface Insert {
  readonly into: string
  readonly width: number
  readonly ending: string
  /** The statement for one row, made once: SQLite finds what it has prepared by the text. */
  readonly one: string
}

export function insertInto(into: string, width: number, ending = ''): Insert {
  return { into, width, ending, one: `insert into ${into} values ${placesOf(0, width, () => '?')} ${ending}` }
}

export async function insertRows(
  transaction: Transaction<Database>,
  dialect: Dialect,
  { into, width, ending, one }: Insert,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return
  if (dialect === 'postgres') {
    const places = rows.map((_, row) => placesOf(row * width, width, (place) => `$${place + 1}`))
    await transaction.executeQuery(CompiledQuery.raw(`insert into ${into} values ${places.join(', ')} ${ending}`, rows.flat()))
    return
  }
  for (const [i, row] of rows.entries()) {
    await turnBefore(i)
    await transaction.executeQuery(CompiledQuery.raw(one, [...row]))
  }
}

const placesOf = (from: number, width: number, placeOf: (place: number) => string): string =>
  `(${Array.from({ length: width }, (_, i) => placeOf(from + i)).join(', ')})`

/** SQLite works in this very thread: calls get their turn in between. */
async function turnBefore(row: number): Promise<void> {
  if (row > 0 && row % LIMITS.drainStatementsMax === 0) await nextTurn()
}
