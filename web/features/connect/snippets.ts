import type { ClientRow } from '#cli/clients.ts'

/** What the address of a client's configuration stands for. */
export interface ConnectEndpoint {
  /** A profile or a deployment; null: everything the caller may use. */
  readonly name: string | null
  readonly url: string
  readonly title: string
}

export interface Snippet {
  readonly text: string
  /** Whether the key stands in it, or a place for it; a client without it asks, or is refused. */
  readonly holdsKey: boolean
}

export interface Snippets {
  readonly deepLink: string | null
  readonly command: Snippet | null
  readonly paste: Snippet & { readonly file: string | null }
}

const KEY_VARIABLE = 'SALLYPORT_KEY'
const FOLDERS = { home: '~', cwd: '.', platform: 'linux', env: {} }

/** The name of our entry in a client: one for everything, one per endpoint, as the command line calls it. */
export const entryNameOf = ({ name }: Pick<ConnectEndpoint, 'name'>): string => (name === null ? 'sallyport' : `sallyport-${name}`)

/** What connects one client. Without a key the variable stands in its place. */
export function snippetsOf(row: ClientRow, endpoint: ConnectEndpoint, key: string | null): Snippets {
  const name = entryNameOf(endpoint)
  const keyText = key ?? `$${KEY_VARIABLE}`
  const command = row.command?.(name, endpoint.url) ?? null
  const pasted = row.paste?.text(name, endpoint.url, keyText)
  return {
    deepLink: row.deepLink?.(name, endpoint.url) ?? null,
    command: command === null ? null : { text: withKey(command, key), holdsKey: command.includes(KEY_VARIABLE) },
    paste: {
      text: pasted ?? JSON.stringify({ [row.container]: { [name]: row.entry(endpoint.url, keyText) } }, null, 2),
      holdsKey: true,
      file: row.paste?.file ?? fileOf(row),
    },
  }
}

/** A command that expands the variable takes the key in its place; one that names the variable needs it set first. */
function withKey(command: string, key: string | null): string {
  if (key === null) return command
  if (command.includes(`$${KEY_VARIABLE}`)) return command.replaceAll(`$${KEY_VARIABLE}`, key)
  return command.includes(KEY_VARIABLE) ? `export ${KEY_VARIABLE}='${key}'\n${command}` : command
}

/** Where the entry goes, as it is called on Linux; the folders of other systems differ. */
function fileOf({ file }: ClientRow): string | null {
  return file === null ? null : file('user', FOLDERS).join('/')
}
