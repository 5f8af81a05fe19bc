import type { ResponseOf } from '@/lib/api.ts'

export type Insights = ResponseOf<'getInsights'>
export type Totals = Insights['totals']

/** How a figure moved since the period before. `isGood` is null where neither way is better. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same' | 'none'
  readonly text: string
  readonly isGood: boolean | null
}

const NOTHING_BEFORE: Change = { direction: 'none', text: 'Nothing before', isGood: null }
const SAME: Change = { direction: 'same', text: 'As before', isGood: null }
const PERCENT_MAX = 999

/** In percent of what was before; a doubling is `100 %`. */
export function relativeChange(now: number | null, before: number | null, better: 'up' | 'down' | null): Change {
  if (now === null || before === null || before === 0) return now !== null && now === before ? SAME : NOTHING_BEFORE
  const percent = ((now - before) / before) * 100
  if (Math.abs(percent) < 0.5) return SAME
  const direction = percent > 0 ? 'up' : 'down'
  const size = Math.abs(percent) > PERCENT_MAX ? `more than ${PERCENT_MAX}` : Math.abs(percent).toFixed(0)
  return { direction, text: `${size} %`, isGood: better === null ? null : direction === better }
}

/** Between two shares, in percentage points: from 1 % to 3 % is 2 points. Less is better. */
export function shareChange(now: number | null, before: number | null): Change {
  if (now === null || before === null) return NOTHING_BEFORE
  const points = (now - before) * 100
  if (Math.abs(points) < 0.05) return SAME
  return { direction: points > 0 ? 'up' : 'down', text: `${Math.abs(points).toFixed(1)} points`, isGood: points < 0 }
}

/** Errors among the calls that were allowed: a refused one could not fail. Null: none was. */
export function errorShare({ calls, errors, denied }: Pick<Totals, 'calls' | 'errors' | 'denied'>): number | null {
  const allowed = calls - denied
  return allowed <= 0 ? null : errors / allowed
}

/** Calls that went well. */
export const okCalls = ({ calls, errors, denied }: Pick<Totals, 'calls' | 'errors' | 'denied'>): number =>
  Math.max(0, calls - errors - denied)

/** `12.4 %`; small shares do not vanish. */
export function shareText(share: number | null): string {
  if (share === null) return '–'
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return '< 0.1 %'
  return `${percent.toFixed(percent === 0 || percent >= 99.95 ? 0 : 1)} %`
}
