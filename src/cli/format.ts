/** `2026-11-21 10:00:00` in UTC, from ISO 8601; `-` for nothing. */
export const shortTime = (iso: string | null | undefined): string =>
  iso === null || iso === undefined ? '-' : iso.slice(0, 19).replace('T', ' ')

/** Microseconds as `0.02 ms`, `83.7 ms` or `1.20 s`. */
export function duration(us: number): string {
  const ms = us / 1000
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`
}

/** `1.5 kB` from a number of bytes. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `1 tool`, `2 tools`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

const SPAN_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of a span such as `30d` or `12h`; undefined when it is none. */
export function parseSpan(text: string): number | undefined {
  const found = /^(\d{1,6})([smhdw])$/.exec(text)
  return found === null ? undefined : Number(found[1]) * SPAN_MS[found[2]!]!
}
