/**
 * What happened, as evidence. The data plane leaves each event in a spool file before it answers; the drain carries the
 * events into the database in blocks and chains those by hash, per tenant; `verifyChain` finds what was changed afterwards.
 * Never decides anything, never sees an argument or a result.
 */
export type * from './model.ts'
export { openSpool, type Spool, type SpoolOptions } from './spool.ts'
export { createDrain, type Drain, type DrainLag, type DrainOptions } from './drain.ts'
export { blockHash, bodyDigest, GENESIS } from './chain.ts'
export { encodeEvent } from './event-text.ts'
export { verifyChain, type ChainFinding, type ChainReport, type VerifyOptions } from './verify.ts'
export { type EventFilters, type EventPage, getEvent, listEvents, type ListOptions } from './query.ts'
export { type ActivityFeed, type ActivityItem, type ActivitySubscription, createActivityFeed } from './activity-feed.ts'
export {
  type CallTotals,
  type InsightDeployment,
  type InsightOptions,
  type Insights,
  readDeploymentTotals,
  readInsights,
} from './insights.ts'
export { recordAdmin, type AdminEvent } from './record-admin.ts'
