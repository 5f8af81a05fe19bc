import { LIMITS } from '#std/index.ts'
import { refusal, usageFailure } from './failure.ts'
import type { Program } from './program.ts'
import type { Terminal } from './terminal.ts'

/** Questions to a person. Where nobody can answer, a question is a refusal that names the flag instead. */
export interface Dialogue {
  /** True at once with `--yes`. */
  readonly confirm: (question: string) => Promise<boolean>
  /** A secret that is not shown while it is typed; `instead` says how to give it without a question. */
  readonly secret: (question: string, instead: string) => Promise<string>
  readonly text: (question: string, instead: string) => Promise<string>
  /** All of standard input, once. */
  readonly standardInput: () => Promise<string>
}

type Streams = Pick<Program, 'stdin' | 'stderr'>

export function createDialogue({ stdin, stderr }: Streams, terminal: Terminal, { isYes }: { readonly isYes: boolean }): Dialogue {
  let isInputUsed = false

  const assertPerson = (question: string, instead: string): void => {
    if (!terminal.isInteractive) throw usageFailure(`Nobody is here to answer: ${question}`, undefined, instead)
  }

  return {
    async confirm(question) {
      if (isYes) return true
      assertPerson(question, 'add --yes')
      const { confirm } = await import('@clack/prompts')
      return answered(await confirm({ message: question, initialValue: false, input: stdin, output: stderr, withGuide: false }))
    },
    async secret(question, instead) {
      assertPerson(question, instead)
      const { password } = await import('@clack/prompts')
      const validate = (value: string | undefined): string | undefined => ((value ?? '') === '' ? 'It cannot be empty' : undefined)
      return answered(await password({ message: question, validate, input: stdin, output: stderr, withGuide: false }))
    },
    async text(question, instead) {
      assertPerson(question, instead)
      const { text } = await import('@clack/prompts')
      const validate = (value: string | undefined): string | undefined => ((value ?? '') === '' ? 'It cannot be empty' : undefined)
      return answered(await text({ message: question, validate, input: stdin, output: stderr, withGuide: false }))
    },
    async standardInput() {
      if (isInputUsed) throw usageFailure('Standard input can be used once only')
      isInputUsed = true
      if (stdin.isTTY === true) terminal.say('Reading standard input; end it with Ctrl-D.')
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
        chunks.push(Buffer.from(chunk as string))
        bytes += chunk.length
        if (bytes > LIMITS.declaredFileBytesMax)
          throw refusal('Standard input is too large', `At most ${LIMITS.declaredFileBytesMax} bytes are read.`)
      }
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}

/** Ctrl-C in a question ends the program like Ctrl-C anywhere else. */
function answered<Value>(value: Value): Exclude<Value, symbol> {
  if (typeof value === 'symbol') throw new Interrupted()
  return value as Exclude<Value, symbol>
}

/** The user pressed Ctrl-C in a question. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
