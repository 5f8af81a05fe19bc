import { clientPath } from '../client-file.ts'
import { CLIENTS } from '../clients.ts'
import type { Run } from '../command.ts'
import { readConnections } from '../connections.ts'
import { printJson } from '../print-json.ts'
import { renderTable } from '../table.ts'

/** Reads files only: which clients there are, where they look, and what we wrote. */
export const listClients: Run<{ json: boolean }> = async ({ flags }, { program, terminal }) => {
  const connections = readConnections(program)
  const items = Object.entries(CLIENTS).map(([id, row]) => ({
    id,
    title: row.title,
    docs: row.docs,
    file: clientPath(row, 'user', program) ?? null,
    connections: connections
      .filter(({ client }) => client === id)
      .map(({ scope, file, name, url, keyId }) => ({ scope, file, name, url, keyId })),
  }))
  if (flags.json) return printJson(terminal, { items, nextCursor: null })
  terminal.out(
    renderTable(
      terminal,
      [
        { title: 'CLIENT', value: (row) => row.id },
        { title: 'TITLE', value: (row) => row.title },
        {
          title: 'CONNECTED',
          value: (row) => row.connections.map(({ scope, url }) => `${scope}: ${url}`).join(', ') || '-',
          isFlexible: true,
        },
        { title: 'FILE', value: (row) => row.file ?? '(printed)', isFlexible: true },
      ],
      items,
    ),
  )
  terminal.say(`${terminal.tint('cyan', '→')} sallyport client connect CLIENT`)
}
