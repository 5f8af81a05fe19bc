import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { SecretOr } from '#runtime/index.ts'
import type { Document, Path } from './document.ts'
import { headerFault, variableFault } from './faults.ts'
import { looksSecret } from './looks-secret.ts'
import { type Finding, inputSecretName } from './model.ts'
import { readFault } from './read-fault.ts'
import { expandPath, type References, remedyOf, resolveText } from './resolve-text.ts'

/** What is gathered while one file is read: every finding of it, not only the first. */
export interface Reading {
  readonly document: Document
  readonly references: References
  readonly tenant: string
  readonly seal: (name: string, text: string) => string
  readonly errors: Finding[]
  readonly warnings: Finding[]
  readonly secrets: Map<string, string>
  /** Deployments by the input they wait for. */
  readonly missing: Map<string, Set<string>>
}

/** A part of the launch that is no secret place: an argument, a path, an address. */
export function plainText(reading: Reading, deployment: string, path: Path, text: string, isWholeAllowed = false): string {
  const resolved = resolveText(text, reading.references, isWholeAllowed)
  if (!resolved.ok) {
    reading.errors.push({ ...reading.document.find(path, resolved.error, 'value'), ...remedyOf(resolved.error) })
    return text
  }
  for (const id of resolved.value.missing) waitFor(reading, id, deployment)
  const secret = resolved.value.sources.find(
    (source) => looksSecret(source) || reading.references.inputs.get(source.slice('${input:'.length, -1))?.password === true,
  )
  if (secret !== undefined) {
    const message = `${secret} becomes part of the launch specification here, which every admin can see; a header or a variable would keep it sealed`
    reading.warnings.push(reading.document.find(path, message, 'value'))
  }
  return resolved.value.text
}

/** The headers of a remote server: what came from a reference or looks like a secret is sealed. */
export function headers(
  reading: Reading,
  deployment: string,
  path: Path,
  given: Readonly<Record<string, string>>,
): Record<string, SecretOr> {
  const seen = new Map<string, string>()
  const result: Record<string, SecretOr> = {}
  for (const [name, text] of Object.entries(given)) {
    const lower = name.toLowerCase()
    const other = seen.get(lower)
    if (other !== undefined) reading.errors.push(reading.document.find([...path, name], `the header ${other} is given twice`))
    seen.set(lower, name)
    result[name] = guardedText(
      reading,
      { deployment, path: [...path, name], name, secretName: `declared/${deployment}/header/${lower}`, fault: headerFault },
      text,
    )
  }
  return result
}

/** The credentials of an API, by the name of their security scheme. */
export function credentials(
  reading: Reading,
  deployment: string,
  path: Path,
  given: Readonly<Record<string, string>>,
): Record<string, SecretOr> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const secretName = `declared/${deployment}/auth/${Buffer.from(name).toString('hex')}`
      // Whatever it is called, it is a credential: it is sealed, and a plain one is told of.
      const slot = { deployment, path: [...path, name], name: `${name}_token`, secretName, fault: () => null }
      return [name, guardedText(reading, slot, text)]
    }),
  )
}

/** The variables of a process, those of `envFile` below those of `env`. */
export function variables(
  reading: Reading,
  deployment: string,
  path: Path,
  entry: { env: Readonly<Record<string, string | number | null>>; envFile?: string | undefined },
): Record<string, SecretOr> {
  const result: Record<string, SecretOr> = {}
  const place = (name: string) => `declared/${deployment}/env/${name}`
  if (entry.envFile !== undefined) {
    for (const [name, text] of Object.entries(readVariableFile(reading, deployment, [...path, 'envFile'], entry.envFile))) {
      const fault = variableFault(name, text)
      if (fault !== null) reading.errors.push(reading.document.find([...path, 'envFile'], `${entry.envFile}: ${fault}`, 'value'))
      result[name] = sealed(reading, place(name), text)
    }
  }
  for (const [name, value] of Object.entries(entry.env)) {
    if (value === null) delete result[name]
    else
      result[name] = guardedText(
        reading,
        { deployment, path: [...path, 'env', name], name, secretName: place(name), fault: variableFault },
        String(value),
      )
  }
  return result
}

interface Slot {
  readonly deployment: string
  readonly path: Path
  readonly name: string
  readonly secretName: string
  readonly fault: (name: string, value: string) => string | null
}

function guardedText(reading: Reading, slot: Slot, text: string): SecretOr {
  const { document } = reading
  if (text.startsWith('vault:')) return { secret: text.slice('vault:'.length) }
  const resolved = resolveText(text, reading.references, true)
  if (!resolved.ok) {
    reading.errors.push({ ...document.find(slot.path, resolved.error, 'value'), ...remedyOf(resolved.error) })
    return { text: '' }
  }
  const { text: value, sources, missing } = resolved.value
  const fault = slot.fault(slot.name, value)
  if (fault !== null) reading.errors.push(document.find(slot.path, fault))
  for (const id of missing) waitFor(reading, id, slot.deployment)
  // A name that the vault does not know: whoever opens it learns that the input is missing.
  if (missing[0] !== undefined) return { secret: inputSecretName(missing[0]) }
  if (sources.length > 0) return sealed(reading, slot.secretName, value)
  if (!looksSecret(slot.name, value)) return { text: value }
  const variable = `${slot.deployment}_${slot.name}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
  reading.warnings.push(
    document.find(
      slot.path,
      `this is a secret in plain text; it is sealed from here on, but the file still shows it. Write "env:${variable}" and set that variable`,
      'value',
    ),
  )
  return sealed(reading, slot.secretName, value)
}

function sealed(reading: Reading, name: string, text: string): SecretOr {
  reading.secrets.set(name, reading.seal(name, text))
  return { secret: name }
}

function waitFor(reading: Reading, id: string, deployment: string): void {
  const waiting = reading.missing.get(id) ?? new Set()
  reading.missing.set(id, waiting.add(deployment))
}

function readVariableFile(reading: Reading, deployment: string, path: Path, given: string): Readonly<Record<string, string>> {
  const { env, folder } = reading.references
  const shown = plainText(reading, deployment, path, given)
  try {
    return parseEnv(readFileSync(expandPath(shown, folder, env), 'utf8')) as Record<string, string>
  } catch (error) {
    reading.errors.push(reading.document.find(path, `the file ${given} ${readFault(error)}`, 'value'))
    return {}
  }
}
