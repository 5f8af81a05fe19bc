import { Problem } from '#std/index.ts'
import { isToken } from './field-block.ts'

/** Header lines that were checked: they cannot end the head, nor hold a header that frames the message. */
export type HeaderLines = string & { readonly isChecked: unique symbol }

/** Headers that decide where a message ends or where it goes: only the connection itself writes them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** RFC 9110 §5.5: no control character but the tab. What is outside Latin-1 has no form on the wire. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** What a writer remembers at most. */
const KNOWN_LINES_MAX = 16
const KNOWN_LINE_LENGTH_MAX = 256
const PATH = /^\/[\x21-\x7e]*$/

/**
 * Writes a flat list of names and values as header lines. Throws `invalid-input`, which names the header and never the
 * value, for what is no header or is not the sender's to set.
 */
export function toHeaderLines(headers: readonly string[]): HeaderLines {
  let lines = ''
  for (let i = 0; i < headers.length; i += 2) lines += toLine(headers[i]!, headers[i + 1])
  return lines as HeaderLines
}

/** Does the same, and remembers the last line at each place: from one call to the next most headers say the same. */
export function createHeaderWriter(): (headers: readonly string[]) => HeaderLines {
  const known: { name: string; value: string | undefined; line: string }[] = []
  return (headers) => {
    let lines = ''
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i]!
      const value = headers[i + 1]
      const before = known[i >> 1]
      if (before !== undefined && before.name === name && before.value === value) lines += before.line
      else {
        const line = toLine(name, value)
        if (i >> 1 < KNOWN_LINES_MAX && line.length <= KNOWN_LINE_LENGTH_MAX) known[i >> 1] = { name, value, line }
        lines += line
      }
    }
    return lines as HeaderLines
  }
}

function toLine(name: string, value: string | undefined): string {
  if (!isToken(name)) throw new Problem('invalid-input', 'A header with an invalid name cannot be sent.')
  if (value === undefined || !VALUE.test(value))
    throw new Problem('invalid-input', `The value of the header ${name} holds characters that cannot be sent.`)
  if (FRAMING.has(name.toLowerCase())) throw new Problem('invalid-input', `The header ${name} belongs to the connection and cannot be set.`)
  return `${name}: ${value}\r\n`
}

/** The start line and the host of a request. `path` is a path with its query, as a URL writes it. */
export function toRequestLine(method: string, path: string, host: string): string {
  if (!isToken(method) || !PATH.test(path)) throw new Problem('invalid-input', 'A request with an invalid method or path cannot be sent.')
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`
}
