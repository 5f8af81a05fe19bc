import type MiniSearch from 'minisearch'
import { LIMITS } from '#std/index.ts'
import type { ListedTool } from '../federate/view.ts'

/** Finds tools by words: by their names, titles, descriptions and the names and descriptions of their arguments. */
export interface ToolIndex {
  /** The best first; `mayUse` leaves out what the caller may not see. */
  find(query: string, limit: number, mayUse: (name: string) => boolean): readonly ListedTool[]
}

interface Entry {
  readonly id: number
  readonly name: string
  readonly title: string
  readonly description: string
  readonly parameters: string
}

const OPTIONS = {
  fields: ['name', 'title', 'description', 'parameters'],
  tokenize: wordsOf,
  processTerm: stem,
}
const SEARCH = {
  boost: { name: 4, title: 3, description: 1.5 },
  prefix: (term: string): boolean => term.length >= 3,
  fuzzy: (term: string): number | false => (term.length >= 5 ? 0.2 : false),
  processTerm: withVerb,
  // The verb that a word stands for says less than the word itself.
  boostTerm: (term: string): number => (VERBS.has(term) ? 0.6 : 1),
}

/** An index belongs to one list of tools, and so to one version of the catalogues behind it. */
const indexes = new WeakMap<readonly ListedTool[], Promise<ToolIndex>>()

/** The index over these tools, made at first use: the library is loaded only where somebody searches. */
export function indexOf(tools: readonly ListedTool[]): Promise<ToolIndex> {
  let index = indexes.get(tools)
  if (index === undefined) indexes.set(tools, (index = build(tools)))
  return index
}

async function build(tools: readonly ListedTool[]): Promise<ToolIndex> {
  const { default: Index } = await import('minisearch')
  const search: MiniSearch<Entry> = new Index<Entry>(OPTIONS)
  await search.addAllAsync(tools.map(entryOf), { chunkSize: LIMITS.toolIndexChunk })
  return {
    find(query, limit, mayUse) {
      const hits = search.search(query.slice(0, LIMITS.toolQueryLengthMax), SEARCH)
      const found: ListedTool[] = []
      for (const { id } of hits) {
        const tool = tools[id as number]!
        if (mayUse(tool.name)) found.push(tool)
        if (found.length === limit) break
      }
      return found
    },
  }
}

function entryOf({ name, definition }: ListedTool, id: number): Entry {
  const { title, description, annotations, inputSchema } = definition
  const shown = (annotations as { title?: unknown } | undefined)?.title
  return { id, name, title: textOf(title ?? shown), description: textOf(description), parameters: parametersOf(inputSchema) }
}

function parametersOf(schema: unknown): string {
  const { properties } = (schema ?? {}) as { properties?: Record<string, { description?: unknown } | boolean> }
  return Object.entries(properties ?? {})
    .slice(0, LIMITS.toolIndexParametersMax)
    .map(([name, property]) => `${name} ${typeof property === 'object' && property !== null ? textOf(property.description) : ''}`)
    .join(' ')
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, LIMITS.toolIndexTextMax) : '')

/** Words of prose and the parts of names: `git__createIssue` is git, create, issue. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

const STOP_WORDS: ReadonlySet<string> = new Set(
  'a an and are as at be by did do for from how i in into is it its me my of on or that the this to want was what when with you your'.split(
    ' ',
  ),
)

/** What people say, and what tools are called that do it. */
const SAID: Readonly<Record<string, string>> = {
  create: 'add book compose declare draft make new open order publish request reserve schedule send set start submit write',
  list: 'all any many recent which',
  get: 'check describe fetch find look read see show view where who',
  update: 'answer change close edit modify move mute pay rename resolve restart resume suspend',
  delete: 'cancel close deactivate drop erase purge remove revoke',
  search: 'find look query',
  export: 'download report',
}
const VERBS: ReadonlySet<string> = new Set(Object.keys(SAID))
const VERBS_OF = Map.groupBy(
  Object.entries(SAID).flatMap(([verb, words]) => words.split(' ').map((word) => ({ verb, word: stem(word) ?? word }))),
  ({ word }) => word,
)

/** A word of a question, and the verbs that it may stand for. */
function withVerb(term: string): string[] {
  const word = stem(term)
  if (word === null) return []
  return [word, ...(VERBS_OF.get(word) ?? []).map(({ verb }) => verb)]
}

/** Folds what English does to words, roughly: plural and the commonest endings. */
function stem(term: string): string | null {
  const word = term.toLowerCase()
  if (STOP_WORDS.has(word)) return null
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 5 && word.endsWith('ing')) return word.slice(0, -3)
  if (word.length > 4 && word.endsWith('ed')) return word.slice(0, -2)
  if (word.length > 3 && word.endsWith('es')) return word.slice(0, -2)
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}
