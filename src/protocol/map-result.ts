import type { JsonObject } from './revision.ts'

// How revisions change parts of a message. What is not there, or is not what it should be, stays as it is: it came from a
// server, and the client shall see what the server said.

/** Where the results of lists have their items. */
const ITEMS: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object itself when it has none of these members, else a copy without them. */
export function omit(object: JsonObject, names: readonly string[]): JsonObject {
  if (!names.some((name) => Object.hasOwn(object, name))) return object
  const kept = { ...object }
  for (const name of names) delete kept[name]
  return kept
}

/** Those members of something a client sent that have one of these names and are objects. */
export function pickObjects(value: unknown, names: readonly string[]): JsonObject {
  const picked: JsonObject = {}
  if (isObject(value)) for (const name of names) if (Object.hasOwn(value, name) && isObject(value[name])) picked[name] = value[name]
  return picked
}

/** A copy in which the object at `name` is changed. */
export function mapMember(object: JsonObject, name: string, map: (member: JsonObject) => JsonObject): JsonObject {
  const member = object[name]
  return isObject(member) ? { ...object, [name]: map(member) } : object
}

/** A copy in which each object of the list at `name` is changed. */
export function mapMembers(object: JsonObject, name: string, map: (member: JsonObject) => JsonObject): JsonObject {
  const members = object[name]
  return Array.isArray(members)
    ? { ...object, [name]: members.map((member: unknown) => (isObject(member) ? map(member) : member)) }
    : object
}

/** Changes each tool, prompt, resource or template of the result of a list. */
export function mapItems(method: string, result: JsonObject, map: (item: JsonObject) => JsonObject): JsonObject {
  const name = ITEMS[method]
  return name === undefined ? result : mapMembers(result, name, map)
}

/** Changes each block of content: of the result of a tool, or of the messages of a prompt. */
export function mapBlocks(method: string, result: JsonObject, map: (block: JsonObject) => JsonObject): JsonObject {
  if (method === 'tools/call') return mapMembers(result, 'content', map)
  return method === 'prompts/get' ? mapMembers(result, 'messages', (message) => mapMember(message, 'content', map)) : result
}

/** A block of text in place of one that the client could not read, for the same audience. */
export function toText({ annotations, _meta }: JsonObject, text: string): JsonObject {
  return { type: 'text', text, ...(annotations === undefined ? {} : { annotations }), ...(_meta === undefined ? {} : { _meta }) }
}

/**
 * The result of a tool without its structured content, which is there as text: the server should have said it so itself
 * (2025-06-18, server/tools, structured content), and where no text is, its JSON is added.
 */
export function withoutStructure(result: JsonObject): JsonObject {
  const { structuredContent, ...rest } = result
  if (structuredContent === undefined) return result
  const content: readonly unknown[] = Array.isArray(rest['content']) ? rest['content'] : []
  if (content.some((block) => isObject(block) && block['type'] === 'text')) return rest
  return { ...rest, content: [...content, { type: 'text', text: JSON.stringify(structuredContent) }] }
}
