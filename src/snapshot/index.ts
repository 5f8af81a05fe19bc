/**
 * What the data plane decides from: an immutable picture of the configuration, compiled here whenever something
 * changed, with the time at which it was last known to be true. Holds no secrets.
 */
export * from './model.ts'
export { compileSnapshot, EMPTY_SNAPSHOT } from './compile-snapshot.ts'
export { createSnapshotHolder, type SnapshotHolderOptions } from './snapshot-holder.ts'
export { createPublisher, type Publisher, type PublisherOptions, type SnapshotSources } from './publisher.ts'
