/** MCP and JSON-RPC as data: messages, eras, revisions. Pure: no input or output, no clock. */
export { classify, type ClientSpeech } from './classify.ts'
export { inspectJson, isDeeperThan, type JsonFault, type JsonLimits } from './inspect-json.ts'
export { idOf, problemOfFault, readMessage, type Message, type RpcId } from './message.ts'
export * from './meta.ts'
export * as legacy from './rev2025-11-25/index.ts'
export * as modern from './rev2026-07-28/index.ts'
export { isLegacyVersion, isModernVersion, LEGACY_VERSIONS, MODERN_VERSIONS, type LegacyVersion, type ModernVersion } from './versions.ts'
export type { Envelope, HeaderBag } from './rev2026-07-28/index.ts'
