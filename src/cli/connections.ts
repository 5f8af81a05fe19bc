import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Program } from './program.ts'
import { makePrivateFolder, writeAtomically } from './private-file.ts'
import { refusal } from './failure.ts'

const connection = z.object({
  client: z.string(),
  scope: z.enum(['user', 'project']),
  /** The real file, links resolved. */
  file: z.string(),
  /** Name of our entry in it. */
  name: z.string(),
  url: z.string(),
  /** Address of the server that made the key. */
  server: z.string(),
  keyId: z.string(),
  /** SHA-256 of the file as we left it. */
  sha256: z.string(),
  undo: z.object({ offset: z.number().int(), length: z.number().int(), content: z.string() }),
  /** The file did not exist before. */
  isCreated: z.boolean(),
  backup: z.string().nullable(),
})

/** What `client connect` did to a file, so that `client disconnect` can undo exactly that. Holds no key. */
export type Connection = z.infer<typeof connection>

type Place = Pick<Program, 'env' | 'home'>

const folder = ({ env, home }: Place): string => join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'sallyport')
const notesPath = (place: Place): string => join(folder(place), 'connections.json')

export function readConnections(place: Place): readonly Connection[] {
  const path = notesPath(place)
  if (!existsSync(path)) return []
  try {
    return z.array(connection).parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    throw refusal(
      `${path} is broken`,
      'It notes which client configurations were changed.',
      'move it away; the entries are then removed by hand',
    )
  }
}

const isSame = (one: Connection, other: Pick<Connection, 'file' | 'name'>): boolean => one.file === other.file && one.name === other.name

/** Adds or replaces the note about an entry. */
export function noteConnection(place: Place, made: Connection): void {
  save(place, [...readConnections(place).filter((one) => !isSame(one, made)), made])
}

export function forgetConnection(place: Place, gone: Pick<Connection, 'file' | 'name'>): void {
  save(
    place,
    readConnections(place).filter((one) => !isSame(one, gone)),
  )
}

function save(place: Place, connections: readonly Connection[]): void {
  makePrivateFolder(folder(place))
  writeAtomically(notesPath(place), `${JSON.stringify(connections, null, 2)}\n`)
}
