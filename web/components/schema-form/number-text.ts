/** A number as it may be typed; a point, no grouping. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * What a typed text stands for: nothing, a number, or the text itself when it is no number that JSON can carry exactly,
 * so that validation names it and nothing is changed behind a person's back.
 */
export function typedNumber(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (!NUMBER.test(trimmed)) return text
  const value = Number(trimmed)
  if (!Number.isFinite(value)) return text
  return /^[+-]?\d+$/.test(trimmed) && !Number.isSafeInteger(value) ? text : value
}

/** One step up or down, on the grid of the step and within the bounds. */
export function stepped(
  value: number,
  step: number,
  direction: 1 | -1,
  minimum = Number.NEGATIVE_INFINITY,
  maximum = Number.POSITIVE_INFINITY,
): number {
  const digits = Math.min(12, Math.max(decimals(step), decimals(value)))
  return Math.min(maximum, Math.max(minimum, Number((value + direction * step).toFixed(digits))))
}

const decimals = (value: number): number => (/\.(\d+)$/.exec(String(value))?.[1] ?? '').length
