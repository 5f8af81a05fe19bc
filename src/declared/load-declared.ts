import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { normaliseName, type ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import { didYouMean, explainIssues } from '#std/index.ts'
import { declareDeployment } from './declare-deployment.ts'
import { type DeclaredDocument, examineDocuments } from './declare-openapi.ts'
import { declareProfile } from './declare-profile.ts'
import { type Document, type Path, readDocument } from './document.ts'
import { looksSecret } from './looks-secret.ts'
import { DeclaredError, type DeclaredSet, inputSecretName, type MissingInput } from './model.ts'
import { readFault } from './read-fault.ts'
import type { Reading } from './reading.ts'
import { type DeclaredFile, declaredFile, type DeclaredInput } from './shapes.ts'

export interface DeclaredSources {
  /** Absolute path of the file. */
  readonly path: string
  readonly tenant: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The text of a vault entry, or undefined: answers `${input:id}` by the name `input/<id>`. */
  readonly openSecret: (name: string) => Promise<string | undefined>
  /** Seals a text; the set's `secrets` hold what it returns. */
  readonly seal: (name: string, text: string) => string
  /** Names that exist live: declaring one of them is a collision. */
  readonly liveNames: ReadonlySet<string>
  /** Names of settings, to refuse others with their place. */
  readonly settingNames: readonly string[]
}

/** Reads, checks and resolves the declared file. Throws `DeclaredError` with everything that is wrong with it. */
export async function loadDeclared(sources: DeclaredSources): Promise<DeclaredSet> {
  const { document, file } = checkedFile(sources.path)
  const inputs = new Map(file.inputs.map((input) => [input.id, input]))
  const answers = new Map<string, string>()
  for (const id of inputs.keys()) {
    const answer = await sources.openSecret(inputSecretName(id))
    if (answer !== undefined) answers.set(id, answer)
  }
  const reading: Reading = {
    document,
    references: { env: sources.env, folder: dirname(sources.path), inputs, answers },
    tenant: sources.tenant,
    seal: sources.seal,
    errors: [],
    warnings: [],
    secrets: new Map(),
    missing: new Map(),
  }
  checkInputs(reading, file)
  checkSettings(reading, file, sources.settingNames)
  const names = new Names(reading, sources.liveNames)
  const { deployments, servers, documents } = declareDeployments(reading, file, names)
  await examineDocuments(reading, documents)
  const profiles = declareProfiles(reading, file, names, servers)
  if (reading.errors.length > 0) throw new DeclaredError(reading.errors)
  return {
    file: sources.path,
    deployments,
    profiles,
    settings: file.settings,
    warnings: reading.warnings.toSorted((a, b) => a.line - b.line || a.column - b.column),
    secrets: reading.secrets,
    missingInputs: missingInputs(reading, inputs),
  }
}

/** The `settings` of the file alone: what the program needs before there is a vault. Throws `DeclaredError`. */
export function readDeclaredSettings(path: string): Readonly<Record<string, unknown>> {
  return checkedFile(path).file.settings
}

function checkedFile(path: string): { document: Document; file: DeclaredFile } {
  const name = basename(path)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const remedy = `put it there, or name another with --config or SALLYPORT_CONFIG`
    throw new DeclaredError([{ place: path, line: 1, column: 1, message: `the declared file ${readFault(error)}`, remedy }])
  }
  const document = readDocument(text.replace(/^\uFEFF/, ''), name)
  const parsed = declaredFile.safeParse(document.value)
  if (parsed.success) return { document, file: parsed.data }
  const misfits = explainIssues(declaredFile, parsed.error, document.value)
  throw new DeclaredError(misfits.map(({ path: at, part, message }) => document.find(at, message, part)))
}

function declareDeployments(
  reading: Reading,
  file: DeclaredFile,
  names: Names,
): { deployments: DeploymentRecord[]; servers: Map<string, string>; documents: DeclaredDocument[] } {
  const deployments: DeploymentRecord[] = []
  const servers = new Map<string, string>()
  const documents: DeclaredDocument[] = []
  for (const section of ['mcpServers', 'servers'] as const) {
    for (const [key, entry] of Object.entries(file[section])) {
      const path = [section, key]
      const name = names.take(path, key)
      if (name === undefined) continue
      servers.set(key, name).set(name, name)
      if (entry.disabled) continue
      const record = declareDeployment(reading, path, name, key, entry)
      deployments.push(record)
      if (entry.openapi !== undefined) documents.push({ record, path, file: entry.openapi })
    }
  }
  return { deployments, servers, documents }
}

function declareProfiles(reading: Reading, file: DeclaredFile, names: Names, servers: ReadonlyMap<string, string>): ProfileRecord[] {
  return Object.entries(file.profiles).flatMap(([key, entry]) => {
    const path = ['profiles', key]
    const name = names.take(path, key)
    return name === undefined ? [] : [declareProfile(reading, path, name, key, entry, servers)]
  })
}

/** The one name space of deployments and profiles. */
class Names {
  readonly #taken = new Map<string, string>()
  readonly #reading: Reading
  readonly #live: ReadonlySet<string>

  constructor(reading: Reading, live: ReadonlySet<string>) {
    this.#reading = reading
    this.#live = live
  }

  /** The name made of a key, or undefined when it cannot be: then the finding says why and proposes another. */
  take(path: Path, key: string): string | undefined {
    const { document, errors } = this.#reading
    const normal = normaliseName(key)
    if (!normal.ok) {
      errors.push(document.find(path, normal.error))
      return undefined
    }
    const name = normal.value
    const place = this.#taken.get(name)
    const other = place === undefined ? 'a deployment or profile made over the API' : `the one at ${place}`
    if (place !== undefined || this.#live.has(name)) {
      errors.push(
        document.find(path, `${JSON.stringify(key)} becomes the name ${name}, which ${other} has already; ${this.#free(name)} is free`),
      )
      return undefined
    }
    this.#taken.set(name, document.place(path))
    return name
  }

  #free(name: string): string {
    let number = 2
    while (this.#taken.has(`${name}-${number}`) || this.#live.has(`${name}-${number}`)) number++
    return `${name}-${number}`
  }
}

function checkInputs(reading: Reading, file: DeclaredFile): void {
  const seen = new Set<string>()
  for (const [index, { id, type }] of file.inputs.entries()) {
    if (seen.has(id))
      reading.errors.push(reading.document.find(['inputs', index, 'id'], `the input ${JSON.stringify(id)} is given twice`, 'value'))
    if (type === 'command')
      reading.warnings.push(
        reading.document.find(
          ['inputs', index],
          `Sallyport runs no editor command for ${JSON.stringify(id)}; it asks for the value instead`,
        ),
      )
    seen.add(id)
  }
}

function checkSettings(reading: Reading, file: DeclaredFile, known: readonly string[]): void {
  for (const [name, value] of Object.entries(file.settings)) {
    const path = ['settings', name]
    if (!known.includes(name))
      reading.errors.push(reading.document.find(path, `${JSON.stringify(name)} is not a setting.${didYouMean(name, known)}`))
    else if (looksSecret(name) && typeof value === 'string')
      reading.warnings.push(reading.document.find(path, 'this is a secret in plain text; set it in the environment instead'))
  }
}

function missingInputs({ missing }: Reading, inputs: ReadonlyMap<string, DeclaredInput>): MissingInput[] {
  return [...missing].map(([id, deployments]) => {
    const input = inputs.get(id)
    return { id, description: input?.description ?? '', isSecret: input?.password ?? false, deployments: [...deployments] }
  })
}
