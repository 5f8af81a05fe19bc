import { Problem } from '#std/index.ts'
import type { LogLine } from '../model.ts'
import type { ProcessExit } from './launch.ts'

export const LINES_CONSIDERED = 30
const WORDS_LENGTH_MAX = 300

/** Why a server is gone: how it ended, and what it said last. `lines`: what this process wrote, cleaned. */
export function exitProblem(name: string, exit: ProcessExit, wasReady: boolean, lines: readonly LogLine[]): Problem {
  const how = exit.failure ?? (exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`)
  const words = lastWords(lines)
  const detail = `${name} ended ${wasReady ? '' : 'while starting '}with ${how}.${words === null ? '' : ` Its last words: ${words}`}`
  return new Problem('upstream-down', detail, { remedy: `sallyport deployment logs ${name}` })
}

/** The line that says why: the last that speaks of an error, else the last one. Node ends every crash with its version. */
function lastWords(lines: readonly LogLine[]): string | null {
  const said = lines.map((line) => line.text.trim()).filter((text) => text !== '' && text !== '}' && !/^Node\.js v\d/.test(text))
  const recent = said.slice(-LINES_CONSIDERED)
  return (recent.findLast((text) => /error|fatal|exception/i.test(text)) ?? recent.at(-1))?.slice(0, WORDS_LENGTH_MAX) ?? null
}
