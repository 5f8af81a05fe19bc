import { LIMITS } from '#std/index.ts'

// The last net: every line of log passes through here as text, whatever object it was made of. All patterns take linear
// time: none can fail late after matching much, and none can match nothing.

export const MASK = '[secret]'

/** What looks like a credential, and what stands in for it. No `\b`: before `\nBearer` in JSON stands the letter n. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our API keys, the halves of our sessions, and keys of well-known services.
  [/(?:sp[cp]?_|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-)[A-Za-z0-9_-]{16,}/g, MASK],
  [/AKIA[A-Z0-9]{16}/g, MASK],
  [/(bearer|basic)(?:[ \t]|%20)+[A-Za-z0-9+/=._~-]{4,}/gi, `$1 ${MASK}`],
  // A JWT, or any base64url of an object: `eyJ` is `{"`.
  [/eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){0,4}/g, MASK],
  // Userinfo of a URL, and the values of its query and fragment.
  [/:\/\/[^\s"'\\/?#@]{1,512}(?:@[^\s"'\\/?#@]{0,512}){0,4}@/g, `://${MASK}@`],
  [/([?&#;][\w.~%[\]-]{1,64}=)[^&#\s"'\\]+/g, `$1${MASK}`],
]

/** Shorter texts are words: masking them would hide more than it protects. */
const SECRET_LENGTH_MIN = 8
const SCHEME = /^(?:bearer|basic|token)\s+(\S.*)$/i

/** Finds registered texts in one pass: a table of character pairs rules out nearly every place, a map the rest. */
class ExactMasker {
  /** Secrets, in all their spellings, by their first characters. */
  readonly #byStart = new Map<string, Set<string>>()
  readonly #pairs = new Uint8Array(1 << 16)
  /** Spellings of each secret, oldest first, and how often it is registered. */
  readonly #registered = new Map<string, { count: number; readonly spellings: ReadonlySet<string> }>()

  add(text: string): () => void {
    const entry = this.#registered.get(text) ?? this.#insert(text)
    if (entry === undefined) return () => {}
    entry.count += 1
    let isRegistered = true
    return () => {
      if (!isRegistered) return
      isRegistered = false
      entry.count -= 1
      if (entry.count === 0 && this.#registered.get(text) === entry) this.#remove(text)
    }
  }

  mask(text: string): string {
    if (this.#registered.size === 0) return text
    let masked = ''
    let kept = 0
    for (let i = 0; i + SECRET_LENGTH_MIN <= text.length;) {
      const length = this.#pairs[pairAt(text, i)] === 0 ? 0 : this.#lengthAt(text, i)
      if (length === 0) {
        i += 1
        continue
      }
      masked += text.slice(kept, i) + MASK
      i += length
      kept = i
    }
    return kept === 0 ? text : masked + text.slice(kept)
  }

  #lengthAt(text: string, at: number): number {
    let longest = 0
    for (const secret of this.#byStart.get(text.slice(at, at + SECRET_LENGTH_MIN)) ?? []) {
      if (secret.length > longest && text.startsWith(secret, at)) longest = secret.length
    }
    return longest
  }

  #insert(text: string): { count: number; spellings: ReadonlySet<string> } | undefined {
    const spellings = spellingsOf(text)
    if (spellings.size === 0) return undefined
    if (this.#registered.size >= LIMITS.maskedSecretsMax) this.#remove(this.#registered.keys().next().value!)
    const entry = { count: 0, spellings }
    this.#registered.set(text, entry)
    for (const spelling of spellings) {
      const start = spelling.slice(0, SECRET_LENGTH_MIN)
      const same = this.#byStart.get(start)
      if (same === undefined) this.#byStart.set(start, new Set([spelling]))
      else same.add(spelling)
      this.#pairs[pairAt(spelling, 0)] = 1
    }
    return entry
  }

  #remove(text: string): void {
    for (const spelling of this.#registered.get(text)?.spellings ?? []) {
      const start = spelling.slice(0, SECRET_LENGTH_MIN)
      const same = this.#byStart.get(start)
      same?.delete(spelling)
      if (same?.size === 0) this.#byStart.delete(start)
    }
    this.#registered.delete(text)
  }
}

const pairAt = (text: string, at: number): number => ((text.charCodeAt(at) * 251) ^ text.charCodeAt(at + 1)) & 0xffff

/** A secret as it may stand in a log: as it is, without its scheme, inside JSON, inside JSON inside JSON, in a URL, in base64. */
function spellingsOf(text: string): Set<string> {
  if (text.length < SECRET_LENGTH_MIN) return new Set()
  const bare = SCHEME.exec(text)?.[1]
  const spellings = new Set<string>()
  for (const spelling of bare === undefined ? [text] : [text, bare]) {
    const quoted = JSON.stringify(spelling).slice(1, -1)
    const base64 = Buffer.from(spelling).toString('base64')
    for (const form of [spelling, quoted, JSON.stringify(quoted).slice(1, -1), encodeURIComponent(spelling.toWellFormed()), base64]) {
      if (form.length >= SECRET_LENGTH_MIN) spellings.add(form)
    }
  }
  return spellings
}

const masker = new ExactMasker()

/**
 * From now on no log line of this process shows this text, in any usual spelling. For live secrets: the owner key, the
 * key of the command line, header and environment values of upstreams. Texts of less than 8 characters are not taken;
 * beyond `maskedSecretsMax` the oldest goes. Call what it returns when the secret is no longer in use.
 */
export const registerSecret = (text: string): (() => void) => masker.add(text)

/** The text without registered secrets and without what looks like a credential. */
export function maskText(text: string): string {
  let masked = masker.mask(text)
  for (const [pattern, substitute] of PATTERNS) masked = masked.replace(pattern, substitute)
  return masked
}
