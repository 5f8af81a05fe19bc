import type { ResponseOf } from '#api/contract.ts'
import type { Run } from '../command.ts'
import { EXIT } from '../failure.ts'
import { shortTime } from '../format.ts'
import { inert } from '../inert.ts'
import { launchFacts } from '../launch-card.ts'
import { sayNarrowedKeys } from '../narrowed-keys.ts'
import { printJson, safeJson } from '../print-json.ts'
import { renderFacts, renderTable } from '../table.ts'
import { showSuccess, type Style } from '../terminal.ts'
import { renderTools } from '../tool-table.ts'
import { origin } from './profile.ts'

type Deployment = ResponseOf<'getDeployment'>

const STATE_STYLES: Readonly<Record<string, Style>> = {
  ready: 'green',
  failed: 'red',
  backoff: 'red',
  'waiting-approval': 'yellow',
  'needs-input': 'yellow',
}

export const listDeployments: Run<{ json: boolean }> = async ({ flags }, { terminal, api }) => {
  const found = await (await api()).listAll('listDeployments')
  if (flags.json) return printJson(terminal, found)
  if (found.items.length === 0) return showSuccess(terminal, 'There are no deployments yet', 'sallyport deployment add --help')
  terminal.out(
    renderTable<Deployment>(
      terminal,
      [
        { title: 'NAME', value: (row) => row.name },
        { title: 'STATE', value: (row) => row.status?.state ?? '-', style: (row) => STATE_STYLES[row.status?.state ?? ''] },
        { title: 'TOOLS', value: (row) => row.status?.toolCount ?? '-', align: 'right' },
        { title: 'ERA', value: (row) => row.status?.era ?? '-' },
        { title: 'ISOLATION', value: (row) => row.status?.isolation ?? '-' },
        { title: 'WHAT', value: (row) => launchFacts(row.spec)[0]![1], isFlexible: true },
        { title: 'FROM', value: origin },
      ],
      found.items,
    ),
  )
  for (const { name, status } of found.items) {
    if (status !== null && status.cause !== null && status.state !== 'ready') {
      terminal.say(
        `${terminal.tint('yellow', '!')} ${name}: ${inert(status.cause)}${status.remedy === null ? '' : `\n${terminal.tint('cyan', '→')} ${inert(status.remedy)}`}`,
      )
    }
  }
}

export const showDeployment: Run<{ json: boolean }> = async ({ args, flags }, { terminal, api }) => {
  const found = await (await api()).call('getDeployment', { params: { name: args[0]! } })
  if (flags.json) return printJson(terminal, found)
  const { status } = found
  terminal.out(
    renderFacts(terminal, [
      ['name', found.name],
      ['title', found.title],
      ['description', found.description],
      ['state', status === null ? '-' : `${status.state} since ${shortTime(status.since)}`],
      ['cause', status?.cause],
      ['remedy', status?.remedy],
      ['refused', status?.denied.join('\n')],
      ['tools', status?.toolCount],
      ['era', status?.era],
      ['reached isolation', status?.isolation],
      ['process', status?.pid],
      ['restarts', status?.restarts],
      ['installed', installed(status)],
      ...launchFacts(found.spec),
      ['access', found.access],
      ['headers', found.headersMode === 'lenient' ? 'lenient: the body is believed' : ''],
      ['deadline', `${found.deadlineMs} ms a call, ${found.startDeadlineMs} ms to start`],
      ['endpoint', found.endpoint],
      ['from', origin(found)],
      ['digest', `${found.digest} (${found.isApproved ? 'approved' : 'not approved'})`],
    ]),
  )
  if (!found.isApproved) terminal.say(`${terminal.tint('cyan', '→')} sallyport deployment approve ${found.name}`)
}

/** The version that an `npx` or `uvx` line was pinned to, and what its content must be. */
function installed(status: Deployment['status']): string | undefined {
  const found = status?.installed ?? null
  return found === null ? undefined : `${found.package} ${found.version}\nSHA-256 ${found.integrity}`
}

export const listDeploymentTools: Run<{ json: boolean }> = async ({ args, flags }, { terminal, api }) => {
  const found = await (await api()).call('listDeploymentTools', { params: { name: args[0]! } })
  if (flags.json) printJson(terminal, found)
  else terminal.out(renderTools(terminal, found.items))
}

export const showDeploymentLogs: Run<{ follow: boolean; json: boolean }> = async ({ args, flags }, { terminal, api }) => {
  const server = await api()
  const params = { name: args[0]! }
  const line = ({ at, text }: ResponseOf<'listDeploymentLogs'>['items'][number]): string =>
    `${terminal.paint('dim', shortTime(at))}  ${inert(text)}`
  if (!flags.follow) {
    const found = await server.call('listDeploymentLogs', { params })
    if (flags.json) printJson(terminal, found)
    else if (found.items.length === 0) terminal.say('It has written nothing.')
    else terminal.out(found.items.map(line).join('\n'))
    return
  }
  for await (const entry of server.follow('listDeploymentLogs', { params, query: { follow: 'true' } }))
    terminal.out(flags.json ? safeJson(entry) : line(entry))
}

export const removeDeployment: Run<{ 'dry-run': boolean }> = async ({ args, flags }, { terminal, dialogue, api }) => {
  const server = await api()
  const { name } = await server.call('getDeployment', { params: { name: args[0]! } })
  if (flags['dry-run']) return terminal.say(`Would remove ${name} and its secrets.`)
  if (!(await dialogue.confirm(`Remove ${name} and its secrets? Clients lose its tools.`))) return EXIT.refused
  const removed = await server.call('deleteDeployment', { params: { name } })
  showSuccess(terminal, `Removed ${name}`)
  sayNarrowedKeys(terminal, removed)
}
