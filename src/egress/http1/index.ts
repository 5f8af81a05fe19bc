/**
 * A client for HTTP/1.1, for the path of a call: one origin, one exchange at a time per connection, bytes in and bytes
 * out. It is strict where leniency would let two readers disagree, follows no redirect, decodes nothing, never sends a
 * request twice that may have been seen, and dials nothing but what the gatekeeper has passed.
 */
export { createDial } from './dial.ts'
export type { OutboundExchange, OutboundHandler } from './exchange.ts'
export { createOriginPool, type OutboundPool, type OutboundRequest } from './origin-pool.ts'
export { toHeaderLines, type HeaderLines } from './request-head.ts'
export type { ResponseHeaders } from './response-head.ts'
