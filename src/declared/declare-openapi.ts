import { readFileSync, statSync } from 'node:fs'
import { type DeploymentRecord, examineDocument, type LaunchSpec, type OpenApiSpec } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { Path } from './document.ts'
import { urlFault } from './faults.ts'
import { readFault } from './read-fault.ts'
import { credentials, headers, plainText, type Reading } from './reading.ts'
import { expandPath } from './resolve-text.ts'
import { type DeclaredServer, OURS_DEFAULT } from './shapes.ts'

const BELONGS_TO_PROCESS = ['args', 'env'] as const
const BELONGS_ELSEWHERE = ['command', 'url', 'type', 'cwd', 'envFile'] as const

/** Makes the specification of an API of one entry; what is wrong with it is added to the findings. A file is read here, a URL is not asked. */
export function openApiSpec(reading: Reading, path: Path, name: string, entry: DeclaredServer, given: string): LaunchSpec {
  const refuse = (at: Path, message: string, part: 'name' | 'value' = 'name') =>
    void reading.errors.push(reading.document.find([...path, ...at], message, part))
  for (const part of BELONGS_ELSEWHERE)
    if (entry[part] !== undefined) refuse([part], `an entry has either "openapi" or "${part}", not both`)
  for (const part of BELONGS_TO_PROCESS)
    if (Object.keys(entry[part]).length > 0)
      refuse([part], `"${part}" belongs to a server with "command"; an API takes "headers" and "auth"`)
  for (const part of ['egress', 'files'] as const)
    if ((entry.sallyport?.[part].length ?? 0) > 0) refuse(['sallyport', part], `"${part}" is granted to a process; an API runs elsewhere`)
  const ours = entry.sallyport ?? OURS_DEFAULT
  const server = ours.server === undefined ? null : plainText(reading, name, [...path, 'sallyport', 'server'], ours.server, true)
  const fault = server === null || server.includes('${input:') ? null : urlFault(server)
  if (fault !== null) refuse(['sallyport', 'server'], fault, 'value')
  return {
    kind: 'openapi',
    document: documentOf(reading, path, name, given, ours.documentSha256),
    server: fault === null ? server : null,
    operations: ours.operations,
    headers: headers(reading, name, [...path, 'headers'], entry.headers),
    auth: credentials(reading, name, [...path, 'sallyport', 'auth'], ours.auth),
  }
}

function documentOf(reading: Reading, path: Path, name: string, given: string, sha256: string | undefined): OpenApiSpec['document'] {
  const { document, references } = reading
  const refuse = (message: string) => void reading.errors.push(document.find([...path, 'openapi'], message, 'value'))
  const shown = plainText(reading, name, [...path, 'openapi'], given)
  if (/^https?:\/\//i.test(shown)) {
    const fault = shown.includes('${input:') ? null : urlFault(shown)
    if (fault !== null) refuse(fault)
    if (sha256 === undefined)
      reading.warnings.push(
        document.find(
          [...path, 'openapi'],
          'nothing is called before "documentSha256" says which document is meant; the state of the deployment names it',
          'value',
        ),
      )
    return { url: shown, sha256: sha256 ?? null }
  }
  if (sha256 !== undefined)
    reading.errors.push(
      document.find(
        [...path, 'sallyport', 'documentSha256'],
        '"documentSha256" belongs to a document at a URL; a file is declared as it is',
      ),
    )
  const file = expandPath(shown, references.folder, references.env)
  try {
    const { size } = statSync(file)
    if (size > LIMITS.openapiDocumentBytesMax)
      refuse(`the file ${given} has ${size} bytes, more than the ${LIMITS.openapiDocumentBytesMax} that are read`)
    else return { text: readFileSync(file, 'utf8') }
  } catch (error) {
    refuse(`the file ${given} ${readFault(error)}`)
  }
  return { text: '' }
}

/** A document as an entry of the file names it. */
export interface DeclaredDocument {
  readonly record: DeploymentRecord
  readonly path: Path
  /** As written. */
  readonly file: string
}

/** Compares the documents that stand in files with what OpenAPI wants; adds what is wrong, with its place in the file. */
export async function examineDocuments(reading: Reading, declared: readonly DeclaredDocument[]): Promise<void> {
  for (const { record, path, file } of declared) {
    const { spec } = record
    if (spec.kind !== 'openapi' || !('text' in spec.document) || spec.document.text === '') continue
    // What waits for an input is looked at once it has been answered.
    if (spec.server?.includes('${input:') === true) continue
    const examined = await examineDocument(spec.document.text, spec, { isValidated: true })
    for (const { message, where, line, column } of examined.ok ? [] : examined.error) {
      const place = line === null ? file : `${file}:${line}:${column}`
      reading.errors.push(reading.document.find([...path, 'openapi'], `${place}: ${where === '' ? '' : `${where}: `}${message}`, 'value'))
    }
  }
}
