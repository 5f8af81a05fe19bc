import { sql } from 'kysely'
import type { Store } from './store.ts'

/** The tables and indexes as SQL, sorted, one column per line: what docs/reference/schema.sql holds. Reads SQLite's catalogue. */
export async function describeSchema(store: Store): Promise<string> {
  if (store.dialect !== 'sqlite') throw new TypeError('the reference is written from SQLite')
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_schema where sql is not null and name not like 'sqlite%' order by tbl_name, type desc, name
  `.execute(store.db)
  return `${rows.map((row) => `${onLines(row.sql.replace(/^CREATE (TABLE|INDEX)/, (verb) => verb.toLowerCase()))};`).join('\n\n')}\n`
}

/** Breaks a `create table` after each comma that is not inside further parentheses. */
function onLines(statement: string): string {
  if (!statement.startsWith('create table')) return statement
  let depth = 0
  let text = ''
  for (const character of statement) {
    if (character === ')' && --depth === 0) text += '\n'
    text += character
    if (character === '(' && ++depth === 1) text += '\n  '
    if (character === ',' && depth === 1) text += '\n '
  }
  return text
}
