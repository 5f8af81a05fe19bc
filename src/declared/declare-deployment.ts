import { type DeploymentRecord, launchFault, type LaunchSpec, specDigest } from '#runtime/index.ts'
import { openApiSpec } from './declare-openapi.ts'
import type { Path } from './document.ts'
import { egressFault, urlFault } from './faults.ts'
import { headers, plainText, type Reading, variables } from './reading.ts'
import { expandPath } from './resolve-text.ts'
import { type DeclaredServer, OURS_DEFAULT } from './shapes.ts'

/** Makes the record of one entry; what is wrong with it is added to the findings. */
export function declareDeployment(reading: Reading, path: Path, name: string, title: string, entry: DeclaredServer): DeploymentRecord {
  const ours = entry.sallyport ?? OURS_DEFAULT
  const spec = specOf(reading, path, name, entry)
  const digest = specDigest(spec)
  const isWaiting = [...reading.missing.values()].some((deployments) => deployments.has(name))
  return {
    id: `declared:${name}`,
    tenant: reading.tenant,
    name,
    title: ours.title ?? title,
    description: ours.description ?? entry.description ?? '',
    access: ours.access,
    deadlineMs: ours.deadlineMs,
    startDeadlineMs: ours.startDeadlineMs,
    headersMode: ours.headers,
    spec,
    origin: { kind: 'declared', place: reading.document.place(path) },
    digest,
    // Declaring is approving; a specification that still holds placeholders is not the one that was declared.
    approvedDigest: isWaiting && holdsPlaceholder(spec) ? null : digest,
  }
}

function specOf(reading: Reading, path: Path, name: string, entry: DeclaredServer): LaunchSpec {
  if (entry.openapi !== undefined) return openApiSpec(reading, path, name, entry, entry.openapi)
  for (const part of ['server', 'auth', 'documentSha256', 'operations'] as const) {
    const given = entry.sallyport?.[part]
    if (given === undefined || Object.values(given).flat().length === 0) continue
    reading.errors.push(reading.document.find([...path, 'sallyport', part], `"${part}" belongs to a server with "openapi"`))
  }
  return entry.url === undefined ? processSpec(reading, path, name, entry) : remoteSpec(reading, path, name, entry)
}

function remoteSpec(reading: Reading, path: Path, name: string, entry: DeclaredServer): LaunchSpec {
  const refuse = (part: string, message: string) => reading.errors.push(reading.document.find([...path, part], message))
  if (entry.command !== undefined) refuse('command', 'an entry has either "url" or "command", not both')
  if (entry.type === 'stdio') refuse('type', 'a server with "url" is not of type "stdio"')
  for (const part of ['args', 'env'] as const)
    if (Object.keys(entry[part]).length > 0) refuse(part, `"${part}" belongs to a server with "command"; a remote one takes "headers"`)
  for (const part of ['cwd', 'envFile'] as const)
    if (entry[part] !== undefined) refuse(part, `"${part}" belongs to a server with "command"`)
  for (const part of ['egress', 'files'] as const)
    if ((entry.sallyport?.[part].length ?? 0) > 0)
      reading.errors.push(
        reading.document.find([...path, 'sallyport', part], `"${part}" is granted to a process; this server runs elsewhere`),
      )
  const url = plainText(reading, name, [...path, 'url'], entry.url!, true)
  const fault = url.includes('${input:') ? null : urlFault(url)
  if (fault !== null) reading.errors.push(reading.document.find([...path, 'url'], fault, 'value'))
  return { kind: 'remote', url, headers: headers(reading, name, [...path, 'headers'], entry.headers) }
}

function processSpec(reading: Reading, path: Path, name: string, entry: DeclaredServer): LaunchSpec {
  const refuse = (part: string, message: string) => reading.errors.push(reading.document.find([...path, part], message))
  if (entry.command === undefined)
    reading.errors.push(reading.document.find(path, 'expected "command" (a process) or "url" (a remote server), found neither'))
  else if (entry.type !== undefined && entry.type !== 'stdio')
    refuse('type', `a server with "command" is of type "stdio", not ${JSON.stringify(entry.type)}`)
  if (Object.keys(entry.headers).length > 0) refuse('headers', '"headers" belong to a server with "url"; a process takes "env"')
  const { env, folder } = reading.references
  const ours = entry.sallyport ?? OURS_DEFAULT
  for (const [index, destination] of ours.egress.entries()) {
    const fault = egressFault(destination)
    if (fault !== null) reading.errors.push(reading.document.find([...path, 'sallyport', 'egress', index], fault))
  }
  const spec: Extract<LaunchSpec, { kind: 'process' }> = {
    kind: 'process',
    command: plainText(reading, name, [...path, 'command'], entry.command ?? ''),
    args: entry.args.map((text, index) => plainText(reading, name, [...path, 'args', index], text)),
    env: variables(reading, name, path, entry),
    cwd: entry.cwd === undefined ? null : expandPath(plainText(reading, name, [...path, 'cwd'], entry.cwd), folder, env),
    files: ours.files.map(({ path: file, mode }, index) => ({
      path: expandPath(plainText(reading, name, [...path, 'sallyport', 'files', index, 'path'], file), folder, env),
      mode,
    })),
    egress: ours.egress,
    isolation: ours.isolation,
  }
  const fault = entry.command === undefined ? null : launchFault(spec)
  if (fault !== null) {
    const place = [...path, ...(fault.part === 'files' ? ['sallyport'] : []), fault.part, ...(fault.at === null ? [] : [fault.at])]
    // What a reference stands for may be a secret: only what is written in the file is shown.
    const isWritten = fault.part !== 'args' || spec.args.every((text, index) => text === entry.args[index])
    const message = isWritten ? fault.detail : 'These arguments are not taken.'
    reading.errors.push(reading.document.find(place, `${message.charAt(0).toLowerCase()}${message.slice(1)} ${fault.remedy}`, 'value'))
  }
  return spec
}

function holdsPlaceholder(spec: LaunchSpec): boolean {
  return placesOf(spec).some((text) => text.includes('${input:'))
}

function placesOf(spec: LaunchSpec): readonly string[] {
  switch (spec.kind) {
    case 'remote':
      return [spec.url]
    case 'process':
      return [spec.command, ...spec.args, spec.cwd ?? '', ...spec.files.map((file) => file.path)]
    case 'openapi':
      return ['url' in spec.document ? spec.document.url : '', spec.server ?? '']
  }
}
