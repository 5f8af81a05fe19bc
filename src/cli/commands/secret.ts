import type { Run } from '../command.ts'
import { EXIT, usageFailure } from '../failure.ts'
import { shortTime } from '../format.ts'
import { inert } from '../inert.ts'
import { printJson } from '../print-json.ts'
import { readSource } from '../secret-source.ts'
import { renderTable } from '../table.ts'
import { showSuccess } from '../terminal.ts'

export const setSecret: Run<{ from: string | undefined }> = async ({ args, flags }, cli) => {
  const [name] = args as [string]
  if (flags.from !== undefined && /^(text|vault):/.test(flags.from))
    throw usageFailure('A secret comes from env:VAR, file:PATH or - (standard input)')
  const value =
    flags.from === undefined
      ? await cli.dialogue.secret(`Value of ${name}:`, `sallyport secret set ${name} --from -`)
      : await readSource(flags.from, cli)
  await (await cli.api()).call('putSecret', { params: { name }, body: { value } })
  showSuccess(cli.terminal, `Sealed ${inert(name)}`, `sallyport deployment add NAME URL --header Authorization=vault:${inert(name)}`)
}

export const listSecrets: Run<{ json: boolean }> = async ({ flags }, { terminal, api }) => {
  const found = await (await api()).listAll('listSecrets')
  if (flags.json) return printJson(terminal, found)
  if (found.items.length === 0) return showSuccess(terminal, 'There are no secrets yet', 'sallyport secret set NAME')
  terminal.out(
    renderTable(
      terminal,
      [
        { title: 'NAME', value: (secret) => secret.name, isFlexible: true },
        { title: 'UPDATED', value: (secret) => shortTime(secret.updatedAt) },
        { title: 'USED BY', value: (secret) => secret.usedBy.join(', '), isFlexible: true },
      ],
      found.items,
    ),
  )
}

export const removeSecret: Run<{ 'dry-run': boolean }> = async ({ args, flags }, { terminal, dialogue, api }) => {
  const name = args[0]!
  if (flags['dry-run']) return terminal.say(`Would remove the secret ${inert(name)}.`)
  if (!(await dialogue.confirm(`Remove the secret ${inert(name)}? It cannot be brought back.`))) return EXIT.refused
  await (await api()).call('deleteSecret', { params: { name } })
  showSuccess(terminal, `Removed ${inert(name)}`)
}
