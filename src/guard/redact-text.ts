// Every pattern takes linear time on any text: it is anchored at something fixed, what may repeat is bounded or cannot
// fail after it has repeated, and no start can lie inside what another start has already walked through.

/** A text without what looked like a secret, and how often that was. */
export interface RedactedText {
  readonly text: string
  readonly redactions: number
}

/** Shorter ones are words; to take them out would hide more than it protects. */
const KNOWN_LENGTH_MIN = 8
const SCHEME = /^(?:bearer|basic|token)\s+(\S.*)$/i
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END_OF_KEY = '-----END'
const AFTER_END_MAX = 64

/** `Bearer authentication` is prose. */
const WORD_LENGTH_MAX = 16
const CREDENTIAL = /(bearer|basic)((?:[ \t]|%20)+)([A-Za-z0-9+/=._~-]{6,})/gi
const SERVICE_KEY =
  /(?<![A-Za-z0-9])(?:sp[a-z]?_|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|sk_live_|rk_live_|npm_|hf_|AIza)[A-Za-z0-9_-]{16,}/g
const AWS_KEY = /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}/g
/** `eyJ` is `{"` in base64url: a JWT, or any sealed object. */
const JWT = /eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,4}/g
const USER_OF_URL = /:\/\/[^\s"'\\/?#@:]{0,128}:[^\s"'\\/?#@]{1,256}@/g
const NAME =
  '(?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|authori[sz]ation|credential|cookie)[\\w.-]{0,32}'
const EQUALS = '\\\\?["\']?[ \\t]{0,4}[:=][ \\t]{0,4}'
/** `"api_key": "a value"`, also where the quotes are escaped: up to the quote that ends it. */
const QUOTED = new RegExp(`(${NAME}${EQUALS}(\\\\?["']))(?:(?!\\2)(?:\\\\.|[^\\n])){1,1024}`, 'gi')
/** `password = x`, `?token=x`. */
const ASSIGNED = new RegExp(`(${NAME}${EQUALS})([^\\s"'\\\\&,;)}\\][][^\\s"'\\\\&,;)}\\]]*)`, 'gi')
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
    .replace(CREDENTIAL, (whole, scheme: string, gap: string, value: string) =>
      value.length >= WORD_LENGTH_MAX || /\d/.test(value) ? `${scheme}${gap}${instead('credential')}` : whole,
    )
    .replace(SERVICE_KEY, () => instead('key'))
    .replace(AWS_KEY, () => instead('key'))
    .replace(JWT, () => instead('token'))
    .replace(USER_OF_URL, () => `://${instead('password')}@`)
    .replace(QUOTED, (whole, start: string) => (/\[redacted: [a-z ]+\]$/.test(whole) ? whole : start + instead('secret')))
    .replace(ASSIGNED, (whole, name: string, value: string) => (/^(?:bearer|basic)$/i.test(value) ? whole : name + instead('secret')))
    .replace(DIGITS, (digits) => withoutCards(digits, () => instead('card number')))
    .replace(BLOB, (blob) => sizeNote('base64', blob.length))
  return { text: kept, redactions }
}

/** Takes known secrets alone out of a text, which may be JSON that was redacted before. */
export function redactKnown(text: string, known: readonly string[]): RedactedText {
  let redactions = 0
  const kept = withoutKnown(text, known, () => {
    redactions += 1
    return '[redacted: secret]'
  })
  return { text: kept, redactions }
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

/** The longest first, so that none leaves the end of another one behind. */
function withoutKnown(text: string, known: readonly string[], instead: () => string): string {
  const spellings = new Set(known.flatMap(spellingsOf))
  let kept = text
  for (const spelling of [...spellings].toSorted((one, other) => other.length - one.length)) kept = kept.replaceAll(spelling, instead)
  return kept
}

/** A secret as it is, without its scheme, in JSON, in JSON within JSON, in a URL, in base64. */
function spellingsOf(secret: string): string[] {
  const bare = SCHEME.exec(secret)?.[1]
  return (bare === undefined ? [secret] : [secret, bare])
    .flatMap((one) => {
      const quoted = JSON.stringify(one).slice(1, -1)
      const base64 = Buffer.from(one).toString('base64').replace(/=+$/, '')
      return [one, quoted, JSON.stringify(quoted).slice(1, -1), encodeURIComponent(one.toWellFormed()), base64]
    })
    .filter((one) => one.length >= KNOWN_LENGTH_MIN)
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
