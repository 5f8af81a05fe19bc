import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ResponseOf } from '#api/contract.ts'
import { createApiClient } from '../api-client.ts'
import type { Cli } from '../cli.ts'
import type { Run } from '../command.ts'
import { refusal } from '../failure.ts'
import { shortTime } from '../format.ts'
import { inert } from '../inert.ts'
import { loginPath, readLogin, removeLogin, writeLogin } from '../login-file.ts'
import { printJson } from '../print-json.ts'
import { renderFacts } from '../table.ts'
import { parseServerUrl, type ChosenServer } from '../choose-server.ts'
import { showSuccess } from '../terminal.ts'

/** Checks a key against its server and stores both, mode 0600. */
export const login: Run<{ 'token-file': string | undefined }> = async ({ args, flags }, cli) => {
  const url = args[0] === undefined ? (await cli.server()).url : parseServerUrl(args[0]).href.replace(/\/+$/, '')
  const key = (await readKey(flags['token-file'], url, cli)).trim()
  if (!/^[\x21-\x7e]+$/.test(key)) throw refusal('This is not a key', 'A key has no spaces, line breaks or other special characters.')
  const server: ChosenServer = { url, urlFrom: 'login', key, keyFrom: 'login' }
  const caller = await createApiClient(server).call('whoami')
  writeLogin(cli.program, { url, key })
  showSuccess(cli.terminal, `Logged in to ${url} as ${inert(caller.name)}; stored in ${loginPath(cli.program)}`, 'sallyport tool list')
}

async function readKey(file: string | undefined, url: string, { dialogue, program }: Cli): Promise<string> {
  if (file === '-') return dialogue.standardInput()
  if (file !== undefined) return readFileSync(resolve(program.cwd, file), 'utf8')
  return dialogue.secret(`Key for ${url}:`, 'sallyport login --token-file -')
}

/** Forgets server and key; the key itself stays valid until it is revoked. */
export const logout: Run = async (_asked, { program, terminal }) => {
  const stored = readLogin(program)
  if (stored === undefined) throw refusal('Nobody is logged in')
  removeLogin(program)
  showSuccess(terminal, `Forgot the key for ${stored.url}; it stays valid until it is revoked`)
}

export const whoami: Run<{ json: boolean }> = async ({ flags }, cli) => {
  const api = await cli.api()
  const caller = await api.call('whoami')
  if (flags.json) return printJson(cli.terminal, caller)
  cli.terminal.out(renderFacts(cli.terminal, facts(caller, api.server)))
}

const facts = (caller: ResponseOf<'whoami'>, server: ChosenServer): [string, string][] => [
  ['name', caller.name],
  ['kind', caller.kind],
  ['id', caller.id],
  ['tenant', caller.tenant],
  ['scopes', caller.scopes.join(', ')],
  ['endpoints', caller.endpoints?.join(', ') ?? 'all'],
  ['tools', caller.tools?.join(', ') ?? 'all'],
  ['expires', caller.expiresAt === null ? 'never' : shortTime(caller.expiresAt)],
  ['server', `${server.url} (${server.urlFrom})`],
  ['credential', server.keyFrom ?? 'none'],
]
