import { asProblem, backoffMs, LIMITS, Problem } from '#std/index.ts'
import type { Peer } from './peer.ts'
import { within } from './within.ts'

/** Knows who answers at the other side, and finds it out when it is not known. */
export interface Contact {
  /** The peer, probed when unknown or when the verdict is old. Rejects with a `Problem`. */
  peer(deadlineAtMs: number): Promise<Peer>
  known(): Peer | null
  /** Asks the server now, whatever is known of it. However many ask, it is asked once. */
  find(): Promise<Peer>
  /** The peer answered as one of another era would: what is known of it is forgotten. */
  doubt(peer: Peer): void
  /** The server could not be reached: it is tried again in the background, with growing waits. */
  lost(): void
  /** Ends what the peer known last holds at the server. */
  close(): Promise<void>
}

export interface ContactOptions {
  readonly name: string
  readonly now: () => number
  readonly startDeadlineMs: number
  readonly probe: (deadlineAtMs: number, before: Peer | null) => Promise<Peer>
  readonly onFound: (peer: Peer) => void
  readonly onFailed: (problem: Problem) => void
}

export function createContact({ name, now, startDeadlineMs, probe, onFound, onFailed }: ContactOptions): Contact {
  let verdict: { readonly peer: Peer; readonly atMs: number } | null = null
  /** The one known last, whether or not it is believed: what it holds at the server may still be good. */
  let last: Peer | null = null
  let probing: Promise<Peer> | null = null
  let retryTimer: NodeJS.Timeout | null = null
  let attempt = 0
  let isClosed = false

  const retryLater = (): void => {
    if (isClosed || retryTimer !== null || probing !== null) return
    const waitMs = backoffMs(attempt++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax)
    retryTimer = setTimeout(() => {
      retryTimer = null
      find().catch(() => undefined)
    }, waitMs).unref()
  }

  const findOnce = async (): Promise<Peer> => {
    try {
      const peer = await probe(now() + startDeadlineMs, last)
      if (isClosed) peer.retire()
      verdict = { peer, atMs: now() }
      if (last !== peer) last?.retire()
      last = peer
      attempt = 0
      probing = null
      onFound(peer)
      return peer
    } catch (error) {
      const problem = asProblem(error)
      probing = null
      if (!isClosed) onFailed(problem)
      retryLater()
      throw problem
    }
  }
  const find = (): Promise<Peer> => (probing ??= findOnce())

  return {
    peer(deadlineAtMs) {
      if (isClosed) return Promise.reject(new Problem('upstream-down', `${name} has been stopped.`))
      // A legacy verdict would go on to succeed long after the server has learned the newer era, so verdicts age.
      if (verdict !== null && now() - verdict.atMs < LIMITS.eraVerdictMsMax) return Promise.resolve(verdict.peer)
      return within(find(), deadlineAtMs - now(), name)
    },
    known: () => verdict?.peer ?? null,
    find,
    doubt(peer) {
      if (verdict?.peer === peer) verdict = null
    },
    lost: retryLater,
    async close() {
      isClosed = true
      if (retryTimer !== null) clearTimeout(retryTimer)
      await last?.close()
    },
  }
}
