import { inert } from '@/lib/inert.ts'
import type { ActivityItem } from './activity-search.ts'

export type ExportForm = 'jsonl' | 'csv'

const COLUMNS: readonly (readonly [name: string, value: (item: ActivityItem) => string | number])[] = [
  ['at', ({ at }) => at],
  ['id', ({ id }) => id],
  ['kind', ({ kind }) => kind],
  ['actor_id', ({ actor }) => actor.id],
  ['actor_kind', ({ actor }) => actor.kind],
  ['actor_name', ({ actor }) => actor.name],
  ['endpoint', ({ endpoint }) => endpoint],
  ['deployment', ({ deployment }) => deployment],
  ['method', ({ method }) => method],
  ['target', ({ target }) => target],
  ['era', ({ era }) => era],
  ['verdict', ({ verdict }) => verdict],
  ['rule', ({ rule }) => rule],
  ['outcome', ({ outcome }) => outcome],
  ['status', ({ status }) => status],
  ['bytes_in', ({ bytesIn }) => bytesIn],
  ['bytes_out', ({ bytesOut }) => bytesOut],
  ['us', ({ us }) => us],
]

export const EXPORT_TYPES: Readonly<Record<ExportForm, string>> = { jsonl: 'application/jsonl', csv: 'text/csv;charset=utf-8' }

/** One line per event. */
export function exportText(items: readonly ActivityItem[], form: ExportForm): string {
  if (form === 'jsonl') return items.map((item) => `${JSON.stringify(item)}\n`).join('')
  const lines = [COLUMNS.map(([name]) => name), ...items.map((item) => COLUMNS.map(([, value]) => value(item)))]
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

/** RFC 4180, and never a formula: a spreadsheet computes what begins with one of these, and callers choose the names. */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = inert(value)
  const safe = /^\s*[=+\-@|\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text
  return /[",\r\n\t']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
