import { withoutKnown } from './known-secrets.ts'

// Every pattern takes linear time on any text: it is anchored at something fixed, what may repeat is bounded or cannot
// fail after it has repeated, and no start can lie inside what another start has already walked through.

/** A text without what looked like a secret, and how often that was. */
export interface RedactedText {
  readonly text: string
  readonly redactions: number
}

const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END_OF_KEY = '-----END'
const AFTER_END_MAX = 64

/** `Bearer authentication` is prose. */
const WORD_LENGTH_MAX = 16
const CREDENTIAL = /(bearer|basic)((?:[ \t]|%20)+)([A-Za-z0-9+/=._~-]{6,})/gi
/** A header that holds credentials, up to the end of its line or of the quotes around it. */
const HEADER_LINE = /(\\{0,8}["'])?((?:authori[sz]ation|cookie2?)[ \t]{0,4}:[ \t]{0,4})(?!\\{0,8}["'])((?:(?!\\[rn])[^\r\n])+)/gi
const SCHEME_OF_LINE = /^(?:bearer|basic|digest|negotiate)(?=\s)/i
/** Keys of services that nothing else looks like. */
const SERVICE_KEY =
  /(?:gh[pousr]_|github_pat_|gl[a-z]{2,6}-|xox[abeoprs]-|xapp-|[rs]k_(?:live|test)_|whsec_|AIza|ya29\.|shp(?:at|ca|pa|ss)_|do[op]_v1_|pypi-AgE|hv[bs]\.|lin_api_|ATATT3|PMAK-|figd_|ntn_|AGE-SECRET-KEY-1|sk-ant-|sk-proj-)[A-Za-z0-9_-]{16,}/g
/** Those of which words end like the first letters: before them stands no letter, unless it belongs to something escaped. */
const AMBIGUOUS_KEY =
  /(?:sp[a-z]?_|sk-|npm_|hf_|dapi|SG\.)(?<=(?:^|[^A-Za-z0-9]|\\[bfnrtv]|(?:%|\\x)[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]{0,8}m)(?:sp[a-z]?_|sk-|npm_|hf_|dapi|SG\.))[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]{16,})?/g
const BOT_KEY = /(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,}/g
const AWS_KEY = /(?:AKIA|ASIA)[A-Z0-9]{16}/g
/** `eyJ` is `{"` in base64url: a JWT, or any sealed object. */
const JWT = /eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,4}/g
const USER_OF_URL = /:\/\/[^\s"'\\/?#@:]{0,128}:[^\s"'\\/?#@]{1,256}@/g
/** `curl -u name:password`. */
const USER_OF_COMMAND = /(\s(?:-u|--user)[ \t=]{1,4}["']?[^\s:"']{1,128}:)[^\s"']+/g
const WORD =
  '(?:passw(?:or)?[dt]|passphrase|secret|token|api[-_]?key|a(?:ccess|ccount)[-_]?key|private[-_]?key|signing[-_]?key|encryption[-_]?key|master[-_]?key|authori[sz]ation|credential|cookie|session[-_]?id|connection[-_]?string|signature)'
const NAME = `(?:${WORD}[\\w.-]{0,32}|(?<![A-Za-z0-9])(?:pwd|sig|otp|cvv|cvc|jwt|dsn))`
const QUOTE = '\\\\{0,8}["\']'
const EQUALS = `(?:${QUOTE})?[ \\t]{0,4}(?:[:=]=?>?|->|%3[ADad])[ \\t]{0,4}`
/** `"api_key": "a value"`, also where the quotes are escaped: up to the quote that ends it. */
const QUOTED = new RegExp(`(${NAME}${EQUALS}(${QUOTE}))(?:(?!\\2)(?:\\\\.|[^\\n])){1,1024}`, 'gi')
/** A text of several lines in YAML, as far as it is indented. */
const BLOCK = new RegExp(`(${NAME}[ \\t]{0,4}:[ \\t]{0,4}[|>][+-]?[ \\t]{0,4}\\r?\\n)(?:[ \\t]+[^\\n]*(?:\\n|$))+`, 'gi')
/** `password = x`, `?token=x`. */
const ASSIGNED = new RegExp(`(${NAME}${EQUALS})([^\\s"'\\\\&,;)}\\][][^\\s"'\\\\&,;)}\\]]*)`, 'gi')
/** `--token x`. */
const FLAG = new RegExp(`(--?[\\w-]{0,32}?${WORD}[\\w-]{0,32}[ \\t]{1,4})("[^"\\n]{1,1024}"|'[^'\\n]{1,1024}'|[^\\s"'\\[-][^\\s"']*)`, 'gi')
/** `<password>x</password>` and `<add key="password" value="x">`. */
const ELEMENT = new RegExp(`(<[\\w.:-]{0,32}?${WORD}[\\w.:-]{0,32}>)[^<]+`, 'gi')
const ATTRIBUTE = new RegExp(`((?:key|name)=["'][\\w.:-]{0,32}?${WORD}[\\w.:-]{0,32}["'][ \\t]{1,4}value=(["']))(?:(?!\\2).)+`, 'gi')
const REDACTED = /\[redacted: [a-z ]+\]$/
/** Digits in groups, as cards show their number. */
const DIGITS = /\d(?:[ -]?\d){12,}/g
const CARD_DIGITS_MIN = 13
const CARD_DIGITS_MAX = 19
const DATA_URL = /data:([\w.+-]{1,64}\/[\w.+-]{1,64});base64,([A-Za-z0-9+/=_-]+)/g
const BLOB = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{512,}={0,2}/g

/**
 * Takes out of a text what looks like a secret, and the texts that are known to be: each becomes `[redacted: kind]`.
 * Long runs of base64 become a note of their size.
 */
export function redactText(text: string, known: readonly string[]): RedactedText {
  let redactions = 0
  const instead = (kind: string): string => {
    redactions += 1
    return `[redacted: ${kind}]`
  }
  let kept = withoutKnown(text, known, () => instead('secret'))
  kept = withoutPrivateKeys(kept, () => instead('private key'))
  kept = kept
    .replace(DATA_URL, (_, type: string, data: string) => sizeNote(type, data.length))
    .replace(HEADER_LINE, (_, quote: string | undefined, name: string, line: string) => {
      const end = quote === undefined ? -1 : line.indexOf(quote)
      const value = end < 0 ? line : line.slice(0, end)
      const scheme = SCHEME_OF_LINE.exec(value)?.[0]
      const shown = scheme === undefined ? instead('secret') : `${scheme} ${instead('credential')}`
      return `${quote ?? ''}${name}${shown}${line.slice(value.length)}`
    })
    .replace(CREDENTIAL, (whole, scheme: string, gap: string, value: string) =>
      value.length >= WORD_LENGTH_MAX || /\d/.test(value) ? `${scheme}${gap}${instead('credential')}` : whole,
    )
    .replace(SERVICE_KEY, () => instead('key'))
    .replace(AMBIGUOUS_KEY, () => instead('key'))
    .replace(BOT_KEY, () => instead('key'))
    .replace(AWS_KEY, () => instead('key'))
    .replace(JWT, () => instead('token'))
    .replace(USER_OF_URL, () => `://${instead('password')}@`)
    .replace(USER_OF_COMMAND, (_, start: string) => start + instead('password'))
    .replace(QUOTED, (whole, start: string) => (REDACTED.test(whole) ? whole : start + instead('secret')))
    .replace(BLOCK, (_, start: string) => `${start}  ${instead('secret')}\n`)
    .replace(ASSIGNED, (whole, name: string, value: string) =>
      /^(?:bearer|basic|digest|negotiate|[|>][+-]?)$/i.test(value) ? whole : name + instead('secret'),
    )
    .replace(FLAG, (_, name: string) => name + instead('secret'))
    .replace(ELEMENT, (whole, start: string) => (REDACTED.test(whole) ? whole : start + instead('secret')))
    .replace(ATTRIBUTE, (whole, start: string) => (REDACTED.test(whole) ? whole : start + instead('secret')))
    .replace(DIGITS, (digits) => withoutCards(digits, () => instead('card number')))
    .replace(BLOB, (blob) => sizeNote('base64', blob.length))
  return { text: kept, redactions }
}

/** Takes known secrets alone out of JSON text that was redacted before. It stays JSON. */
export function redactKnown(text: string, known: readonly string[]): RedactedText {
  let redactions = 0
  const kept = withoutKnown(text, known, () => {
    redactions += 1
    return '[redacted: secret]'
  })
  return { text: redactions === 0 || isJson(kept) ? kept : JSON.stringify('[redacted: secret]'), redactions }
}

/** A secret of digits may have stood there as a number. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `[image/png, 12 kB]` for that many characters of base64. */
export function sizeNote(type: string, characters: number): string {
  const bytes = Math.floor((characters * 3) / 4)
  return `[${type}, ${bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`}]`
}

/** 13 to 19 digits whose check digit is right, of an issuer that gives out cards (ISO/IEC 7812-1, Luhn). */
export function isCardNumber(text: string): boolean {
  if (!/^[2-6]/.test(text)) return false
  let sum = 0
  let count = 0
  for (let i = text.length - 1; i >= 0; i--) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) continue
    const weighted = count % 2 === 1 ? digit * 2 : digit
    sum += weighted > 9 ? weighted - 9 : weighted
    count += 1
  }
  return count >= CARD_DIGITS_MIN && count <= CARD_DIGITS_MAX && sum % 10 === 0
}

/** A card number may stand between other numbers: each sequence of whole groups is tried. */
function withoutCards(digits: string, instead: () => string): string {
  const groups = [...digits.matchAll(/\d+/g)]
  let kept = ''
  let from = 0
  for (let first = 0; first < groups.length; first++) {
    const start = groups[first]!.index
    let count = 0
    for (let last = first; last < groups.length && count < CARD_DIGITS_MAX; last++) {
      count += groups[last]![0].length
      const end = groups[last]!.index + groups[last]![0].length
      if (count < CARD_DIGITS_MIN || count > CARD_DIGITS_MAX || !isCardNumber(digits.slice(start, end))) continue
      kept += digits.slice(from, start) + instead()
      from = end
      first = last
      break
    }
  }
  return kept + digits.slice(from)
}

/** From its first line to its last, or to the end of the text. */
function withoutPrivateKeys(text: string, instead: () => string): string {
  if (!text.includes('-----BEGIN ')) return text
  let kept = ''
  let from = 0
  for (const { index } of text.matchAll(PRIVATE_KEY)) {
    if (index < from) continue
    kept += text.slice(from, index) + instead()
    const end = text.indexOf(END_OF_KEY, index)
    if (end < 0) return kept
    const after = text.slice(end + END_OF_KEY.length, end + END_OF_KEY.length + AFTER_END_MAX).indexOf('-----')
    from = end + END_OF_KEY.length + (after < 0 ? 0 : after + 5)
  }
  return kept + text.slice(from)
}

/** Whether a text ends within a private key, so that the next one may go on with it. */
export function endsInPrivateKey(text: string): boolean {
  const begin = text.lastIndexOf('-----BEGIN ')
  return begin >= 0 && new RegExp(PRIVATE_KEY.source).test(text.slice(begin)) && !text.includes(END_OF_KEY, begin)
}
