import { API_SCOPES, type BodyInputOf, type ResponseOf } from '#api/contract.ts'
import type { ApiClient } from '../api-client.ts'
import type { Run } from '../command.ts'
import { EXIT, refusal, usageFailure } from '../failure.ts'
import { count, parseSpan, shortTime } from '../format.ts'
import { inert } from '../inert.ts'
import { suggestion } from '../parse-arguments.ts'
import { printJson } from '../print-json.ts'
import { renderTable } from '../table.ts'
import { showSuccess } from '../terminal.ts'

interface CreateFlags {
  readonly profile: readonly string[]
  readonly deployment: readonly string[]
  readonly tool: readonly string[]
  readonly scope: readonly string[]
  readonly expires: string | undefined
  readonly json: boolean
}

/** The key itself goes to standard output, so that it can be piped into a place that keeps it. */
export const createKey: Run<CreateFlags> = async ({ args, flags }, { terminal, program, api }) => {
  const endpoints = [...flags.profile, ...flags.deployment]
  const body: BodyInputOf<'createKey'> = {
    name: args[0]!,
    ...(flags.scope.length === 0 ? {} : { scopes: flags.scope.map(knownScope) }),
    ...(endpoints.length === 0 ? {} : { endpoints }),
    ...(flags.tool.length === 0 ? {} : { tools: [...flags.tool] }),
    ...(flags.expires === undefined ? {} : { expiresAt: expiry(flags.expires, program.now()) }),
  }
  const created = await (await api()).call('createKey', { body })
  if (flags.json) return printJson(terminal, created)
  terminal.out(created.key)
  terminal.say('This is the only time the key is shown.')
  showSuccess(terminal, `Created ${inert(created.name)} (${created.id})`, `sallyport key revoke ${created.id}`)
}

function knownScope(word: string): (typeof API_SCOPES)[number] {
  const scope = API_SCOPES.find((one) => one === word)
  if (scope !== undefined) return scope
  const meant = suggestion(word, API_SCOPES)
  throw usageFailure(
    `\`${word}\` is not a scope`,
    meant === undefined ? `One of: ${API_SCOPES.join(', ')}.` : `Did you mean \`${meant}\`?`,
    'sallyport key create --help',
  )
}

/** ISO time of `30d` from now, of a date, or of a time. */
export function expiry(text: string, nowMs: number): string {
  const span = parseSpan(text)
  const atMs = span === undefined ? Date.parse(text) : nowMs + span
  if (Number.isNaN(atMs)) throw usageFailure(`\`${text}\` is not a time`, 'Give a span such as 12h or 30d, or a date such as 2027-01-31.')
  if (atMs <= nowMs) throw usageFailure(`\`${text}\` is in the past`)
  return new Date(atMs).toISOString()
}

export const listKeys: Run<{ all: boolean; json: boolean }> = async ({ flags }, { terminal, program, api }) => {
  const found = await (await api()).listAll('listKeys')
  if (flags.json) return printJson(terminal, found)
  const shown = found.items.filter(({ revokedAt }) => flags.all || revokedAt === null)
  if (shown.length === 0) return showSuccess(terminal, 'There are no keys yet', 'sallyport key create NAME')
  const nowMs = program.now()
  const hasTools = shown.some(({ tools }) => tools !== null)
  terminal.out(
    renderTable(
      terminal,
      [
        { title: 'ID', value: (key) => key.id },
        { title: 'NAME', value: (key) => key.name, isFlexible: true },
        { title: 'SCOPES', value: (key) => key.scopes.join(','), isFlexible: true },
        { title: 'ENDPOINTS', value: (key) => key.endpoints?.join(',') ?? 'all', isFlexible: true },
        ...(hasTools ? [{ title: 'TOOLS', value: (key: Key) => key.tools?.join(',') ?? 'all', isFlexible: true }] : []),
        { title: 'CREATED', value: (key) => shortTime(key.createdAt) },
        { title: 'ENDS', value: (key) => end(key, nowMs), style: (key) => (isOver(key, nowMs) ? 'yellow' : undefined) },
        { title: 'LAST USED', value: (key) => shortTime(key.lastUsedAt) },
      ],
      shown,
    ),
  )
  const hidden = found.items.length - shown.length
  if (hidden > 0) terminal.say(`${count(hidden, 'revoked key')} not shown: sallyport key list --all`)
}

type Key = ResponseOf<'listKeys'>['items'][number]

const isOver = ({ revokedAt, expiresAt }: Key, nowMs: number): boolean =>
  revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= nowMs)

function end(key: Key, nowMs: number): string {
  if (key.revokedAt !== null) return `revoked ${shortTime(key.revokedAt)}`
  return isOver(key, nowMs) ? `expired ${shortTime(key.expiresAt)}` : shortTime(key.expiresAt)
}

export const revokeKey: Run<{ 'dry-run': boolean }> = async ({ args, flags }, { terminal, dialogue, api }) => {
  const server = await api()
  const key = await findKey(server, args[0]!)
  if (flags['dry-run']) return terminal.say(`Would revoke ${inert(key.name)} (${key.id}).`)
  if (!(await dialogue.confirm(`Revoke ${inert(key.name)} (${key.id})? Whoever uses it is cut off at once.`))) return EXIT.refused
  await server.call('deleteKey', { params: { id: key.id } })
  showSuccess(terminal, `Revoked ${inert(key.name)} (${key.id})`)
}

async function findKey(api: ApiClient, wanted: string): Promise<Key> {
  const { items } = await api.listAll('listKeys')
  const byId = items.find((key) => key.id === wanted)
  if (byId !== undefined) return byId
  const [key, ...others] = items.filter(({ name, revokedAt }) => name === wanted && revokedAt === null)
  if (key === undefined) throw refusal(`There is no key \`${wanted}\``, undefined, 'sallyport key list')
  if (others.length > 0)
    throw refusal(`Several keys are named \`${wanted}\``, 'Give the identifier instead of the name.', 'sallyport key list')
  return key
}
