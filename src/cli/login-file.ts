import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { refusal } from './failure.ts'
import { assertPrivate, makePrivateFolder, writeAtomically } from './private-file.ts'
import type { Program } from './program.ts'

const login = z.object({ url: z.url(), key: z.string().min(1) })

/** Server and key that `sallyport login` stored. */
export type Login = z.infer<typeof login>

type Place = Pick<Program, 'env' | 'home'>

const folder = ({ env, home }: Place): string =>
  join((env['XDG_CONFIG_HOME'] ?? '') === '' ? join(home, '.config') : env['XDG_CONFIG_HOME']!, 'sallyport')

/** Where the login is kept, mode 0600. */
export const loginPath = (place: Place): string => join(folder(place), 'login.json')

/** The stored login, if there is one. Throws a refusal for a file that others can read or that is broken. */
export function readLogin(place: Place): Login | undefined {
  const path = loginPath(place)
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refusal(`${path} cannot be read`, (error as Error).message)
  }
  assertPrivate(path)
  try {
    return login.parse(JSON.parse(text))
  } catch {
    throw refusal(`${path} is broken`, 'It should hold an address and a key.', 'sallyport login')
  }
}

export function writeLogin(place: Place, value: Login): void {
  makePrivateFolder(folder(place))
  writeAtomically(loginPath(place), `${JSON.stringify(value, null, 2)}\n`)
}

export function removeLogin(place: Place): void {
  rmSync(loginPath(place), { force: true })
}
