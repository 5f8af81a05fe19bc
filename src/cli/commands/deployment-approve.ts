import { resolve } from 'node:path'
import type { ResponseOf } from '#api/contract.ts'
import type { ApiClient } from '../api-client.ts'
import type { Cli } from '../cli.ts'
import type { Run } from '../command.ts'
import { EXIT, refusal, usageFailure } from '../failure.ts'
import { launchFacts, showLaunch } from '../launch-card.ts'
import { statusLine, waitUntilReady } from '../settle.ts'
import { showSuccess } from '../terminal.ts'

type Deployment = ResponseOf<'getDeployment'>

/** Shows what the server is about to run, asks, approves exactly that digest and waits. False: the person said no. */
export async function approveAndWait(api: ApiClient, deployment: Deployment, { terminal, dialogue }: Cli): Promise<boolean> {
  const { name, digest } = deployment
  if (!deployment.isApproved) {
    showLaunch(terminal, name, [...launchFacts(deployment.spec), ['digest', digest]])
    if (!(await dialogue.confirm(`Run this as ${name}?`))) return false
    await api.call('approveDeployment', { params: { name }, body: { digest } })
  }
  const ready = await waitUntilReady(api, name, terminal)
  showSuccess(terminal, `${name} is ready: ${statusLine(ready)}`, `sallyport tool list --deployment ${name}`)
  return true
}

export const approveDeployment: Run<{ digest: string | undefined }> = async ({ args, flags }, cli) => {
  const api = await cli.api()
  const deployment = await api.call('getDeployment', { params: { name: args[0]! } })
  if (flags.digest !== undefined && flags.digest !== deployment.digest) {
    throw refusal(
      `${deployment.name} would run something else`,
      `Its digest is ${deployment.digest}.`,
      `sallyport deployment show ${deployment.name}`,
    )
  }
  return (await approveAndWait(api, deployment, cli)) ? EXIT.ok : EXIT.refused
}

interface GrantFlags {
  readonly egress: readonly string[]
  readonly file: readonly string[]
  readonly revoke: boolean
  readonly 'dry-run': boolean
}

export const grantDeployment: Run<GrantFlags> = async ({ args, flags }, cli) => {
  const name = args[0]!
  const { revoke } = flags
  const body = { egress: [...flags.egress], files: flags.file.map((text) => fileGrant(text, cli.program.cwd)), revoke }
  if (body.egress.length + body.files.length === 0)
    throw usageFailure(
      revoke ? 'Nothing to take back' : 'Nothing to grant',
      'Name destinations with --egress HOST:PORT, files with --file PATH.',
      'sallyport deployment grant --help',
    )
  const api = await cli.api()
  if (flags['dry-run']) {
    const { spec } = await api.call('getDeployment', { params: { name } })
    if (spec.kind !== 'process') throw refusal(`${name} is a remote server`, 'Grants are for processes that run here.')
    const paths = body.files.map(({ path }) => path)
    const files = spec.files.filter(({ path }) => !paths.includes(path))
    const changed = revoke
      ? { egress: spec.egress.filter((destination) => !body.egress.includes(destination)), files }
      : { egress: [...new Set([...spec.egress, ...body.egress])], files: [...files, ...body.files] }
    return showLaunch(cli.terminal, `${name} would become`, launchFacts({ ...spec, ...changed }))
  }
  const granted = await api.call('grantDeployment', { params: { name }, body })
  if (await approveAndWait(api, granted, cli)) return EXIT.ok
  cli.terminal.say(`The change is noted and waits: sallyport deployment approve ${name}`)
  return EXIT.refused
}

/** `PATH`, `PATH:ro` or `PATH:rw`, made absolute here, because the server stands in another folder. */
export function fileGrant(text: string, cwd: string): { path: string; mode: 'ro' | 'rw' } {
  const [, path = text, mode = 'ro'] = /^(.+):(ro|rw)$/s.exec(text) ?? []
  return { path: resolve(cwd, path), mode: mode as 'ro' | 'rw' }
}

export const restartDeployment: Run = async ({ args }, { terminal, api }) => {
  const server = await api()
  const { name } = await server.call('restartDeployment', { params: { name: args[0]! } })
  const ready = await waitUntilReady(server, name, terminal)
  showSuccess(terminal, `${name} is ready: ${statusLine(ready)}`, `sallyport deployment logs ${name}`)
}
