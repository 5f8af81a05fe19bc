import { LIMITS } from '#std/index.ts'

/** Keeps what a session is subscribed to equal to what is watched. */
export interface ResourceSubscriptions {
  follow(wanted: readonly string[]): void
  /** The session is a new one: nothing is subscribed to in it. */
  forget(): void
  close(): void
}

type Subscribe = (method: 'resources/subscribe' | 'resources/unsubscribe', uri: string) => Promise<unknown>

/**
 * Asks for one difference after the other, a few at a time, and never twice for the same resource at once, so that the last
 * word counts. A refusal is not repeated: such updates do not come.
 */
export function createResourceSubscriptions(subscribe: Subscribe): ResourceSubscriptions {
  let wanted: ReadonlySet<string> = new Set()
  let subscribed = new Set<string>()
  const underWay = new Set<string>()
  let isClosed = false

  const change = async (uri: string, isOn: boolean): Promise<void> => {
    const inSession = subscribed
    underWay.add(uri)
    if (isOn) inSession.add(uri)
    else inSession.delete(uri)
    // Trouble is swallowed.
    await subscribe(isOn ? 'resources/subscribe' : 'resources/unsubscribe', uri).catch(() => undefined)
    underWay.delete(uri)
    work()
  }
  const work = (): void => {
    if (isClosed) return
    const differences = [
      ...[...wanted].filter((uri) => !subscribed.has(uri)).map((uri) => ({ uri, isOn: true })),
      ...[...subscribed].filter((uri) => !wanted.has(uri)).map((uri) => ({ uri, isOn: false })),
    ]
    for (const { uri, isOn } of differences) {
      if (underWay.size >= LIMITS.watchRequestsMax) return
      if (!underWay.has(uri)) void change(uri, isOn)
    }
  }
  return {
    follow(uris) {
      wanted = new Set(uris)
      work()
    },
    forget() {
      subscribed = new Set()
      work()
    },
    close() {
      isClosed = true
    },
  }
}
