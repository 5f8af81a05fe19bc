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

/** A statement that inserts rows of so many values. */
export interface Insert {
  /** Table and columns. */
  readonly into: string
  readonly width: number
  /** Which value is a text given as its bytes: making a string of a large one costs more than storing it. */
  readonly textAt: number
  readonly ending: string
  /** The statement for one row, made once: SQLite finds what it has prepared by the text. */
  readonly one: string
}

export function insertInto(into: string, width: number, { textAt = -1, ending = '' } = {}): Insert {
  const places = placesOf(width, (i) => (i === textAt ? 'cast(? as text)' : '?'))
  return { into, width, textAt, ending, one: `insert into ${into} values ${places} ${ending}` }
}

export async function insertRows(
  transaction: Transaction<Database>,
  dialect: Dialect,
  { into, width, textAt, ending, one }: Insert,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return
  if (dialect === 'postgres') {
    const placeOf = (i: number, row: number): string => {
      const place = `$${row * width + i + 1}`
      return i === textAt ? `convert_from(${place}, 'UTF8')` : place
    }
    const places = rows.map((_, row) => placesOf(width, (i) => placeOf(i, row)))
    await transaction.executeQuery(CompiledQuery.raw(`insert into ${into} values ${places.join(', ')} ${ending}`, rows.flat()))
    return
  }
  for (const [i, row] of rows.entries()) {
    await turnBefore(i)
    await transaction.executeQuery(CompiledQuery.raw(one, [...row]))
  }
}

const placesOf = (width: number, placeOf: (i: number) => string): string =>
  `(${Array.from({ length: width }, (_, i) => placeOf(i)).join(', ')})`

/** SQLite works in this very thread: calls get their turn in between. */
async function turnBefore(row: number): Promise<void> {
  if (row > 0 && row % LIMITS.drainStatementsMax === 0) await nextTurn()
}
