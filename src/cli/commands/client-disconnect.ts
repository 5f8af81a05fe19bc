import { rmSync } from 'node:fs'
import { clientPath, entryName, findClient, readClientFile, removeClientFile, replaceClientFile, sha256 } from '../client-file.ts'
import type { Run } from '../command.ts'
import { renderDiff } from '../config-diff.ts'
import { forgetConnection, readConnections } from '../connections.ts'
import { EXIT, refusal } from '../failure.ts'
import { showSuccess } from '../terminal.ts'
import { revokeKey, withoutOurs, type ClientFlags } from './client-connect.ts'

/** Takes exactly our entry out again and revokes its key. A file that nobody touched since is byte for byte what it was. */
export const disconnectClient: Run<ClientFlags> = async ({ args, flags }, cli) => {
  const [client] = args as [string]
  const row = findClient(client)
  const path = clientPath(row, flags.scope ?? 'user', cli.program)
  if (path === undefined)
    throw refusal(
      'Nothing was written for this client',
      'Its entry was printed for you to paste. Revoke its key, client:raw, by the identifier.',
      'sallyport key list',
    )
  const file = readClientFile(path)
  const name = entryName(flags.profile)
  const connection = readConnections(cli.program).find((one) => one.file === file.path && one.name === name)
  if (connection === undefined)
    throw refusal(`${row.title} is not connected in ${file.path}`, 'No entry of ours is noted for this file.', 'sallyport client list')

  const isUntouched = file.text !== undefined && sha256(file.text) === connection.sha256
  const after =
    file.text === undefined ? undefined : withoutOurs(file.text, { file: file.path, container: row.container, name }, connection)
  if (after !== undefined) cli.terminal.insist(renderDiff(file.path, file.text!, after, cli.terminal.tint))
  if (flags['dry-run']) return
  if (!(await cli.dialogue.confirm(`Take ${name} out of ${file.path} and revoke its key?`))) return EXIT.refused

  if (isUntouched) {
    if (connection.isCreated) removeClientFile(file)
    else replaceClientFile(file, after!)
    // The file says again what its backup says.
    if (connection.backup !== null) rmSync(connection.backup, { force: true })
  } else if (after !== undefined && after !== file.text) {
    const backup = replaceClientFile(file, after, cli.program.now())
    cli.terminal.say(`The content until now is in ${backup}`)
  }
  forgetConnection(cli.program, connection)
  await revokeKey(await cli.api(), connection, cli)
  showSuccess(cli.terminal, `${row.title} is disconnected`)
}
