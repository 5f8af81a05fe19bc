import { isSecretName } from './is-secret-name.ts'
import { endsInPrivateKey, isCardNumber, redactText, sizeNote } from './redact-text.ts'

/** JSON text that may be kept: valid, within its bound, without what looked like a secret. */
export interface RedactedBody {
  readonly text: string
  /** Something was left out because it was too long, too much or too deep. */
  readonly isCut: boolean
  /** How many values were taken out because they looked like secrets. */
  readonly redactions: number
}

export interface RedactionOptions {
  /** Texts that are known to be secret. */
  readonly known: readonly string[]
  /** Bytes of the JSON text. */
  readonly bytesMax: number
  /** Characters of one string in it. */
  readonly stringLengthMax: number
}

const DEPTH_MAX = 32
/** JSON that stands in strings of JSON: results of tools often do. */
const INNER_MAX = 3
/** A string is looked through this many times as far as it is shown, so that no secret is halved where it ends. */
const SCANNED_TIMES = 8
/** What is dropped of a text that was not scanned to its end: longer secrets are known by how they begin. */
const SEAM_LENGTH = 1024
/** What the notes and brackets at the end of a text that is cut may take: one of each per level. */
const RESERVED_BYTES = DEPTH_MAX * 64
/** With less room than this a string says only that it is not there. */
const ROOM_MIN = 96
/** No UTF-16 unit takes more bytes in a JSON text. */
const BYTES_PER_UNIT_MAX = 6
/** `{ name: "API_KEY", value: "x" }`: what says which value it is, and the value. */
const PAIR_NAMES: ReadonlySet<string> = new Set(['name', 'key', 'header', 'field', 'variable', 'property'])
const PAIR_VALUES: ReadonlySet<string> = new Set(['value', 'values', 'val', 'default'])
/** Headers in a flat list, as Node and other programs show them; `--token` in a list of arguments. */
const HEADER_IN_LIST = /^(?:(?:proxy-)?authori[sz]ation|(?:set-)?cookie|x-[\w-]{0,40}(?:key|token))$/i
const FLAG_IN_LIST = /^--?[\w.-]{1,64}$/
const NAME_IN_LIST = /^[\w.-]{1,64}$/
/** Lines of a private key whose first line stood in another text. */
const KEY_DATA = /^[A-Za-z0-9+/=\r\n]{16,}$/
const MIME_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/

/** Makes of a parsed JSON value the text that may be kept. Linear in the size of the value. */
export function redactBody(value: unknown, options: RedactionOptions): RedactedBody {
  const writer = new BodyWriter(options)
  writer.write(value, 0, 0)
  return { text: writer.text(), isCut: writer.isCut, redactions: writer.redactions }
}

class BodyWriter {
  isCut = false
  redactions = 0
  readonly #options: RedactionOptions
  readonly #bytesMax: number
  readonly #parts: string[] = []
  #bytes = 0
  /** A private key began in a text before and has not ended. */
  #isInKey = false

  constructor(options: RedactionOptions) {
    this.#options = options
    this.#bytesMax = Math.max(0, options.bytesMax - RESERVED_BYTES)
  }

  text(): string {
    return this.#parts.join('')
  }

  write(value: unknown, depth: number, inner: number): void {
    if (typeof value === 'string') this.#string(value, depth, inner)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value !== 'object' || value === null) this.#put(JSON.stringify(value ?? null))
    else if (depth >= DEPTH_MAX) this.#cut('nested deeper')
    else if (Array.isArray(value)) this.#array(value, depth, inner)
    else this.#object(value as Readonly<Record<string, unknown>>, depth, inner)
  }

  #array(items: readonly unknown[], depth: number, inner: number): void {
    this.#put('[')
    for (const [index, item] of items.entries()) {
      if (index > 0) this.#put(',')
      if (this.#isFull()) {
        this.#cut(`${items.length - index} more`)
        break
      }
      if (isNamedByItemBefore(items, index)) this.#redact('secret')
      else this.write(item, depth + 1, inner)
    }
    this.#put(']')
  }

  #object(object: Readonly<Record<string, unknown>>, depth: number, inner: number): void {
    const note = contentNote(object)
    const entries = Object.entries(object)
    const isPair = entries.some(([name, value]) => PAIR_NAMES.has(name.toLowerCase()) && typeof value === 'string' && isSecretName(value))
    this.#put('{')
    for (const [index, [name, value]] of entries.entries()) {
      if (index > 0) this.#put(',')
      if (this.#isFull()) {
        this.#put('"…":')
        this.#cut(`${entries.length - index} more`)
        break
      }
      this.#name(name)
      if (note !== null && name === note.name) this.#put(JSON.stringify(note.text))
      else if (isHidden(name, value) || (isPair && PAIR_VALUES.has(name.toLowerCase()) && isWorthHiding(value))) this.#redact('secret')
      else this.write(value, depth + 1, inner)
    }
    this.#put('}')
  }

  /** Names can be secrets as well: of a map by token, for example. */
  #name(name: string): void {
    if (name.length > this.#options.stringLengthMax) {
      this.isCut = true
      return this.#put('"…":')
    }
    const { text, redactions } = redactText(name, this.#options.known)
    this.redactions += redactions
    const piece = JSON.stringify(text.toWellFormed())
    const fits = this.#bytes + Buffer.byteLength(piece) <= this.#bytesMax
    if (!fits) this.isCut = true
    this.#put(`${fits ? piece : '"…"'}:`)
  }

  #string(value: string, depth: number, inner: number): void {
    if (this.#isInKey && this.#goesOn(value)) return
    if (inner < INNER_MAX && depth < DEPTH_MAX && this.#inside(value, depth, inner)) return
    const { known, stringLengthMax } = this.#options
    const scannedMax = stringLengthMax * SCANNED_TIMES
    const { text: scanned, redactions } = redactText(value.slice(0, scannedMax), known)
    // A secret that ends behind what was scanned is not known to be one.
    const text = value.length > scannedMax ? scanned.slice(0, -SEAM_LENGTH) : scanned
    this.redactions += redactions
    if (redactions > 0 && endsInPrivateKey(value)) this.#isInKey = true
    const room = Math.max(0, this.#bytesMax - this.#bytes)
    if (room < ROOM_MIN) return this.#cut(`${value.length} characters`)
    const whole =
      text.length <= stringLengthMax && value.length <= stringLengthMax * SCANNED_TIMES ? JSON.stringify(text.toWellFormed()) : null
    if (whole !== null && Buffer.byteLength(whole) <= room) return this.#put(whole)
    const cut = (length: number): string => JSON.stringify(`${text.slice(0, length).toWellFormed()}… [cut: ${value.length} characters]`)
    const usual = cut(stringLengthMax)
    this.isCut = true
    this.#put(
      Buffer.byteLength(usual) <= room ? usual : cut(Math.min(stringLengthMax, Math.floor((room - ROOM_MIN / 2) / BYTES_PER_UNIT_MAX))),
    )
  }

  /** Lists of lines, and contents in pieces: what goes on with a private key is taken out until its last line. */
  #goesOn(value: string): boolean {
    const isEnd = value.includes('-----END')
    if (isEnd) this.#isInKey = false
    else if (!KEY_DATA.test(value)) return false
    this.#redact('private key')
    return true
  }

  /** JSON in a string is redacted by the names in it, and a string again. What holds no secret stays as it was written. */
  #inside(text: string, depth: number, inner: number): boolean {
    const json = parsedOrNull(text, this.#options.bytesMax * SCANNED_TIMES)
    if (json === null) return false
    const writer = new BodyWriter({ ...this.#options, bytesMax: Math.floor(Math.max(0, this.#bytesMax - this.#bytes) / 2) })
    writer.write(json, depth + 1, inner + 1)
    // What was not looked through to its end may hold secrets still.
    if (writer.redactions === 0 && !writer.isCut) return false
    this.redactions += writer.redactions
    if (writer.isCut) this.isCut = true
    const piece = JSON.stringify(writer.text())
    if (this.#bytes + Buffer.byteLength(piece) > this.#bytesMax) this.#cut('JSON')
    else this.#put(piece)
    return true
  }

  #number(value: number): void {
    const text = JSON.stringify(value)
    if (/^[2-6]\d{12,18}$/.test(text) && isCardNumber(text)) this.#redact('card number')
    else if (this.#options.known.includes(text)) this.#redact('secret')
    else this.#put(text)
  }

  #redact(kind: string): void {
    this.redactions += 1
    this.#put(`"[redacted: ${kind}]"`)
  }

  #cut(what: string): void {
    this.isCut = true
    this.#put(`"[cut: ${what}]"`)
  }

  #put(piece: string): void {
    this.#parts.push(piece)
    this.#bytes += Buffer.byteLength(piece)
  }

  #isFull(): boolean {
    return this.#bytes > this.#bytesMax
  }
}

/** What stands under a name of secrets goes whole; whether there is one may be known, and so may counts of tokens. */
function isHidden(name: string, value: unknown): boolean {
  if (!isWorthHiding(value)) return false
  if (typeof value === 'number' && /tokens$/i.test(name)) return false
  return isSecretName(name)
}

const isWorthHiding = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== 'boolean' && value !== ''

/** `["--token", "x"]`, `["Cookie", "x", …]`, and `["password", "x"]` where a list has no more than these two. */
function isNamedByItemBefore(items: readonly unknown[], index: number): boolean {
  const before = items[index - 1]
  if (typeof before !== 'string' || !isWorthHiding(items[index])) return false
  if (HEADER_IN_LIST.test(before)) return true
  return (items.length === 2 ? NAME_IN_LIST : FLAG_IN_LIST).test(before) && isSecretName(before)
}

/** Images, sounds and files in a result (MCP, ContentBlock): their data is replaced by what it is and how much. */
function contentNote(object: Readonly<Record<string, unknown>>): { name: string; text: string } | null {
  const { mimeType, type } = object
  const name = typeof object['blob'] === 'string' ? 'blob' : 'data'
  const data = object[name]
  if (typeof data !== 'string' || (type !== 'image' && type !== 'audio' && name !== 'blob')) return null
  return { name, text: sizeNote(typeof mimeType === 'string' && MIME_TYPE.test(mimeType) ? mimeType : 'data', data.length) }
}

function parsedOrNull(text: string, lengthMax: number): object | null {
  if (text.length > lengthMax || !/^\s{0,16}[[{]/.test(text)) return null
  try {
    return JSON.parse(text) as object
  } catch {
    // Text that only looks like JSON is text.
    return null
  }
}
