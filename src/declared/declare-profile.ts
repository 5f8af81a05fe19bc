import { didYouMean } from '#std/index.ts'
import { NO_TOOL_RULES, type ProfileRecord } from '#profile/index.ts'
import type { Path } from './document.ts'
import type { Reading } from './reading.ts'
import type { DeclaredProfile } from './shapes.ts'

const SEPARATOR = '__'

/** Makes the record of one profile. `servers` maps the keys of the file, and the names made of them, to names. */
export function declareProfile(
  reading: Reading,
  path: Path,
  name: string,
  title: string,
  entry: DeclaredProfile,
  servers: ReadonlyMap<string, string>,
): ProfileRecord {
  const { document } = reading
  const chosen: string[] = []
  for (const [index, written] of entry.servers.entries()) {
    const server = servers.get(written)
    const place = [...path, 'servers', index]
    if (server === undefined) reading.errors.push(document.find(place, unknownServer(written, [...servers.keys()])))
    else if (chosen.includes(server)) reading.errors.push(document.find(place, `${JSON.stringify(written)} is listed twice`))
    else chosen.push(server)
  }
  for (const list of ['include', 'exclude'] as const) {
    for (const [index, pattern] of (entry.tools?.[list] ?? []).entries()) {
      if (namesAServer(pattern, chosen)) continue
      reading.warnings.push(
        document.find(
          [...path, 'tools', list, index],
          `${JSON.stringify(pattern)} matches no tool: names begin with a server of this profile, such as ${chosen[0] ?? 'docs'}${SEPARATOR}search`,
        ),
      )
    }
  }
  return {
    id: `declared:${name}`,
    tenant: reading.tenant,
    name,
    title: entry.title ?? title,
    description: entry.description,
    access: entry.access,
    servers: chosen,
    tools: entry.tools ?? NO_TOOL_RULES,
    origin: { kind: 'declared', place: document.place(path) },
  }
}

function unknownServer(written: string, known: readonly string[]): string {
  if (known.length === 0) return `there is no server ${JSON.stringify(written)} in this file`
  return `there is no server ${JSON.stringify(written)} in this file.${didYouMean(written, known)}`
}

/** A long name has an alias instead, so only what clearly names another server counts as wrong. */
function namesAServer(pattern: string, servers: readonly string[]): boolean {
  if (pattern.endsWith('*') && !pattern.includes(SEPARATOR))
    return servers.some((server) => (server + SEPARATOR).startsWith(pattern.slice(0, -1)))
  return servers.some((server) => pattern.startsWith(server + SEPARATOR))
}
