/**
 * The one way out. Every outbound connection of the program is made here, to an address that was checked just before;
 * nothing else may import an HTTP client, the resolver or sockets to connect with.
 */
export { createEgress, type Egress, type EgressOptions, type PoolOptions } from './egress.ts'
export type { EgressProxy, EgressProxyOptions } from './egress-proxy.ts'
export type { FetchedResponse, SafeFetch, SafeFetchOptions } from './safe-fetch.ts'
export type { Resolve } from './gatekeeper.ts'
export {
  toHeaderLines,
  type HeaderLines,
  type OutboundExchange,
  type OutboundHandler,
  type OutboundPool,
  type OutboundRequest,
  type ResponseHeaders,
} from './http1/index.ts'
export { describeNetworkFailure, type NetworkFailure } from './network-failure.ts'
export { destinationOf, hostPortText, readHostPort, readUrl, type Destination } from './destination.ts'
