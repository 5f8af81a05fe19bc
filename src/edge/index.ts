/** The socket: who may knock, how much may come in, and to which plane it goes. Knows handlers, not what they do. */
export { openEdge, type Edge, type EdgeHandlers, type EdgeInbound, type EdgeOptions } from './edge.ts'
export { sessionCookieName } from './session-credential.ts'
export { createTrustedProxy, type TrustedProxy } from './trusted-proxy.ts'
export type { ServerReply } from './server-reply.ts'
