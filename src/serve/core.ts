import { join } from 'node:path'
import { createActivityFeed, createDrain, type ActivityFeed, type Drain } from '#audit/index.ts'
import type { LoadedSettings } from '#config.ts'
import { createEgress, type Egress } from '#egress/index.ts'
import { createRuntime, type Runtime } from '#runtime/index.ts'
import { createPublisher, createSnapshotHolder, type Publisher, type Snapshot, type SnapshotHolder } from '#snapshot/index.ts'
import { LIMITS } from '#std/index.ts'
import { createSharedState, type SharedState } from '#store/index.ts'
import { createMetrics, type Log, type Metrics } from '#telemetry/index.ts'
import { createCallBodies, type CallBodies } from './call-bodies.ts'
import { createKeyUses, type KeyUses } from './key-uses.ts'
import { openNodeBus, type NodeBus } from './node-bus.ts'
import { openRecords, type Records } from './records.ts'
import { bundleSecrets, openSecret, type SealedTexts } from './secret-bundle.ts'
import { VERSION } from './version.ts'

/** What exists once on a node, whatever the number of its data-plane processes. */
export interface Core extends Records {
  readonly loaded: LoadedSettings
  readonly egress: Egress
  readonly runtime: Runtime
  readonly snapshots: SnapshotHolder
  readonly publisher: Publisher
  readonly drain: Drain
  readonly feed: ActivityFeed
  readonly metrics: Metrics
  readonly log: Log
  readonly nodeId: string
  readonly now: () => number
  readonly secrets: () => SealedTexts
  /** Opens a secret that a deployment refers to. Throws `not-found` for one that nobody has set. */
  readonly openSecret: (tenant: string, name: string) => string
  readonly bodies: CallBodies
  /** What the nodes of this installation share for a while. */
  readonly shared: SharedState
  readonly bus: NodeBus
  close(): Promise<void>
}

export interface CoreOptions {
  readonly loaded: LoadedSettings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly rootFolder: string
  readonly nodeId: string
  readonly log: Log
  readonly now: () => number
  /** Told how far the drain has come in a spool file. */
  readonly onDrained: (file: string, offset: number) => void
  /** Gets every snapshot with the secrets it refers to, and every confirmation: the way to worker processes. */
  readonly onPublish: (snapshot: Snapshot, confirmedAtMs: number, secrets: SealedTexts) => void
  readonly onConfirm: (confirmedAtMs: number) => void
}

/** Opens everything that is there once. Rejects with a `Problem` that says what to mend. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { loaded, env, rootFolder, now, log } = options
  const { settings } = loaded
  const records = await openRecords({ settings, env, rootFolder, log, now })
  const { shared, bus } = await openShared(records, options)
  const egress = createEgress({ allow: settings.egressAllow })
  let secrets: SealedTexts = {}
  const openRuntimeSecret = (tenant: string, name: string): string => openSecret(secrets, records.vault, tenant, name)
  const { dataDir } = settings
  const runtime = createRuntime({ dataDir, egress, secrets: openRuntimeSecret, now, log, version: VERSION, settings: { environment: env } })
  const snapshots = createSnapshotHolder({ staleMaxMs: settings.staleMaxSeconds * 1000 })
  const publisher = createPublisher({
    store: records.store,
    sources: sourcesOf(records, (bundle) => (secrets = bundle)),
    target: {
      publish(snapshot, confirmedAtMs) {
        runtime.reconcile(snapshot.deployments)
        snapshots.publish(snapshot, confirmedAtMs)
        options.onPublish(snapshot, confirmedAtMs, secrets)
      },
      confirm(confirmedAtMs) {
        snapshots.confirm(confirmedAtMs)
        options.onConfirm(confirmedAtMs)
      },
    },
    nodeId: options.nodeId,
    now,
    pollMs: LIMITS.snapshotPollMs,
    onError: (error) => log.warn({ err: error }, 'the configuration could not be confirmed'),
  })
  const feed = createActivityFeed()
  const keyUses = createKeyUses(records.identity, (error) => log.warn({ err: error }, 'the last use of keys was not noted'))
  const bodies = openBodies(records, options)
  const drain = startDrain(records, feed, keyUses, options)
  return {
    ...records,
    loaded,
    egress,
    runtime,
    snapshots,
    publisher,
    drain,
    feed,
    metrics: createMetrics(),
    log,
    nodeId: options.nodeId,
    now,
    secrets: () => secrets,
    openSecret: openRuntimeSecret,
    bodies,
    shared,
    bus,
    async close() {
      await publisher.close()
      await runtime.close()
      await drain.close()
      await keyUses.close()
      await bodies.close()
      feed.close()
      await egress.close()
      await shared.close()
      await records.store.close()
    },
  }
}

/** Where this node meets the others. Nothing is left open when that cannot be. */
async function openShared(records: Records, { loaded, now, log }: CoreOptions): Promise<Pick<Core, 'shared' | 'bus'>> {
  try {
    const shared = await createSharedState({ url: loaded.settings.redisUrl ?? null, now, log })
    const onError = (error: unknown): void => log.warn({ err: error }, 'other nodes did not hear of something')
    return { shared, bus: await openNodeBus({ pubSub: shared.pubSub, onError }) }
  } catch (error) {
    await records.store.close()
    throw error
  }
}

function sourcesOf(
  { localKeys, identity, profiles, deployments, declared, vault }: Records,
  keepSecrets: (bundle: SealedTexts) => void,
): Parameters<typeof createPublisher>[0]['sources'] {
  return {
    keys: async () => identity.withSessions([...localKeys, ...(await identity.keyRecords())]),
    profiles: async () => [...declared.profiles(), ...(await profiles.list())],
    async deployments() {
      const all = [...declared.deployments(), ...(await deployments.list())]
      keepSecrets(await bundleSecrets(all, vault, declared.current()?.secrets ?? new Map()))
      return all
    },
  }
}

function openBodies({ store, vault }: Records, { now, log }: CoreOptions): CallBodies {
  return createCallBodies({ store, vault, now, onError: (error) => log.warn({ err: error }, 'old bodies of calls were not removed') })
}

function startDrain({ store }: Records, feed: ActivityFeed, keyUses: KeyUses, { loaded, now, log, onDrained }: CoreOptions): Drain {
  return createDrain({
    store,
    dir: join(loaded.settings.dataDir, 'spool'),
    now,
    onProgress: onDrained,
    onBatch(batch) {
      feed.publish(batch)
      keyUses.see(batch)
    },
    onError: (error) => log.warn({ err: error }, 'audit events wait in the spool'),
  })
}
