/**
 * The data plane: one request from the outer door to the inner one and back. Decides from the snapshot, records before
 * it answers, and never opens the database.
 */
export { type BodyRecorder, type BodyRecorderOptions, createBodyRecorder, type RecordedBodies } from './body-recorder.ts'
export { createCatalogue } from './federate/catalogue.ts'
export { createGateway, type Gateway } from './gateway.ts'
export { createEventStore, type EventStore } from './sessions/event-store.ts'
export type { BusMessage, GatewayBus, GatewayDeps, GatewayMetrics } from './deps.ts'
export { header, type Inbound, type Reply } from './http.ts'
export { METHODS, type MethodRow } from './methods.ts'
export { isGatewayPath } from './route.ts'
