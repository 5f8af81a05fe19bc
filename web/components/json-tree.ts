// What the JSON view shows, as rows from top to bottom. Pure, so that huge values can be tested.

/** Members shown of one object or array before “Show more”. */
export const PAGE_SIZE = 50

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'other'

export interface JsonNode {
  /** The place from the top; also the identity of the row. */
  readonly path: readonly (string | number)[]
  readonly id: string
  readonly kind: JsonKind
  readonly value: unknown
  readonly depth: number
  /** Members of an object or array. */
  readonly size: number
  readonly isOpen: boolean
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number
  readonly siblings: number
}

/** Stands after the last member shown when there are more. */
export interface JsonMore {
  readonly kind: 'more'
  readonly id: string
  readonly parentId: string
  readonly depth: number
  readonly left: number
}

export interface JsonChoices {
  /** Opened or closed by hand, by id. */
  readonly open: ReadonlyMap<string, boolean>
  /** How many members are shown, by id; `PAGE_SIZE` when absent. */
  readonly shown: ReadonlyMap<string, number>
}

export function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'other'
}

export const idOf = (path: readonly (string | number)[]): string => JSON.stringify(path)

/** `items[0].name`, `headers["x-id"]`; `$` for the whole. */
export function pathText(path: readonly (string | number)[]): string {
  const text = path
    .map((step) =>
      typeof step === 'number' ? `[${step}]` : /^[A-Za-z_$][\w$]{0,200}$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
    )
    .join('')
  return text === '' ? '$' : text.replace(/^\./, '')
}

/** What is copied: a text as it is, everything else as JSON. */
export const copyText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? String(value)))

/** The rows to show. The outermost is open, and small things within small things are. */
export function rowsOf(value: unknown, choices: JsonChoices): readonly (JsonNode | JsonMore)[] {
  const rows: (JsonNode | JsonMore)[] = []
  addRows({ rows, choices }, value, { path: [], position: 1, siblings: 1, isParentSmall: true })
  return rows
}

interface Place {
  readonly path: readonly (string | number)[]
  readonly position: number
  readonly siblings: number
  readonly isParentSmall: boolean
}

const SMALL = 20

function addRows(to: { rows: (JsonNode | JsonMore)[]; choices: JsonChoices }, value: unknown, place: Place): void {
  const { path, position, siblings, isParentSmall } = place
  const kind = kindOf(value)
  const keys = kind === 'object' ? Object.keys(value as object) : []
  const size = kind === 'array' ? (value as unknown[]).length : keys.length
  const id = idOf(path)
  const depth = path.length
  const isOpen = size > 0 && (to.choices.open.get(id) ?? (depth === 0 || (depth < 3 && isParentSmall && size <= SMALL)))
  to.rows.push({ path, id, kind, value, depth, size, isOpen, position, siblings })
  if (!isOpen) return
  const shown = Math.min(size, to.choices.shown.get(id) ?? PAGE_SIZE)
  for (let index = 0; index < shown; index++) {
    const step = kind === 'array' ? index : keys[index]!
    const member: unknown = kind === 'array' ? (value as unknown[])[index] : (value as Record<string, unknown>)[step]
    addRows(to, member, { path: [...path, step], position: index + 1, siblings: size, isParentSmall: isParentSmall && size <= SMALL })
  }
  if (shown < size) to.rows.push({ kind: 'more', id: `${id}+`, parentId: id, depth: depth + 1, left: size - shown })
}
