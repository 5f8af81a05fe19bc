import type { KeyRecord } from '#identity/index.ts'
import type { ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import type { Store } from '#store/index.ts'
import type { Clock } from '#std/index.ts'
import { compileSnapshot } from './compile-snapshot.ts'
import type { Snapshot, SnapshotHolder } from './model.ts'

type MaybePromise<T> = T | Promise<T>

/** Where the records come from: the database, and what is declared or shipped. */
export interface SnapshotSources {
  keys(): MaybePromise<readonly KeyRecord[]>
  profiles(): MaybePromise<readonly ProfileRecord[]>
  deployments(): MaybePromise<readonly DeploymentRecord[]>
}

export interface Publisher {
  /** Compiles and publishes the first snapshot, then looks for changes. Rejects when that is not possible. */
  start(): Promise<Snapshot>
  /**
   * To be awaited after every change, before it is acknowledged: tells the other nodes, compiles, publishes. Changes
   * that come together share one compilation. Rejects when the database is away or the result would not be valid; the
   * snapshot before stays then.
   */
  changed(): Promise<Snapshot>
  /** One look: a sign of life, and a new snapshot when another node changed something. Never rejects. */
  poll(): Promise<void>
  close(): Promise<void>
}

export interface PublisherOptions {
  readonly store: Store
  readonly sources: SnapshotSources
  /** Is given every new snapshot, and every confirmation that the last one is still true: holders, and what sends them to workers. */
  readonly target: Pick<SnapshotHolder, 'publish' | 'confirm'>
  /** Stands for this process in the table of nodes. */
  readonly nodeId: string
  readonly now: Clock
  readonly pollMs: number
  /** Told why a look failed. */
  readonly onError: (error: unknown) => void
}

export function createPublisher(options: PublisherOptions): Publisher {
  return new PollingPublisher(options)
}

class PollingPublisher implements Publisher {
  readonly #options: PublisherOptions
  #tail: Promise<unknown> = Promise.resolve()
  #waiting: Promise<Snapshot> | null = null
  #revision: number | null = null
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  async start(): Promise<Snapshot> {
    // A process that died between a change and its announcement left other nodes without it; this announces it.
    const snapshot = await this.changed()
    await this.poll()
    this.#schedule()
    return snapshot
  }

  changed(): Promise<Snapshot> {
    this.#waiting ??= this.#inTurn(async () => {
      // From here on a further change needs a compilation of its own.
      this.#waiting = null
      const revision = await raiseRevision(this.#options.store)
      return this.#compileAndPublish(revision, this.#options.now())
    })
    return this.#waiting
  }

  poll(): Promise<void> {
    return this.#inTurn(() => this.#look())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#tail
  }

  /** One thing at a time: an older picture can then never replace a newer one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async #look(): Promise<void> {
    const { store, target, nodeId, now, onError } = this.#options
    const atMs = now()
    try {
      // A write: a database that can only be read could not take a revocation either, so it counts as away.
      await signOfLife(store, nodeId, atMs)
      const { revision } = await store.db.selectFrom('meta').select('revision').executeTakeFirstOrThrow()
      if (revision === this.#revision) target.confirm(atMs)
      else await this.#compileAndPublish(revision, atMs)
    } catch (error) {
      onError(error)
    }
  }

  /** `atMs` lies before the first read, so that the snapshot never claims to be fresher than it is. */
  async #compileAndPublish(revision: number, atMs: number): Promise<Snapshot> {
    const { sources, target } = this.#options
    const [keys, profiles, deployments] = await Promise.all([sources.keys(), sources.profiles(), sources.deployments()])
    const snapshot = compileSnapshot({ revision, compiledAtMs: atMs, keys, profiles, deployments })
    this.#revision = revision
    target.publish(snapshot, atMs)
    return snapshot
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.poll().then(() => this.#schedule()), this.#options.pollMs)
    this.#timer.unref()
  }
}

async function raiseRevision(store: Store): Promise<number> {
  const { revision } = await store.db
    .updateTable('meta')
    .set((set) => ({ revision: set('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  return revision
}

async function signOfLife(store: Store, nodeId: string, atMs: number): Promise<void> {
  await store.db
    .insertInto('node')
    .values({ id: nodeId, seen_at_ms: atMs })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at_ms: atMs }))
    .execute()
}
