/** Exponential back-off with full jitter, bounded below and above, in milliseconds. */
export function backoffMs(attempt: number, minMs: number, maxMs: number, random: () => number = Math.random): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
  return Math.round(minMs + (ceiling - minMs) * random())
}
