import type { DeploymentRecord } from '#runtime/index.ts'
import type { GatewayState } from '../deps.ts'
import { peekIn } from './list-items.ts'
import { nameSkill, spaceOf } from './resource-space.ts'
import type { Asker } from './route-uri.ts'
import type { UriOwners } from './uri-owners.ts'
import { newStepBudget } from './uri-template.ts'
import { withUiOf } from './view.ts'

type Json = Record<string, unknown>
export type Shape = (result: Json) => Json

/** Puts the URIs in what a server says into the words of an endpoint; whatever needs no change stays the object it was. */
export interface Shaper {
  uri(uri: string): string
  /** Of `tools/call`: links, embedded resources, the address of an interface. */
  readonly toolResult: Shape
  /** Of `prompts/get`. */
  readonly prompt: Shape
  /** Of `resources/read`. */
  readonly contents: Shape
  /** Of `resources/directory/read`. */
  readonly directory: Shape
  /** Of `skills/get`. */
  readonly skill: Shape
}

const asItIs: Shape = (result) => result
const PLAIN: Shaper = { uri: (uri) => uri, toolResult: asItIs, prompt: asItIs, contents: asItIs, directory: asItIs, skill: asItIs }

export function shaperOf(asker: Asker, deployment: DeploymentRecord, gateway: GatewayState): Shaper {
  const { caller, endpoint } = asker
  if (endpoint.deployment !== null) return PLAIN
  const budget = newStepBudget()
  let owners: UriOwners | null = null
  const uri = (text: string): string => {
    owners ??= spaceOf(endpoint, peekIn(gateway)).owners
    const named = owners.nameOf(deployment, text, budget)
    if (named.isMention) gateway.mentions.note(caller, endpoint, named.uri, deployment.id)
    return named.uri
  }
  const block = (content: unknown): unknown => nameContent(content, uri)
  const content: Shape = (result) => changed(result, 'content', mapped(result['content'], block))
  return {
    uri,
    toolResult(result) {
      const meta = result['_meta']
      return changed(content(result), '_meta', isRecord(meta) ? withUiOf(deployment.name, meta) : meta)
    },
    prompt: (result) =>
      changed(
        result,
        'messages',
        mapped(result['messages'], (message) => (isRecord(message) ? nameMessage(message, block) : message)),
      ),
    contents: (result) =>
      changed(
        result,
        'contents',
        mapped(result['contents'], (entry) => nameMember(entry, uri)),
      ),
    directory: (result) =>
      changed(
        result,
        'resources',
        mapped(result['resources'], (entry) => nameMember(entry, uri)),
      ),
    skill: (result) => {
      const { skill } = result
      return changed(result, 'skill', isRecord(skill) ? nameSkill(skill, uri) : skill)
    },
  }
}

/** A link or an embedded resource in a content block; other blocks hold no URI of the server's. */
function nameContent(block: unknown, name: (uri: string) => string): unknown {
  if (!isRecord(block)) return block
  if (block['type'] === 'resource_link') return nameMember(block, name)
  return block['type'] === 'resource' ? changed(block, 'resource', nameMember(block['resource'], name)) : block
}

/** The content of a message is one block or a list of them. */
function nameMessage(message: Json, block: (content: unknown) => unknown): Json {
  const { content } = message
  return changed(message, 'content', Array.isArray(content) ? mapped(content, block) : block(content))
}

function nameMember(entry: unknown, name: (uri: string) => string): unknown {
  if (!isRecord(entry) || typeof entry['uri'] !== 'string') return entry
  return changed(entry, 'uri', name(entry['uri']))
}

/** The same list unless one of its entries became another. */
function mapped(list: unknown, change: (entry: unknown) => unknown): unknown {
  if (!Array.isArray(list)) return list
  const entries = list as unknown[]
  let made: unknown[] | null = null
  for (const [index, entry] of entries.entries()) {
    const next = change(entry)
    if (next !== entry) (made ??= [...entries])[index] = next
  }
  return made ?? list
}

const changed = (record: Json, member: string, value: unknown): Json => (record[member] === value ? record : { ...record, [member]: value })

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
