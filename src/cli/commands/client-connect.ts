import type { ApiClient } from '../api-client.ts'
import { applyUndo, readEntry, undoOf, withEntry, withoutEntry, type EntryPlace } from '../client-config.ts'
import { clientPath, entryName, findClient, isReadableByOthers, readClientFile, replaceClientFile, sha256 } from '../client-file.ts'
import type { ClientRow, Scope } from '../clients.ts'
import type { Cli } from '../cli.ts'
import type { Run } from '../command.ts'
import { renderDiff } from '../config-diff.ts'
import { noteConnection, readConnections, type Connection } from '../connections.ts'
import { EXIT, Failure, refusal } from '../failure.ts'
import { shortTime } from '../format.ts'
import { printJson } from '../print-json.ts'
import { showSuccess } from '../terminal.ts'

export interface ClientFlags {
  readonly profile: string | undefined
  readonly scope: Scope | undefined
  readonly 'dry-run': boolean
}

const MASKED_KEY = 'sp_••••••••'

/** Makes a key for the client, shows the difference, asks, keeps a backup, writes. */
export const connectClient: Run<ClientFlags> = async ({ args, flags }, cli) => {
  const [client] = args as [string]
  const row = findClient(client)
  const api = await cli.api()
  const url = await endpointUrl(api, flags.profile)
  const name = entryName(flags.profile)
  const scope = flags.scope ?? 'user'
  const path = clientPath(row, scope, cli.program)
  if (path === undefined) return printEntry(row, { client, name, url, flags, api }, cli)

  const file = readClientFile(path)
  const place = { file: file.path, container: row.container, name }
  const earlier = readConnections(cli.program).find((one) => one.file === file.path && one.name === name)
  const base = file.text === undefined ? '' : withoutOurs(file.text, place, earlier)
  cli.terminal.insist(renderDiff(file.path, file.text ?? '', withEntry(base, place, row.entry(url, MASKED_KEY)), cli.terminal.tint))
  warnOfReaders(row, scope, file.path, cli)
  if (flags['dry-run']) return
  if (!(await cli.dialogue.confirm(`Write this to ${file.path}?`))) return EXIT.refused

  const key = await createKey(api, client, flags.profile)
  try {
    const after = withEntry(base, place, row.entry(url, key.key))
    // A connection that is renewed has its backup already: the file as it was before the first one.
    const isRenewed = earlier !== undefined && file.text !== undefined && sha256(file.text) === earlier.sha256
    const backup = replaceClientFile(file, after, isRenewed ? undefined : cli.program.now()) ?? (isRenewed ? earlier.backup : null)
    const isCreated = isRenewed ? earlier.isCreated : file.text === undefined
    noteConnection(cli.program, {
      client,
      scope,
      file: file.path,
      name,
      url,
      server: api.server.url,
      keyId: key.id,
      sha256: sha256(after),
      undo: undoOf(base, after),
      isCreated,
      backup,
    })
    if (backup !== null) cli.terminal.say(`The old content is in ${backup}`)
  } catch (error) {
    await api.call('deleteKey', { params: { id: key.id } })
    throw error
  }
  if (earlier !== undefined) await revokeKey(api, earlier, cli)
  showSuccess(cli.terminal, `${row.title} is connected to ${url} with a key of its own (${key.id})`, row.next)
}

/** The text as it was before we came, or without our entry when somebody changed the file since. Refuses an entry that is not ours. */
export function withoutOurs(text: string, place: EntryPlace, earlier: Connection | undefined): string {
  const entry = readEntry(text, place)
  if (earlier !== undefined && sha256(text) === earlier.sha256) return applyUndo(text, earlier.undo)
  if (entry === undefined) return text
  // Clients keep the address in different members.
  if (earlier === undefined || !JSON.stringify(entry).includes(JSON.stringify(earlier.url))) {
    throw refusal(
      `${place.file} has a \`${place.name}\` that is not ours`,
      'It was not written by this command, or changed since, so it stays.',
      'rename or remove it, then run this command again',
    )
  }
  return withoutEntry(text, place)
}

async function endpointUrl(api: ApiClient, profile: string | undefined): Promise<string> {
  if (profile === undefined) return (await api.call('getOverview')).endpoint
  return (await api.call('getProfile', { params: { name: profile } })).endpoint
}

const keyName = (client: string): string => `client:${client}`

const createKey = (api: ApiClient, client: string, profile: string | undefined) =>
  api.call('createKey', { body: { name: keyName(client), ...(profile === undefined ? {} : { endpoints: [profile] }) } })

interface Printed {
  readonly client: string
  readonly name: string
  readonly url: string
  readonly flags: ClientFlags
  readonly api: ApiClient
}

async function printEntry(row: ClientRow, { client, name, url, flags, api }: Printed, { terminal }: Cli): Promise<void> {
  for (const old of (await api.listAll('listKeys')).items) {
    if (old.name !== keyName(client) || old.revokedAt !== null) continue
    terminal.insist(
      `${terminal.tint('yellow', '!')} A key ${old.name} of ${shortTime(old.createdAt)} exists; when nothing uses it: sallyport key revoke ${old.id}`,
    )
  }
  const key = flags['dry-run'] ? undefined : await createKey(api, client, flags.profile)
  const shownKey = key?.key ?? MASKED_KEY
  if (row.paste === null) printJson(terminal, { [row.container]: { [name]: row.entry(url, shownKey) } })
  else terminal.out(row.paste.text(name, url, shownKey))
  if (key === undefined) return
  terminal.say('This is the only time the key is shown.')
  showSuccess(terminal, `Created a key for it (${key.id})`, row.next)
}

function warnOfReaders(row: ClientRow, scope: Scope, path: string, { terminal }: Cli): void {
  const mark = terminal.tint('yellow', '!')
  if (scope === 'project') terminal.insist(`${mark} The key will stand in the project: keep this file out of version control`)
  else if (isReadableByOthers(path)) terminal.insist(`${mark} Other users of this machine can read this file: chmod 600 '${path}'`)
  if (row.container === 'servers' && scope === 'project')
    terminal.insist(`${mark} VS Code asks whether it may trust this folder before it starts servers from it`)
}

/** Revokes the key of a connection that is gone; when that fails, the person must know that it still works. */
export async function revokeKey(api: ApiClient, { keyId, server }: Pick<Connection, 'keyId' | 'server'>, { terminal }: Cli): Promise<void> {
  if (server !== api.server.url)
    return terminal.insist(`${terminal.tint('yellow', '!')} Its key ${keyId} was made by ${server}: revoke it there`)
  try {
    const { items } = await api.listAll('listKeys')
    if (items.some(({ id, revokedAt }) => id === keyId && revokedAt === null)) await api.call('deleteKey', { params: { id: keyId } })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.exit, `The file is as it should be, but the key ${keyId} still works`, {
      why: error.message,
      remedy: `sallyport key revoke ${keyId}`,
      cause: error,
    })
  }
}
