import { isObject, mapBlocks, mapItems, mapMember, mapMembers, omit, toText, withoutStructure } from '../map-result.ts'
import type { JsonObject, Revision } from '../revision.ts'
import { revision as next } from '../rev2025-06-18/index.ts'

// What this revision lacks of the next one: structured content, links to resources, titles, elicitation, the header with the
// version. It has batches, which the next one gave up.

export const revision: Revision = {
  ...next,
  version: '2025-03-26',
  hasVersionHeader: false,
  allowsBatches: true,
  encodeResult(method, result, serverInfo) {
    const wire = next.encodeResult(method, result, serverInfo)
    if (method === 'initialize') return mapMember(wire, 'serverInfo', (info) => omit(info, ['title']))
    const listed = mapItems(method, wire, (item) => (method === 'tools/list' ? encodeTool(item) : encodeItem(item)))
    // The text of structured content is that of the server, if there is one: a link that becomes text is none.
    return mapBlocks(method, method === 'tools/call' ? withoutStructure(listed) : listed, encodeBlock)
  },
  encodeServerRequest(method, params, id) {
    return method === 'elicitation/create' ? null : next.encodeServerRequest(method, params, id)
  },
  readClientCapabilities: (declared) => omit(next.readClientCapabilities(declared), ['elicitation']),
  encodeClientCapabilities: (capabilities) => omit(next.encodeClientCapabilities(capabilities), ['elicitation']),
}

/** The title of a tool was one of its annotations before it was a member. */
function encodeTool(tool: JsonObject): JsonObject {
  const { title, annotations } = tool
  const wire = omit(tool, ['title', 'outputSchema'])
  if (typeof title !== 'string' || (isObject(annotations) && annotations['title'] !== undefined)) return wire
  return { ...wire, annotations: { ...(isObject(annotations) ? annotations : {}), title } }
}

function encodeItem(item: JsonObject): JsonObject {
  return mapMembers(omit(item, ['title']), 'arguments', (argument) => omit(argument, ['title']))
}

function encodeBlock(block: JsonObject): JsonObject {
  if (block['type'] !== 'resource_link') return block
  const { uri, name, title, description } = block
  const what = [title, name].find((text) => typeof text === 'string' && text !== '')
  const link = `${typeof what === 'string' ? `${what}: ` : ''}${String(uri)}`
  return toText(block, typeof description === 'string' && description !== '' ? `${link}\n${description}` : link)
}
