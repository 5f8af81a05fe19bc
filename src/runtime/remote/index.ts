/**
 * Servers that run elsewhere: the byte path for relays and the neutral model for everything else, for both eras of
 * Streamable HTTP and for the transport of 2024-11-05. What a server keeps for one client is never used for another. Never
 * dials by itself: connections come from egress.
 */
export { createRemoteUpstream, type RemoteUpstream, type RemoteUpstreamOptions } from './remote-upstream.ts'
export { EventStreamReader, type StreamEvent } from './event-stream.ts'
