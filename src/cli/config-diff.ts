import { inert } from './inert.ts'
import type { Terminal } from './terminal.ts'

const CONTEXT_LINES = 2
const SECRET_VALUE = /("[^"]*(?:authorization|cookie|token|secret|passw|key|credential)[^"]*"\s*:\s*")((?:[^"\\]|\\.)*)"/gi

/** The changed lines with a little around them. Values that look like secrets are masked, ours and those of the neighbours. */
export function renderDiff(file: string, before: string, after: string, tint: Terminal['tint']): string {
  const [old, next] = [linesOf(before), linesOf(after)]
  const most = Math.min(old.length, next.length)
  let start = 0
  while (start < most && old[start] === next[start]) start++
  let end = 0
  while (end < most - start && old[old.length - 1 - end] === next[next.length - 1 - end]) end++
  const shown = (lines: readonly string[], from: number, to: number, mark: string): string[] =>
    lines.slice(Math.max(0, from), to).map((line) => `${mark} ${inert(mask(line))}`)
  return [
    tint('bold', inert(file)),
    ...shown(next, start - CONTEXT_LINES, start, ' ').map((line) => tint('dim', line)),
    ...shown(old, start, old.length - end, '-').map((line) => tint('red', line)),
    ...shown(next, start, next.length - end, '+').map((line) => tint('green', line)),
    ...shown(next, next.length - end, next.length - end + CONTEXT_LINES, ' ').map((line) => tint('dim', line)),
  ].join('\n')
}

const mask = (line: string): string =>
  line.replace(SECRET_VALUE, (_, key: string, value: string) => `${key}${value.startsWith('Bearer ') ? 'Bearer ' : ''}••••••••"`)

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/))
