import { isObject, mapBlocks, mapItems, mapMember, omit, pickObjects } from '../map-result.ts'
import type { JsonObject, Revision } from '../revision.ts'
import { revision as next } from '../rev2025-11-25/index.ts'
import { encodeForm } from './encode-form.ts'

// What this revision lacks of the next one: icons, tasks, elicitation by URL, tools in sampling.

const NEWER_NOTIFICATIONS: readonly string[] = ['notifications/elicitation/complete', 'notifications/tasks/status']
const INVALID_PARAMS = -32602
const URL_ELICITATION_REQUIRED = -32042

export const revision: Revision = {
  ...next,
  version: '2025-06-18',
  primesStreams: false,
  encodeResult(method, result, serverInfo) {
    const wire = next.encodeResult(method, result, serverInfo)
    if (method === 'initialize') {
      const introduced = mapMember(wire, 'serverInfo', (info) => omit(info, ['icons', 'description', 'websiteUrl']))
      return mapMember(introduced, 'capabilities', (capabilities) => omit(capabilities, ['tasks']))
    }
    const listed = mapItems(method, wire, (item) => omit(item, ['icons', 'execution']))
    return mapBlocks(method, listed, (block) => (block['type'] === 'resource_link' ? omit(block, ['icons']) : block))
  },
  encodeErrorCode(code) {
    return code === URL_ELICITATION_REQUIRED ? INVALID_PARAMS : next.encodeErrorCode(code)
  },
  encodeNotification(method, params) {
    return NEWER_NOTIFICATIONS.includes(method) ? null : next.encodeNotification(method, params)
  },
  encodeServerRequest(method, params) {
    const wire = omit(params, ['task'])
    if (method === 'elicitation/create') return encodeForm(wire)
    return method === 'sampling/createMessage' ? encodeSampling(wire) : wire
  },
  // Nobody says here by which kinds: elicitation is by form, sampling without tools.
  readClientCapabilities: (declared) => withoutKinds(pickObjects(declared, CAPABILITIES)),
  encodeClientCapabilities(capabilities) {
    const told = pickObjects(capabilities, CAPABILITIES)
    return withoutKinds(asksByForm(told['elicitation']) ? told : omit(told, ['elicitation']))
  },
}

const CAPABILITIES = ['experimental', 'roots', 'sampling', 'elicitation'] as const

/** Without a word about kinds it is by form (2025-11-25, client/elicitation, capabilities). */
const asksByForm = (elicitation: unknown): boolean =>
  isObject(elicitation) && (elicitation['form'] !== undefined || elicitation['url'] === undefined)

function withoutKinds(capabilities: JsonObject): JsonObject {
  return mapMember(
    mapMember(capabilities, 'sampling', () => ({})),
    'elicitation',
    () => ({}),
  )
}

const BLOCKS: readonly unknown[] = ['text', 'image', 'audio']

/** A message has one block here: several become messages of the same role. With tools a client cannot be asked. */
function encodeSampling(params: JsonObject): JsonObject | null {
  const { tools, toolChoice, messages } = params
  if (tools !== undefined || toolChoice !== undefined || !Array.isArray(messages)) return null
  const single: JsonObject[] = []
  for (const message of messages as unknown[]) {
    if (!isObject(message)) return null
    for (const content of Array.isArray(message['content']) ? (message['content'] as unknown[]) : [message['content']]) {
      if (!isObject(content) || !BLOCKS.includes(content['type'])) return null
      single.push({ ...message, content })
    }
  }
  return { ...params, messages: single }
}
