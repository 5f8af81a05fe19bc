import { mapBlocks, mapItems, mapMember, mapMembers, omit, toText } from '../map-result.ts'
import type { JsonObject, Revision } from '../revision.ts'
import { revision as next } from '../rev2025-03-26/index.ts'

// What this revision lacks of the next one: audio, annotations of tools, the capability to complete (its method is there), the
// message of a progress, batches.

export const revision: Revision = {
  ...next,
  version: '2024-11-05',
  allowsBatches: false,
  encodeResult(method, result, serverInfo) {
    const wire = next.encodeResult(method, result, serverInfo)
    if (method === 'initialize') return mapMember(wire, 'capabilities', (capabilities) => omit(capabilities, ['completions']))
    const listed = mapItems(method, wire, (item) => (method === 'tools/list' ? omit(item, ['annotations']) : item))
    return mapBlocks(method, listed, encodeBlock)
  },
  encodeNotification(method, params) {
    const wire = next.encodeNotification(method, params)
    return wire !== null && method === 'notifications/progress' ? omit(wire, ['message']) : wire
  },
  encodeServerRequest(method, params, id) {
    const wire = next.encodeServerRequest(method, params, id)
    if (wire === null || method !== 'sampling/createMessage') return wire
    return mapMembers(wire, 'messages', (message) => mapMember(message, 'content', encodeBlock))
  },
}

function encodeBlock(block: JsonObject): JsonObject {
  if (block['type'] !== 'audio') return block
  const { mimeType } = block
  const kind = typeof mimeType === 'string' ? ` (${mimeType})` : ''
  return toText(block, `Audio${kind} was left out: clients of protocol 2024-11-05 cannot take it.`)
}
