import type { UpstreamInfo } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'

export const SKILLS_EXTENSION = 'io.modelcontextprotocol/skills'

/** What a change notification can be about: `notifications/{one of these}/list_changed`. */
export const CHANGE_KINDS = ['tools', 'prompts', 'resources'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

interface ListKindRow {
  readonly method: string
  /** The member of the result that holds the items. */
  readonly member: string
  /** The member of an item that tells it from others. */
  readonly key: string
  /** What one item is called where it is left out. */
  readonly singular: string
  readonly changedWith: ChangeKind
  readonly itemsMax: number
  /** Whether it makes sense to ask a server that says this of itself. */
  readonly isOffered: (info: UpstreamInfo) => boolean
  readonly isItem: (item: Record<string, unknown>) => boolean
}

const isText = (value: unknown, lengthMax: number): boolean => typeof value === 'string' && value !== '' && value.length <= lengthMax
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const has = ({ capabilities }: UpstreamInfo, name: string): boolean => isObject(capabilities[name])

/** Everything that servers list. Skills tell of their changes as resources do (SEP-2640). */
export const LIST_KINDS = {
  tools: {
    method: 'tools/list',
    member: 'tools',
    key: 'name',
    singular: 'tool',
    changedWith: 'tools',
    itemsMax: LIMITS.toolsPerUpstreamMax,
    // Some servers have tools and do not say so; one that has none says that it does not know the method.
    isOffered: () => true,
    isItem: ({ name, inputSchema }) => isText(name, LIMITS.toolNameLengthMax) && typeof inputSchema === 'object' && inputSchema !== null,
  },
  prompts: {
    method: 'prompts/list',
    member: 'prompts',
    key: 'name',
    singular: 'prompt',
    changedWith: 'prompts',
    itemsMax: LIMITS.listItemsPerUpstreamMax,
    isOffered: (info) => has(info, 'prompts'),
    isItem: ({ name }) => isText(name, LIMITS.toolNameLengthMax),
  },
  resources: {
    method: 'resources/list',
    member: 'resources',
    key: 'uri',
    singular: 'resource',
    changedWith: 'resources',
    itemsMax: LIMITS.listItemsPerUpstreamMax,
    isOffered: (info) => has(info, 'resources'),
    isItem: ({ uri }) => isText(uri, LIMITS.uriLengthMax),
  },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
    singular: 'resourceTemplate',
    changedWith: 'resources',
    itemsMax: LIMITS.listItemsPerUpstreamMax,
    isOffered: (info) => has(info, 'resources'),
    isItem: ({ uriTemplate }) => isText(uriTemplate, LIMITS.uriLengthMax),
  },
  skills: {
    method: 'skills/list',
    member: 'skills',
    key: 'uri',
    singular: 'skill',
    changedWith: 'resources',
    itemsMax: LIMITS.listItemsPerUpstreamMax,
    isOffered: ({ capabilities }) => isObject((capabilities['extensions'] as Record<string, unknown> | undefined)?.[SKILLS_EXTENSION]),
    isItem: ({ uri, frontmatter }) => isText(uri, LIMITS.uriLengthMax) && isObject(frontmatter),
  },
} as const satisfies Record<string, ListKindRow>

export type ListKind = keyof typeof LIST_KINDS

export const LIST_KIND_NAMES = Object.keys(LIST_KINDS) as readonly ListKind[]

export const kindRow = (kind: ListKind): ListKindRow => LIST_KINDS[kind]
