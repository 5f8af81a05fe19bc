import { isRecord, type Fields } from '@/lib/mcp-request.ts'

const KEY = 'sallyport.playground.hand-over'
/** Longer addresses are cut off by some programs that links are pasted into. */
const ADDRESS_LENGTH_MAX = 1_500

/** Stands in the address for everything that the caller may use; no name is like it. */
export const EVERYTHING = '*'

export interface PlaygroundSearch {
  /** Absent: the first profile. */
  readonly endpoint?: string | undefined
  readonly tool?: string | undefined
  readonly arguments?: Fields | undefined
}

/** Reads the address of the playground; what does not fit is left out. */
export function readSearch(search: Fields): PlaygroundSearch {
  const { endpoint, tool } = search
  const given = argumentsOf(search['arguments'])
  return {
    ...(typeof endpoint === 'string' || typeof endpoint === 'number' ? { endpoint: String(endpoint) } : {}),
    ...(typeof tool === 'string' || typeof tool === 'number' ? { tool: String(tool) } : {}),
    ...(given === undefined ? {} : { arguments: given }),
  }
}

function argumentsOf(given: unknown): Fields | undefined {
  if (isRecord(given)) return given
  if (typeof given !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(given)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/**
 * Where a call can be repeated: `<Link to="/app/playground" search={…}>`. Long arguments stay in this tab's storage
 * instead of the address.
 */
export function replaySearch(
  endpoint: string,
  tool: string,
  args: Fields,
  storage: Pick<Storage, 'setItem'> = sessionStorage,
): PlaygroundSearch {
  const text = JSON.stringify(args)
  if (encodeURIComponent(text).length <= ADDRESS_LENGTH_MAX) return { endpoint, tool, arguments: args }
  try {
    storage.setItem(KEY, JSON.stringify({ endpoint, tool, arguments: args }))
  } catch {
    // The storage is full: the tool opens with an empty form.
  }
  return { endpoint, tool }
}

/** Takes what was handed over for this tool; it is there once. */
export function takeHandOver(
  endpoint: string,
  tool: string,
  storage: Pick<Storage, 'getItem' | 'removeItem'> = sessionStorage,
): Fields | undefined {
  const text = storage.getItem(KEY)
  if (text === null) return undefined
  let handed: unknown
  try {
    handed = JSON.parse(text)
  } catch {
    handed = undefined
  }
  if (isRecord(handed) && (handed['endpoint'] !== endpoint || handed['tool'] !== tool)) return undefined
  storage.removeItem(KEY)
  return isRecord(handed) ? argumentsOf(handed['arguments']) : undefined
}
