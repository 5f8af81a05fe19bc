const whole = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' })

export const count = (value: number): string => (value < 10_000 ? whole.format(value) : compact.format(value))
export const exact = (value: number): string => whole.format(value)

/** `840 µs`, `12.4 ms`, `1.20 s`. Rounded before the unit is chosen, so that nothing reads 1000 ms or 60 s. */
export function duration(us: number): string {
  if (Math.round(us) < 1_000) return `${Math.round(us)} µs`
  if (us < 99_950) return `${(us / 1_000).toFixed(1)} ms`
  if (us < 999_500) return `${(us / 1_000).toFixed(0)} ms`
  if (us < 59_995_000) return `${(us / 1_000_000).toFixed(2)} s`
  const seconds = Math.round(us / 1_000_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `980 B`, `12.4 kB`, `3.1 MB`; powers of ten. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`
  if (value < 999_950) return `${(value / 1_000).toFixed(1)} kB`
  return `${(value / 1_000_000).toFixed(1)} MB`
}

export const dateTime = (at: string): string => absolute.format(new Date(at))
export const timeOfDay = (at: string): string => clock.format(new Date(at))
export const percent = (part: number, all: number): string => (all === 0 ? '0 %' : `${((part / all) * 100).toFixed(part === 0 ? 0 : 1)} %`)

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `now`, `5 min. ago`, `in 3 days`. */
export function ago(at: string, nowMs: number): string {
  const seconds = (new Date(at).getTime() - nowMs) / 1_000
  // What was 90 days a minute ago is not two months: what is to come is rounded, what was is complete.
  const rounded = seconds > 0 ? Math.round : Math.trunc
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return relative.format(rounded(seconds / size), unit)
  return Math.abs(seconds) < 10 ? 'now' : relative.format(Math.trunc(seconds), 'second')
}
