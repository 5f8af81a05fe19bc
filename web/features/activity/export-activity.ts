import { api } from '@/lib/api.ts'
import { type ActivityItem, type ActivitySearch, queryOf } from './activity-search.ts'
import { EXPORT_TYPES, type ExportForm, exportText } from './export-text.ts'

export const EXPORT_ROWS_MAX = 20_000
const PAGE_SIZE = 500
/** Pages may come back short or empty while the server searches further back. */
const PAGES_MAX = 200

export interface Exported {
  readonly count: number
  readonly isCut: boolean
}

/** Downloads what a filter finds, newest first, up to `EXPORT_ROWS_MAX` events. Rejects with `ProblemError`. */
export async function exportActivity(search: ActivitySearch, form: ExportForm): Promise<Exported> {
  const nowMs = Date.now()
  const query = queryOf(search, nowMs)
  const items: ActivityItem[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX && items.length < EXPORT_ROWS_MAX; page++) {
    const answer: { items: ActivityItem[]; nextCursor: string | null } = await api('listActivity', {
      query: { ...query, limit: PAGE_SIZE, cursor },
    })
    items.push(...answer.items)
    cursor = answer.nextCursor
    if (cursor === null) break
  }
  const taken = items.slice(0, EXPORT_ROWS_MAX)
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  download(new Blob([exportText(taken, form)], { type: EXPORT_TYPES[form] }), `sallyport-activity-${stamp}.${form}`)
  return { count: taken.length, isCut: cursor !== null || taken.length < items.length }
}

function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has begun to read by then.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
