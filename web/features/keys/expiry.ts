import type { Option } from '@/components/ui/select.tsx'

export type Expiry = '30' | '90' | '365' | 'never' | 'date'

export const EXPIRIES: readonly Option<Expiry>[] = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'date', label: 'On a date' },
  { value: 'never', label: 'Never' },
]

const DAY_MS = 86_400_000

/** Today as a date field writes it, in the zone of the browser. */
export function dateText(ms: number): string {
  const date = new Date(ms)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** When a key ends; null: never. A date means the end of that day, in the zone of the browser. */
export function expiresAtOf(expiry: Expiry, date: string, nowMs: number): string | null {
  if (expiry === 'never') return null
  if (expiry !== 'date') return new Date(nowMs + Number(expiry) * DAY_MS).toISOString()
  return endOfDay(date)?.toISOString() ?? null
}

/** What is wrong with the choice; null: nothing. */
export function expiryFault(expiry: Expiry, date: string, nowMs: number): string | null {
  if (expiry !== 'date') return null
  const end = endOfDay(date)
  if (end === null) return 'Choose the day after which the key no longer works.'
  return end.getTime() <= nowMs ? 'Choose today or a later day.' : null
}

function endOfDay(date: string): Date | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? []
  if (day === undefined) return null
  const end = new Date(Number(year), Number(month) - 1, Number(day), 23, 59, 59)
  return end.getDate() === Number(day) ? end : null
}
