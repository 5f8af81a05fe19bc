import { err, ok, type Result } from '#std/index.ts'

/**
 * Splits a command line into words as a POSIX shell quotes them, without expanding anything: `$NAME` stays as it is
 * written, and what only a shell can do (pipes, redirections, substitution, several commands) is refused.
 */
export function splitCommand(line: string): Result<string[], string> {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (quote === "'") {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '\\' && i + 1 < line.length) {
      const next = line[++i]!
      if (next === '\n') continue
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next)
    } else if (character === '`' || (character === '$' && line[i + 1] === '(')) {
      return err('substitution needs a shell; write the program and its arguments only')
    } else if (character === quote) {
      quote = ''
    } else if (quote === '"') {
      word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else if ('|&;<>'.includes(character)) {
      return err(`${character} needs a shell; write one program and its arguments, or put the character in quotes`)
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote !== '') return err(`a quote (${quote}) has no end`)
  if (word !== null) words.push(word)
  return ok(words)
}
