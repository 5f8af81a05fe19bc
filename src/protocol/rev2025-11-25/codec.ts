import { isObject, mapItems, omit, pickObjects, withoutStructure } from '../map-result.ts'
import type { JsonObject, Revision } from '../revision.ts'
import { LEGACY_VERSIONS, isLegacyVersion, type LegacyVersion } from '../versions.ts'

/** Members that only modern clients know; a handshake-era client gets a result without them. */
const MODERN_MEMBERS = ['resultType', 'ttlMs', 'cacheScope']
/** Notifications of `subscriptions/listen` and of the extension for tasks, which are of the modern era. */
const MODERN_NOTIFICATIONS: readonly string[] = ['notifications/subscriptions/acknowledged', 'notifications/tasks']
const CAPABILITIES = ['experimental', 'extensions', 'roots', 'sampling', 'elicitation', 'tasks'] as const
const INVALID_PARAMS = -32602

/** The version to speak with a client that asked for `requested` (2025-11-25, lifecycle, version negotiation). */
export function negotiateVersion(requested: unknown): LegacyVersion {
  return typeof requested === 'string' && isLegacyVersion(requested) ? requested : LEGACY_VERSIONS[0]
}

/** A neutral result as clients of the handshake era read it, whatever was asked. */
export const encodeResult = (result: JsonObject): JsonObject => omit(result, MODERN_MEMBERS)

/** What all handshake revisions have in common, and the newest of them has whole. */
export const revision: Revision = {
  version: '2025-11-25',
  era: 'legacy',
  hasVersionHeader: true,
  allowsBatches: false,
  primesStreams: true,
  encodeResult(method, result) {
    const wire = mapItems(method, encodeResult(result), (item) => (method === 'tools/list' ? withObjectOutput(item) : item))
    // Only 2026-07-28 has structured content that is no object; a client would refuse the whole result for it.
    return method === 'tools/call' && !isObject(wire['structuredContent']) ? withoutStructure(wire) : wire
  },
  // What only modern clients know is about a request that we made in the client's place.
  encodeErrorCode: (code) => (code <= -32020 && code > -32042 ? INVALID_PARAMS : code),
  encodeNotification: (method, params) => (MODERN_NOTIFICATIONS.includes(method) ? null : params),
  encodeServerRequest(method, params, id) {
    // 2026-07-28 has no name for a question that is answered in a browser (SEP-1036).
    return method === 'elicitation/create' && params['mode'] === 'url' ? { elicitationId: id, ...params } : params
  },
  readClientCapabilities: (declared) => pickObjects(declared, CAPABILITIES),
  encodeClientCapabilities: (capabilities) => pickObjects(capabilities, CAPABILITIES),
}

/** An output schema of another type is about structured content that the client will not get. */
function withObjectOutput(tool: JsonObject): JsonObject {
  const schema = tool['outputSchema']
  return schema === undefined || (isObject(schema) && schema['type'] === 'object') ? tool : omit(tool, ['outputSchema'])
}
