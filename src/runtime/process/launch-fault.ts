import { basename } from 'node:path'
import { Problem } from '#std/index.ts'
import type { ProcessSpec } from '../model.ts'
import { readPackageRequest } from './package-spec.ts'

/** What no machine would start, and where in the specification it stands. */
export interface LaunchFault {
  readonly part: 'command' | 'args' | 'cwd' | 'files'
  /** Which argument or file; null: the part as a whole. */
  readonly at: number | null
  /** A sentence. */
  readonly detail: string
  readonly remedy: string
}

type Launch = Pick<ProcessSpec, 'command' | 'args' | 'cwd' | 'files'>

/** A placeholder that is not answered yet: what it will become cannot be judged. */
const PLACEHOLDER = '${input:'

/**
 * What is wrong with a specification whatever machine it is started on; null: nothing. Whoever stores or declares one asks
 * here, so that it is refused where it was written and not when it is started. Variables have rules of their own.
 */
export function launchFault(spec: Launch): LaunchFault | null {
  return nulFault(spec) ?? packageFault(spec)
}

/** The kernel ends every text that a program is given at the first NUL (execve(2)). */
function nulFault({ command, args, cwd, files }: Launch): LaunchFault | null {
  const texts: [LaunchFault['part'], LaunchFault['at'], string][] = [
    ['command', null, command],
    ...args.map((text, at): [LaunchFault['part'], number, string] => ['args', at, text]),
    ['cwd', null, cwd ?? ''],
    ...files.map(({ path }, at): [LaunchFault['part'], number, string] => ['files', at, path]),
  ]
  const found = texts.find(([, , text]) => text.includes('\0'))
  if (found === undefined) return null
  const [part, at] = found
  return { part, at, detail: `${PARTS[part]} holds a NUL character.`, remedy: 'Take it out: no program can be given one.' }
}

const PARTS = {
  command: 'The command',
  args: 'An argument',
  cwd: 'The working folder',
  files: 'The path of a file',
} as const satisfies Record<LaunchFault['part'], string>

/** Of `npx` and `uvx` only what names a published package is taken. */
function packageFault({ command, args }: Launch): LaunchFault | null {
  const tool = basename(command)
  if ((tool !== 'npx' && tool !== 'uvx') || args.some((text) => text.includes(PLACEHOLDER))) return null
  try {
    readPackageRequest(tool, args)
    return null
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { part: 'args', at: null, detail: error.message, remedy: error.remedy ?? '' }
  }
}
