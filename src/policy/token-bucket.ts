/** A bucket that fills at `perSecond` and holds at most `burst` tokens. One call takes one; no timers. */
export class TokenBucket {
  readonly perSecond: number
  readonly burst: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.perSecond = perSecond
    this.burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Takes one token. Returns 0, or the milliseconds until there is one. */
  take(nowMs: number): number {
    const elapsedMs = nowMs - this.#atMs
    if (elapsedMs > 0) {
      this.#tokens = Math.min(this.burst, this.#tokens + (elapsedMs * this.perSecond) / 1000)
      this.#atMs = nowMs
    }
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / this.perSecond)
  }
}
