import { egressFault, headerFault, urlFault, variableFault } from '#declared/index.ts'
import {
  documentDigest,
  examineDocument,
  faultText,
  launchFault,
  type LaunchSpec,
  type OpenApiSpec,
  type SecretOr,
} from '#runtime/index.ts'
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
 * the deployment, `vault:NAME` stays a reference. Reads nothing but the vault's names and the OpenAPI document that is
 * named. Throws `invalid-input`, `egress-denied` for destinations that only the operator may name, and `fetch-failed`.
 */
export async function planLaunch(
  deps: Pick<ApiDeps, 'vault' | 'assertEgressAllowed' | 'fetchDocument'>,
  tenant: string,
  deployment: string,
  input: SpecInput,
): Promise<LaunchPlan> {
  const secrets = new Map<string, string>()
  const known = new Set((await deps.vault.list(tenant)).map(({ name }) => name))
  const keep = (place: SecretPlace, name: string, value: string): SecretOr => {
    assertNoForeignReference(name, value)
    const entry = value.startsWith('vault:')
      ? value.slice('vault:'.length)
      : `${secretPrefix(deployment)}${place}/${entryName(place, name)}`
    if (entry.startsWith('deployment/') && !entry.startsWith(secretPrefix(deployment))) {
      refuse(
        `${name} refers to a secret of another deployment`,
        'Give the value itself, or a secret that several may use: sallyport secret set NAME',
      )
    }
    if (!value.startsWith('vault:')) {
      if (secrets.has(entry)) refuse(`the ${place} ${name} is given twice`)
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
  if (input.kind === 'openapi') return { spec: await planApi(deps, input, keep), secrets }
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

type SecretPlace = 'header' | 'env' | 'auth'

/** The names of security schemes are free texts in a document; those of vault entries are not. */
function entryName(place: SecretPlace, name: string): string {
  if (place === 'auth' && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return `scheme-${Buffer.from(name).toString('hex')}`
  return place === 'header' ? name.toLowerCase() : name
}

/**
 * Fetches and examines the document, so that what does not fit is said to whoever gives it. The digest of what was found
 * becomes a part of the specification: another document is another specification, which has to be approved.
 */
async function planApi(
  deps: Pick<ApiDeps, 'assertEgressAllowed' | 'fetchDocument'>,
  { document, ...input }: Extract<SpecInput, { kind: 'openapi' }>,
  keep: (place: SecretPlace, name: string, value: string) => SecretOr,
): Promise<OpenApiSpec> {
  for (const url of [...('url' in document ? [document.url] : []), ...(input.server === null ? [] : [input.server])]) {
    refuseFault(urlFault(url))
    assertNoForeignReference('The address', url)
    await deps.assertEgressAllowed(url)
  }
  for (const [name, value] of Object.entries(input.headers)) refuseFault(headerFault(name, value))
  const text = 'url' in document ? await deps.fetchDocument(document.url) : document.text
  const sha256 = documentDigest(text)
  if ('url' in document && document.sha256 !== undefined && document.sha256 !== sha256)
    throw new Problem(
      'conflict',
      `The OpenAPI document at ${new URL(document.url).host} is not the one that is meant: its SHA-256 is ${sha256}.`,
      {
        remedy: 'Look at it again, and give its SHA-256 or none.',
      },
    )
  const kept = (place: SecretPlace, values: Readonly<Record<string, string>>): Record<string, SecretOr> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, keep(place, name, value)]))
  const spec: OpenApiSpec = {
    kind: 'openapi',
    document: 'url' in document ? { url: document.url, sha256 } : document,
    server: input.server,
    operations: input.operations,
    headers: kept('header', input.headers),
    auth: kept('auth', input.auth),
  }
  const examined = await examineDocument(text, spec, { isValidated: true })
  if (!examined.ok) refuse(`the OpenAPI document cannot be used: ${examined.error.map(faultText).join('; ')}`)
  await deps.assertEgressAllowed(examined.value.server.origin)
  return spec
}

/**
 * The specification with the document that is at its address now; null when that is the same, or was not fetched. Throws as
 * `planLaunch` does.
 */
export async function refreshedSpec(deps: Pick<ApiDeps, 'fetchDocument'>, spec: LaunchSpec): Promise<LaunchSpec | null> {
  if (spec.kind !== 'openapi' || !('url' in spec.document)) return null
  const { url, sha256 } = spec.document
  const text = await deps.fetchDocument(url)
  const found = documentDigest(text)
  if (found === sha256) return null
  const changed: OpenApiSpec = { ...spec, document: { url, sha256: found } }
  const examined = await examineDocument(text, changed, { isValidated: true })
  if (!examined.ok) refuse(`the OpenAPI document has changed and cannot be used: ${examined.error.map(faultText).join('; ')}`)
  return changed
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
  throw new Problem(
    'invalid-input',
    `${fault.charAt(0).toUpperCase()}${fault.slice(1)}${/[.?]$/.test(fault) ? '' : '.'}`,
    remedy === undefined ? {} : { remedy },
  )
}
