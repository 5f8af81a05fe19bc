import { LRUCache } from 'lru-cache'
import { type Clock, LIMITS } from '#std/index.ts'
import { type Allowance, refilled, type SharedLimit } from './shared-limit.ts'

/**
 * `shared`: nodes hear of each other every `intervalMs`. `divided`: they do not, so each one admits what is left when the
 * limit is divided by the nodes that were there last.
 */
export type AllowanceMode = 'shared' | 'divided'

export interface SharedAllowanceOptions {
  readonly limit: SharedLimit
  /** Names this process among those that settle with the same limit. */
  readonly node: string
  readonly now: Clock
  readonly intervalMs?: number
  /** Told when nodes no longer hear of each other, with the reason, and when they do again, with `null`. */
  readonly onChange?: (mode: AllowanceMode, reason: unknown) => void
}

interface Bucket {
  allowance: Allowance
  /** What this node takes to be left for all. */
  tokens: number
  atMs: number
  /** Admitted since the last settlement, and admitted before it while its answer is under way. */
  spent: number
  sent: number
}

/**
 * Begins with one settlement, so that the number of nodes is known before the first call. Rejects with
 * `store-unavailable` when that fails.
 */
export async function createSharedAllowance(options: SharedAllowanceOptions): Promise<SharedAllowance> {
  const allowance = new SharedAllowance(options)
  await allowance.start()
  return allowance
}

/**
 * One limit for all nodes, without asking anybody on the path of a call. Between two settlements a node may admit only
 * its part of what it takes to be left: that divided by the number of nodes, one call at least.
 *
 * With n nodes, any stretch of t seconds sees at most `2 · burst + n + perSecond · t` admitted calls, however they are
 * spread (half a burst too many is usual where all nodes are hit at once); over a long time `perSecond`, because what was
 * too much is owed. Callers of one node reach the whole rate while `burst` is at least what n intervals bring.
 *
 * When the shared buckets are away the node never goes on as if it were alone: it is `divided` until they are back. Should
 * nodes be added meanwhile, they do not start: they must settle first.
 */
export class SharedAllowance {
  readonly #options: SharedAllowanceOptions
  readonly #intervalMs: number
  readonly #buckets = new LRUCache<string, Bucket>({ max: LIMITS.sharedLimitKeysMax })
  /** Asked for since the last settlement. */
  readonly #touched = new Map<string, Bucket>()
  #mode: AllowanceMode = 'shared'
  #nodes = 1
  #timer: NodeJS.Timeout | undefined

  constructor(options: SharedAllowanceOptions) {
    this.#options = options
    this.#intervalMs = options.intervalMs ?? LIMITS.sharedLimitSyncMs
  }

  async start(): Promise<void> {
    await this.#settle()
    this.#settleLater()
  }

  get mode(): AllowanceMode {
    return this.#mode
  }

  /** As many as there were when they were last heard of. */
  get nodes(): number {
    return this.#nodes
  }

  /** Takes one token, at a time of the clock that was given. Returns 0, or the milliseconds until it is worth asking again. */
  take(key: string, allowance: Allowance, nowMs: number): number {
    const bucket = this.#bucket(key, allowance, nowMs)
    const parts = this.#mode === 'divided' ? this.#nodes : 1
    const perSecond = allowance.perSecond / parts
    bucket.tokens = refilled(bucket.tokens, nowMs - bucket.atMs, perSecond, Math.max(1, allowance.burst / parts))
    bucket.atMs = Math.max(bucket.atMs, nowMs)
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond)
    const unsettled = bucket.spent + bucket.sent
    const isPartUsed = unsettled >= 1 && unsettled + 1 > (bucket.tokens + unsettled) / this.#nodes
    if (isPartUsed && this.#mode === 'shared') return this.#intervalMs
    bucket.tokens -= 1
    bucket.spent += 1
    return 0
  }

  /** Settles now. The timer does it every `intervalMs`; failing changes the mode and rejects nothing. */
  async settle(): Promise<void> {
    try {
      await this.#settle()
      this.#change('shared', null)
    } catch (error) {
      this.#change('divided', error)
    }
  }

  /** Tells the others what was admitted last, as far as they can be reached. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#settle().catch(() => undefined)
  }

  #bucket(key: string, allowance: Allowance, nowMs: number): Bucket {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      // One that was forgotten may still have something to settle.
      bucket = this.#touched.get(key) ?? { allowance, tokens: allowance.burst, atMs: nowMs, spent: 0, sent: 0 }
      this.#buckets.set(key, bucket)
    }
    bucket.allowance = allowance
    this.#touch(key, bucket)
    return bucket
  }

  #touch(key: string, bucket: Bucket): void {
    if (this.#touched.size < LIMITS.sharedLimitKeysMax) this.#touched.set(key, bucket)
  }

  #change(mode: AllowanceMode, reason: unknown): void {
    if (mode === this.#mode) return
    this.#mode = mode
    this.#options.onChange?.(mode, reason)
  }

  #settleLater(): void {
    this.#timer = setTimeout(() => void this.#settleAgain(), this.#intervalMs)
  }

  async #settleAgain(): Promise<void> {
    await this.settle()
    if (this.#timer !== undefined) this.#settleLater()
  }

  async #settle(): Promise<void> {
    let left = this.#touched.size
    do {
      const some = [...this.#touched.entries().take(Math.min(left, LIMITS.sharedLimitBatchMax))]
      left -= some.length
      await this.#settleSome(some)
    } while (left > 0)
  }

  async #settleSome(some: readonly (readonly [key: string, bucket: Bucket])[]): Promise<void> {
    const { limit, node, now } = this.#options
    for (const [key, bucket] of some) {
      this.#touched.delete(key)
      bucket.sent = bucket.spent
      bucket.spent = 0
    }
    try {
      const usages = some.map(([key, { allowance, sent }]) => ({ key, ...allowance, spent: sent }))
      const { nodes, balances } = await limit.settle(node, usages)
      this.#nodes = Math.max(1, nodes)
      for (const [index, [, bucket]] of some.entries()) {
        bucket.tokens = Math.min(bucket.allowance.burst, balances[index] ?? 0) - bucket.spent
        bucket.atMs = now()
        bucket.sent = 0
      }
    } catch (error) {
      for (const [key, bucket] of some) {
        // What was admitted in a long time without the others has been paid for in that time, but for one burst.
        bucket.spent = Math.min(bucket.allowance.burst, bucket.spent + bucket.sent)
        bucket.sent = 0
        this.#touch(key, bucket)
      }
      throw error
    }
  }
}
