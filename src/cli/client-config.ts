// The text of a client's configuration: one entry in, the same entry out, everything else as it was, comments included.
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { refusal } from './failure.ts'

const BOM = '\uFEFF'

/** Which entry in which file. */
export interface EntryPlace {
  /** For messages. */
  readonly file: string
  readonly container: string
  readonly name: string
}

/** Turns the text after a change back into the one before, byte for byte. */
export interface Undo {
  readonly offset: number
  readonly length: number
  readonly content: string
}

/** The entry's value; undefined when there is none. Throws a refusal for a file that is broken or not understood. */
export function readEntry(text: string, place: EntryPlace): unknown {
  const root = parseConfig(text, place)
  const node = root === undefined ? undefined : findNodeAtLocation(root, [place.container, place.name])
  return node === undefined ? undefined : getNodeValue(node)
}

/**
 * The text with the entry added: one insertion at the start of its container, so that no other entry and no comment of
 * one moves or is formatted anew. There must be no entry of that name. An empty text becomes a new object.
 */
export function withEntry(text: string, place: EntryPlace, entry: unknown): string {
  parseConfig(text, place)
  const { bom, body } = split(text)
  const base = body.trim() === '' ? `{}${body === '' ? '\n' : body}` : body
  const root = parseTree(base)!
  const container = findNodeAtLocation(root, [place.container])
  if (container === undefined) return bom + insertFirst(base, root, place.container, { [place.name]: entry })
  return bom + insertFirst(base, container, place.name, entry)
}

/** The text without the entry and its comma; a container that holds nothing else stays. */
export function withoutEntry(text: string, place: EntryPlace): string {
  const root = parseConfig(text, place)
  const { bom, body } = split(text)
  const property = root === undefined ? undefined : findNodeAtLocation(root, [place.container, place.name])?.parent
  if (property === undefined) return text
  const [before, after] = [body.slice(0, property.offset), body.slice(property.offset + property.length)]
  const isFirst = property.parent?.children?.[0] === property
  // The comma belongs to the entry: the one behind it, or for the last of several the one before it.
  const hasComma = /^\s*,/.test(after)
  const kept = hasComma || isFirst ? before.replace(/\r?\n?[ \t]*$/, '') : before.replace(/,\s*$/, '')
  return bom + kept + (hasComma ? after.replace(/^\s*,/, '') : after)
}

/** What leads from `after` back to `before`: the one region in which they differ. */
export function undoOf(before: string, after: string): Undo {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { offset: start, length: after.length - start - end, content: before.slice(start, before.length - end) }
}

export const applyUndo = (text: string, { offset, length, content }: Undo): string =>
  text.slice(0, offset) + content + text.slice(offset + length)

/** Puts a property behind the opening brace of an object, on lines of its own in the file's indentation. */
function insertFirst(body: string, object: Node, key: string, value: unknown): string {
  const eol = body.includes('\r\n') ? '\r\n' : '\n'
  const unit = /\n([ \t]+)\S/.exec(body)?.[1] ?? '  '
  const lineStart = body.lastIndexOf('\n', object.offset) + 1
  const outer = /^[ \t]*/.exec(body.slice(lineStart, object.offset))![0]
  const indent = outer + unit
  const lines = `${JSON.stringify(key)}: ${JSON.stringify(value, null, unit)}`.split('\n').map((line) => indent + line)
  const behind = body.slice(object.offset + 1)
  const comma = (object.children ?? []).length > 0 ? ',' : ''
  // What follows on the same line, such as the closing brace, moves to a line of its own.
  const rest = /^[ \t]*\r?\n/.test(behind) ? behind : `${eol}${/^\s*\}/.test(behind) ? outer : indent}${behind.replace(/^[ \t]+/, '')}`
  return `${body.slice(0, object.offset + 1)}${eol}${lines.join(eol)}${comma}${rest}`
}

function split(text: string): { bom: string; body: string } {
  return text.startsWith(BOM) ? { bom: BOM, body: text.slice(BOM.length) } : { bom: '', body: text }
}

/** The tree of a file that can be edited safely; undefined when it is empty. */
function parseConfig(text: string, { file, container }: EntryPlace): Node | undefined {
  const { body } = split(text)
  if (body.trim() === '') return undefined
  const errors: ParseError[] = []
  const root = parseTree(body, errors, { allowTrailingComma: true })
  const [error] = errors
  if (error !== undefined) throw broken(file, body, error.offset, `${words(printParseErrorCode(error.error))}.`)
  if (root?.type !== 'object') throw broken(file, body, root?.offset ?? 0, 'An object is expected.')
  const held = (root.children ?? []).filter((property) => property.children?.[0]?.value === container)
  // Readers take the last of two equal keys and editors the first: the entry would end up where nobody looks.
  if (held.length > 1) throw broken(file, body, held[1]!.offset, `\`${container}\` stands there twice.`)
  const value = held[0]?.children?.[1]
  if (value !== undefined && value.type !== 'object') throw broken(file, body, value.offset, `\`${container}\` must be an object.`)
  return root
}

function broken(file: string, body: string, offset: number, what: string): Error {
  const lines = body.slice(0, offset).split('\n')
  return refusal(
    `${file} cannot be edited`,
    `Line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${what}`,
    'mend the file, then run this command again',
  )
}

/** `CommaExpected` as `Comma expected`. */
const words = (code: string): string => code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
