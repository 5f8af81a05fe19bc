import type { LegacyVersion, ModernVersion } from './versions.ts'

export type ProtocolVersion = LegacyVersion | ModernVersion
export type JsonObject = Record<string, unknown>

/**
 * One dated version of the protocol, as a server speaks it with a client. What is encoded comes in the neutral model,
 * which has the words of the newest revision; what a revision has no word for is left out, or said in another way.
 */
export interface Revision {
  readonly version: ProtocolVersion
  readonly era: 'legacy' | 'modern'
  /** Clients name the version in the header `MCP-Protocol-Version` of each request, after `initialize` where there is one. */
  readonly hasVersionHeader: boolean
  /** A body may be an array of messages, and so may an answer. */
  readonly allowsBatches: boolean
  /** An event stream begins with an event that has an id and no data, from which the client can take it up again. */
  readonly primesStreams: boolean
  /** The result of a request for `method`, `initialize` and `server/discover` included. `serverInfo` is who we are. */
  encodeResult(method: string, result: JsonObject, serverInfo: JsonObject): JsonObject
  /** The code of a JSON-RPC error that comes from elsewhere. */
  encodeErrorCode(code: number): number
  /** The parameters of a notification to the client; null when it would not know the notification. */
  encodeNotification(method: string, params: JsonObject): JsonObject | null
  /**
   * The parameters of a question to the client; null when it cannot be asked this. `id` names the question for those
   * revisions that want a name for it.
   */
  encodeServerRequest(method: string, params: JsonObject, id: string): JsonObject | null
  /** What a client that declared this can be asked for, in neutral words. Never more than the revision has. */
  readClientCapabilities(declared: unknown): JsonObject
  /** The same the other way: what a server of this revision is told that a client can be asked for. */
  encodeClientCapabilities(capabilities: JsonObject): JsonObject
}
