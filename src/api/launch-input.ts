import { egressFault, headerFault, urlFault, variableFault } from '#declared/index.ts'
import { launchFault, type LaunchSpec, type SecretOr } from '#runtime/index.ts'
import { Problem } from '#std/index.ts'
import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { BodyOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'

type SpecInput = BodyOf<'createDeployment'>['spec']

/** A specification as it is stored, and the secrets that have to be in the vault before it is used. */
export interface LaunchPlan {
  readonly spec: LaunchSpec
  readonly secrets: ReadonlyMap<string, string>
}

/** Where the secrets of a deployment lie. */
export const secretPrefix = (deployment: string): string => `deployment/${deployment}/`

/**
 * Checks a specification that came over the API and parts it from its secrets: every literal becomes a vault entry of
 * the deployment, `vault:NAME` stays a reference. Reads nothing but the vault's names. Throws `invalid-input`, and
 * `egress-denied` for destinations that only the operator may name.
 */
export async function planLaunch(
  deps: Pick<ApiDeps, 'vault' | 'assertEgressAllowed'>,
  tenant: string,
  deployment: string,
  input: SpecInput,
): Promise<LaunchPlan> {
  const secrets = new Map<string, string>()
  const known = new Set((await deps.vault.list(tenant)).map(({ name }) => name))
  const keep = (place: 'header' | 'env', name: string, value: string): SecretOr => {
    assertNoForeignReference(name, value)
    const entry = value.startsWith('vault:')
      ? value.slice('vault:'.length)
      : `${secretPrefix(deployment)}${place}/${place === 'header' ? name.toLowerCase() : name}`
    if (entry.startsWith('deployment/') && !entry.startsWith(secretPrefix(deployment))) {
      refuse(
        `${name} refers to a secret of another deployment`,
        'Give the value itself, or a secret that several may use: sallyport secret set NAME',
      )
    }
    if (!value.startsWith('vault:')) {
      if (secrets.has(entry)) refuse(`the header ${name} is given twice`)
      secrets.set(entry, value)
    } else if (!known.has(entry)) {
      refuse(`${name} refers to the secret ${entry}, which does not exist`, `sallyport secret set ${entry}`)
    }
    return { secret: entry }
  }
  if (input.kind === 'remote') {
    refuseFault(urlFault(input.url))
    await deps.assertEgressAllowed(input.url)
    for (const [name, value] of Object.entries(input.headers)) refuseFault(headerFault(name, value))
    const headers = Object.fromEntries(Object.entries(input.headers).map(([name, value]) => [name, keep('header', name, value)]))
    return { spec: { kind: 'remote', url: input.url, headers }, secrets }
  }
  const fault = launchFault(input)
  if (fault !== null) throw new Problem('invalid-input', fault.detail, { remedy: fault.remedy })
  for (const text of [input.command, ...input.args, input.cwd ?? '', ...input.files.map(({ path }) => path)])
    assertNoForeignReference('The command', text)
  for (const [name, value] of Object.entries(input.env)) refuseFault(variableFault(name, value))
  if (input.cwd !== null) assertAbsolute(input.cwd)
  await assertGrants(deps, input)
  const env = Object.fromEntries(Object.entries(input.env).map(([name, value]) => [name, keep('env', name, value)]))
  return { spec: { ...input, env }, secrets }
}

/** Checks what a process is to reach. Throws `invalid-input` or `egress-denied`. */
export async function assertGrants(
  deps: Pick<ApiDeps, 'assertEgressAllowed'>,
  grants: Pick<Extract<SpecInput, { kind: 'process' }>, 'egress' | 'files'>,
): Promise<void> {
  for (const { path } of grants.files) {
    assertAbsolute(path)
    // A sandbox cannot show what is not there: the process would never start again.
    if (!existsSync(path))
      refuse(`there is no file or folder ${JSON.stringify(path)} on the machine of the server`, 'Create it first, or grant another path.')
  }
  for (const destination of grants.egress) {
    refuseFault(egressFault(destination))
    // A wildcard names no host that could be looked up; each connection is checked anyway.
    if (!destination.startsWith('*')) await deps.assertEgressAllowed(`http://${destination}`)
  }
}

/** What a declared file may say means this machine's environment and files: nobody reads those over the API. */
function assertNoForeignReference(name: string, value: string): void {
  if (/^(env|file):/.test(value))
    refuse(
      `${name} refers to the environment or a file of the server, which only the declared file may do`,
      'Give the value itself; it is sealed, and never shown again.',
    )
  if (value.includes('${')) refuse(`${name} still holds a placeholder`, 'Replace it by its value.')
}

function assertAbsolute(path: string): void {
  if (!isAbsolute(path) || resolve(path) !== path.replace(/(?<=.)\/$/, ''))
    refuse(`${JSON.stringify(path)} is not an absolute path without "." and ".."`)
}

function refuseFault(fault: string | null): void {
  if (fault !== null) refuse(fault)
}

function refuse(fault: string, remedy?: string): never {
  throw new Problem('invalid-input', `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`, remedy === undefined ? {} : { remedy })
}
