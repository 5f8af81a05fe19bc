import { readParamHeaders, type ParamHeader } from '#protocol/index.ts'
import { LIMITS } from '#std/index.ts'
import { isObject } from './rpc-exchange.ts'

/** Gets one page of `tools/list`; resolves with null when the server would not give it. */
export type ListPage = (cursor: string | undefined, deadlineAtMs: number) => Promise<Record<string, unknown> | null>

/** What must be remembered of a server's tools: which arguments are repeated as headers, and how many tools there are. */
export interface ToolCatalogue {
  /** Learns from a page of `tools/list` and returns it without the tools whose annotations break the rules. */
  observe(page: Record<string, unknown>, isFirst: boolean): Record<string, unknown>
  /** The header annotations of a tool; lists the tools first when they are not known. */
  headersOf(tool: unknown, deadlineAtMs: number): Promise<readonly ParamHeader[]>
  /** The list has changed: what was learned is checked again when it is needed. */
  forget(): void
  /** Of the last complete list; null before there was one. */
  count(): number | null
}

/** `list` is null for servers of the legacy era: no argument becomes a header there. */
export function createToolCatalogue(list: ListPage | null, warn: (text: string) => void): ToolCatalogue {
  const headers = new Map<string, readonly ParamHeader[]>()
  let isComplete = false
  let pass = 0
  let count: number | null = null
  let listing: Promise<void> | null = null

  const learn = (tool: unknown): boolean => {
    if (list === null || !isObject(tool) || typeof tool['name'] !== 'string') return true
    const read = readParamHeaders(tool['inputSchema'])
    if (!read.ok) warn(`the tool ${JSON.stringify(tool['name'].slice(0, LIMITS.toolNameLengthMax))} is left out: ${read.error}`)
    else if (headers.size < LIMITS.toolsPerUpstreamMax || headers.has(tool['name'])) headers.set(tool['name'], read.value)
    return read.ok
  }

  const catalogue: ToolCatalogue = {
    observe(page, isFirst) {
      const tools = Array.isArray(page['tools']) ? (page['tools'] as unknown[]) : []
      const valid = tools.filter(learn)
      pass = isFirst ? valid.length : pass + valid.length
      if (typeof page['nextCursor'] !== 'string') {
        isComplete = true
        count = pass
      }
      return valid.length === tools.length ? page : { ...page, tools: valid }
    },
    async headersOf(tool, deadlineAtMs) {
      if (list === null || typeof tool !== 'string') return []
      const known = headers.get(tool)
      if (known !== undefined || isComplete) return known ?? []
      listing ??= listAll(list, catalogue, deadlineAtMs).finally(() => {
        listing = null
      })
      await listing
      return headers.get(tool) ?? []
    },
    forget() {
      isComplete = false
      headers.clear()
    },
    count: () => count,
  }
  return catalogue
}

async function listAll(list: ListPage, catalogue: ToolCatalogue, deadlineAtMs: number): Promise<void> {
  let cursor: string | undefined
  for (let pages = 0; pages < LIMITS.listPagesMax; pages++) {
    const page = await list(cursor, deadlineAtMs)
    if (page === null) return
    catalogue.observe(page, pages === 0)
    if (typeof page['nextCursor'] !== 'string') return
    cursor = page['nextCursor']
  }
}
