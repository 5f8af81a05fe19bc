import { backoffMs, LIMITS } from '#std/index.ts'
import { announcedLists, type OpenStream, type Peer } from './peer.ts'

/** Keeps the stream of notifications of an upstream open for as long as somebody listens. */
export interface NotificationStream {
  /** Somebody listens, or nobody does any more. */
  setWanted(isWanted: boolean): void
  /** What is known of the server has changed: a stream that it did not offer is tried again. */
  renew(): void
}

export interface NotificationStreamOptions {
  /** The peer as it is known now; rejects when the server cannot be reached. */
  readonly peer: () => Promise<Peer>
  readonly emit: (method: string, params: Record<string, unknown>) => void
}

/**
 * Opens the stream, and again with growing waits when it ends. What a server announced meanwhile is lost, so after a
 * gap a change of every list that it announces is announced in its place.
 */
export function createNotificationStream({ peer, emit }: NotificationStreamOptions): NotificationStream {
  let isWanted = false
  let isRunning = false
  let current: OpenStream | null = null
  let wake: (() => void) | null = null

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const openOnce = async (hasGap: boolean): Promise<'opened' | 'failed' | 'unsupported'> => {
    const found = await peer().catch(() => null)
    if (found === null || !isWanted) return 'failed'
    let hasOpened = false
    current = found.listen(() => {
      hasOpened = true
      if (hasGap) for (const kind of announcedLists(found.info)) emit(`notifications/${kind}/list_changed`, {})
    })
    const outcome = await current.done
    current = null
    return outcome === 'unsupported' ? outcome : hasOpened ? 'opened' : 'failed'
  }

  const goesOn = (): boolean => isWanted

  const run = async (): Promise<void> => {
    isRunning = true
    let hasGap = false
    for (let attempt = 0; goesOn(); attempt++) {
      const outcome = await openOnce(hasGap)
      if (outcome === 'unsupported') break
      if (outcome === 'opened') attempt = 0
      hasGap = true
      if (goesOn()) await pause(backoffMs(attempt, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax))
    }
    isRunning = false
  }

  return {
    setWanted(wanted) {
      isWanted = wanted
      if (!wanted) current?.abort()
      wake?.()
      if (wanted && !isRunning) void run()
    },
    renew() {
      if (isWanted && !isRunning) void run()
      else wake?.()
    },
  }
}
