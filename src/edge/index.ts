/** The socket: TLS, who may knock, how much may come in, on which line, and to which plane it goes. Knows handlers, not what they do. */
export { openEdge, ownUrl, type Edge, type EdgeHandlers, type EdgeInbound, type EdgeOptions } from './edge.ts'
export type { EdgeBus, EdgeMessage } from './event-lines.ts'
export { sessionCookieName } from './session-credential.ts'
export type { EdgeReply } from './server-reply.ts'
export type { TlsFiles } from './tls-pair.ts'
export { createTrustedProxy, type TrustedProxy } from './trusted-proxy.ts'
