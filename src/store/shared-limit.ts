/**
 * Token buckets that the nodes of an installation have in common. Nobody asks them whether a call may pass: nodes decide
 * by themselves (`createSharedAllowance`) and tell here, afterwards, what they admitted.
 */
export interface SharedLimit {
  /**
   * Takes what `node` admitted since it last said so, as one step for each bucket, and gives what is left in them. A
   * bucket that is not known is full. Rejects with `store-unavailable` when the place where they are kept is away; then
   * it may have been counted or not.
   */
  settle(node: string, usages: readonly Usage[]): Promise<Settlement>
  close(): Promise<void>
}

export interface Allowance {
  /** Tokens that come back each second, and how many a bucket holds: what one is when nothing is used. */
  readonly perSecond: number
  readonly burst: number
}

export interface Usage extends Allowance {
  readonly key: string
  /** Tokens taken since the last time; 0 asks only. */
  readonly spent: number
}

export interface Settlement {
  /** Nodes that have settled within `sharedLimitNodeMsMax`, this one included. */
  readonly nodes: number
  /** Tokens left, in the order of the usages. Less than 0 is owed, and paid before anybody gets more. */
  readonly balances: readonly number[]
}

/** As many bursts may be owed: what was admitted too much is paid back, but nobody is shut out for long. */
export const OWED_BURSTS_MAX = 2

/** The tokens of a bucket after some time. */
export function refilled(tokens: number, elapsedMs: number, perSecond: number, burst: number): number {
  return Math.min(burst, tokens + (Math.max(0, elapsedMs) * perSecond) / 1000)
}
