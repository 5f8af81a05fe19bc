import { LIMITS, Problem } from '#std/index.ts'

interface PageQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of a list that is in memory, in the order of its names. The cursor is the last name, encoded. */
export function pageOf<Item extends { readonly name: string }>(
  all: readonly Item[],
  { limit, cursor }: PageQuery,
): { items: Item[]; nextCursor: string | null } {
  const after = cursor === undefined ? '' : readCursor(cursor)
  const rest = all.filter(({ name }) => name > after).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const items = rest.slice(0, limit)
  const last = rest.length > limit ? items.at(-1) : undefined
  return { items, nextCursor: last === undefined ? null : makeCursor(last.name) }
}

export const makeCursor = (text: string): string => Buffer.from(text).toString('base64url')

/** Throws `invalid-input` for what `makeCursor` did not make. */
export function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (text === '' || text.length > LIMITS.auditTextLengthMax || makeCursor(text) !== cursor) {
    throw new Problem('invalid-input', 'This cursor was not given out by this server.', { remedy: 'Start again without a cursor.' })
  }
  return text
}

/** Milliseconds since the epoch as the API writes them. */
export const timeText = (atMs: number): string => new Date(atMs).toISOString()
export const timeOrNull = (atMs: number | null): string | null => (atMs === null || !Number.isFinite(atMs) ? null : timeText(atMs))
