import { isSame } from '@/components/schema-form/entries.ts'
import { isRecord, type Fields } from '@/lib/mcp-request.ts'

const JSON_LENGTH_MAX = 256 * 1024

/** A text that is an object or a list in JSON; undefined for any other text. */
export function jsonIn(text: string): unknown {
  const first = text.trimStart()[0]
  if (text.length > JSON_LENGTH_MAX || (first !== '{' && first !== '[')) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export interface ShownResult {
  readonly blocks: readonly Fields[]
  /** Undefined: there is none. */
  readonly structured: unknown
  /** The text only repeats the structured content, as the protocol advises servers to do. */
  readonly isRepeated: boolean
}

/** The parts of a result of a tool; what has no shape is left to the raw view. */
export function shownResult(result: Fields): ShownResult {
  const content: readonly unknown[] = Array.isArray(result['content']) ? result['content'] : []
  const blocks = content.filter(isRecord)
  const structured = result['structuredContent']
  const [only] = blocks
  const isRepeated =
    structured !== undefined && blocks.length === 1 && typeof only!['text'] === 'string' && isSame(jsonIn(only!['text']), structured)
  return { blocks: isRepeated ? [] : blocks, structured, isRepeated }
}
