/** Shorter ones are words; to take them out would hide more than it protects. */
const KNOWN_LENGTH_MIN = 8
const SCHEME = /^(?:bearer|basic|token)\s+(\S.*)$/i

/** Spellings by the list they were made of: a body holds thousands of texts, and all are searched for the same secrets. */
const spelled = new WeakMap<readonly string[], readonly string[]>()

/** Takes texts that are known to be secret out of another one, in every usual spelling. */
export function withoutKnown(text: string, known: readonly string[], instead: () => string): string {
  let kept = text
  for (const spelling of spellings(known)) if (spelling.length <= kept.length) kept = kept.replaceAll(spelling, instead)
  return kept
}

/** The longest first, so that none leaves the end of another one behind. */
function spellings(known: readonly string[]): readonly string[] {
  const before = spelled.get(known)
  if (before !== undefined) return before
  const all = [...new Set(known.flatMap(spellingsOf))].toSorted((one, other) => other.length - one.length)
  spelled.set(known, all)
  return all
}

/** A secret as it is, without its scheme, in JSON, in JSON within JSON, in a URL, in base64 and in hexadecimal digits. */
function spellingsOf(secret: string): string[] {
  const bare = SCHEME.exec(secret)?.[1]
  return (bare === undefined ? [secret] : [secret, bare])
    .flatMap((one) => {
      const quoted = JSON.stringify(one).slice(1, -1)
      const encoded = encodeURIComponent(one.toWellFormed())
      const lower = encoded.replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())
      const inDigits = one.length < KNOWN_LENGTH_MIN ? [] : digitsOf(one)
      return [one, quoted, JSON.stringify(quoted).slice(1, -1), encoded, lower, base64Of(one), ...inDigits]
    })
    .filter((one) => one.length >= KNOWN_LENGTH_MIN)
}

const base64Of = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '')

/** In hexadecimal, and in base64 of something longer: there it may begin at any of three places, and its ends mix with what is around it. */
function digitsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const within = [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const whole = text.slice(Math.ceil((before * 4) / 3), (before + bytes.length) % 3 === 0 ? undefined : -1)
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return [hex, hex.toUpperCase(), ...within]
}
