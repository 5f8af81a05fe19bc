import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { LIMITS } from '#std/index.ts'
import { DeclaredError, type Finding } from './model.ts'

export type Path = readonly (string | number)[]

/** A parsed file that still knows where each of its parts stands. */
export interface Document {
  readonly value: unknown
  /** A finding at a path: at the name of the last part, or at its value. */
  find(path: Path, message: string, at?: 'name' | 'value'): Finding
  place(path: Path): string
}

const EXPECTED: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not JSON; texts and names stand in double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected a colon after the name',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a closing brace }',
  CloseBracketExpected: 'expected a closing bracket ]',
  EndOfFileExpected: 'expected the end of the file',
  UnexpectedEndOfComment: 'this comment has no end',
  UnexpectedEndOfString: 'this text has no closing quote',
}

/** Reads JSON with comments and trailing commas. Throws `DeclaredError` for what is not JSON, names given twice and nesting too deep. */
export function readDocument(text: string, file: string): Document {
  const lines = lineStarts(text)
  const at = (offset: number, message: string): Finding => {
    const line = lineOf(lines, offset)
    const column = offset - lines[line]! + 1
    return { place: `${file}:${line + 1}:${column}`, line: line + 1, column, message }
  }
  if (Buffer.byteLength(text) > LIMITS.declaredFileBytesMax)
    throw new DeclaredError([at(0, `the file is larger than ${LIMITS.declaredFileBytesMax} bytes`)])
  if (nesting(text) > LIMITS.jsonDepthMax) throw new DeclaredError([at(0, `the file nests deeper than ${LIMITS.jsonDepthMax} levels`)])

  if (text.trim() === '') throw new DeclaredError([at(0, 'the file is empty; expected an object such as { "mcpServers": {} }')])
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  // Behind the end everything is wrong, and only the first of it says something.
  const end = root === undefined ? Infinity : root.offset + root.length
  const trailing = errors[0]
  const isBehind = (error: ParseError): boolean => error.offset >= end && !/(?<!^EndOfFile)Expected$/.test(printParseErrorCode(error.error))
  if (trailing !== undefined && errors.every(isBehind)) throw new DeclaredError([at(trailing.offset, EXPECTED['EndOfFileExpected']!)])
  if (errors.length > 0 || root === undefined)
    throw new DeclaredError(errors.map((error) => at(error.offset, EXPECTED[printParseErrorCode(error.error)] ?? 'this is not JSON')))

  const findings: Finding[] = []
  const value = valueOf(root, (node, message) => findings.push(at(node.offset, message)))
  if (findings.length > 0) throw new DeclaredError(findings)
  return {
    value,
    find: (path, message, where = 'name') => at(nodeAt(root, path, where).offset, message),
    place: (path) => at(nodeAt(root, path, 'name').offset, '').place,
  }
}

/** Names become own members whatever they are called; `__proto__` and names given twice are refused. */
function valueOf(node: Node, refuse: (node: Node, message: string) => void): unknown {
  if (node.type === 'array') return (node.children ?? []).map((child) => valueOf(child, refuse))
  if (node.type !== 'object') return node.value as unknown
  const seen = new Set<string>()
  const entries: [string, unknown][] = []
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? []
    if (key === undefined || value === undefined) continue
    const name = key.value as string
    if (name === '__proto__') refuse(key, 'this name is not possible here')
    else if (seen.has(name)) refuse(key, `${JSON.stringify(name)} is given twice in the same object`)
    else entries.push([name, valueOf(value, refuse)])
    seen.add(name)
  }
  return Object.fromEntries(entries)
}

/** The node at a path, or the nearest one above it that exists. */
function nodeAt(root: Node, path: Path, where: 'name' | 'value'): Node {
  let node = root
  let key = root
  for (const part of path) {
    if (node.type === 'array') {
      const child = node.children?.[part as number]
      if (child === undefined) return key
      node = key = child
      continue
    }
    const property = node.children?.find((child) => child.children?.[0]?.value === part)
    if (property?.children?.[1] === undefined) return key
    key = property.children[0]!
    node = property.children[1]
  }
  return where === 'name' ? key : node
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** The depth of the brackets outside texts. The parser recurses, so this comes first; brackets in comments count too. */
function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  let isText = false
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (isText) {
      if (character === 92) i++
      else if (character === 34 || character === 10) isText = false
    } else if (character === 34) isText = true
    else if (character === 123 || character === 91) deepest = Math.max(deepest, ++depth)
    else if (character === 125 || character === 93) depth--
  }
  return deepest
}
