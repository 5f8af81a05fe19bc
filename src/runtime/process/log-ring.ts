import { LIMITS } from '#std/index.ts'
import type { LogLine } from '../model.ts'

const MASK = '[secret]'
/** Shorter values would blank out ordinary words. */
const SECRET_LENGTH_MIN = 4

/** The last lines a server wrote beside the protocol, safe to show. */
export interface LogRing {
  /** Cleans and keeps a line; returns it as kept. */
  add(text: string): LogLine
  lines(): readonly LogLine[]
  /** Values that must never be shown. */
  setSecrets(secrets: readonly string[]): void
}

export function createLogRing(now: () => number): LogRing {
  const lines: LogLine[] = []
  let masked: readonly string[] = []
  return {
    add(text) {
      const line = { atMs: now(), text: cleanLine(text, masked) }
      lines.push(line)
      if (lines.length > LIMITS.logLinesPerInstanceMax) lines.shift()
      return line
    },
    lines: () => [...lines],
    setSecrets(secrets) {
      // Longest first, so that a secret that contains another one is masked whole.
      masked = secrets.filter((secret) => secret.length >= SECRET_LENGTH_MIN).toSorted((a, b) => b.length - a.length)
    },
  }
}

/** Control and format characters, separators of lines: a log line must neither move a cursor nor hide what it says. */
const UNSAFE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\t]/gv

function cleanLine(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) clean = clean.replaceAll(secret, MASK)
  if (clean.length > LIMITS.logLineBytesMax) clean = `${clean.slice(0, LIMITS.logLineBytesMax)}…`
  return clean.replace(UNSAFE, visible)
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // The control pictures of Unicode: ␛ for ESC and so on.
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : `\\u{${code.toString(16)}}`
}
