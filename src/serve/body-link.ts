import type { RecordedBodies } from '#gateway/index.ts'
import type { ToPrimary } from './worker-messages.ts'

/** Takes bodies of calls from a worker to the primary, which has the database. */
export interface BodyLink {
  /** Resolves when the primary has stored the batch. One at a time. */
  store(batch: readonly RecordedBodies[]): Promise<void>
  /** What the primary said about a batch. One that nobody waits for any more is passed over. */
  stored(id: number, failure: string | null): void
  /** The primary is gone: nothing is stored any more, and nobody waits for it. */
  end(): void
}

export function createBodyLink(tell: (message: ToPrimary) => void): BodyLink {
  let last = 0
  let isEnded = false
  let settle: (failure: string | null) => void = () => {}
  const gone = 'the process with the database is gone'
  return {
    store(batch) {
      if (isEnded) return Promise.reject(new Error(gone))
      const id = ++last
      return new Promise((resolve, reject) => {
        settle = (failure) => (failure === null ? resolve() : reject(new Error(failure)))
        tell({ serve: 'bodies', id, batch })
      })
    },
    stored(id, failure) {
      if (id === last) settle(failure)
    },
    end() {
      isEnded = true
      settle(gone)
    },
  }
}
