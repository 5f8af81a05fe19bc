// The measured program, started as its users start it: the launcher, a data folder, a declared file.
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { startProgram, waitUntilReady, type Environment, type Program } from './processes.ts'

export const DEPLOYMENTS = 50

/** Everything that a start needs and that a second start may find again. */
export interface Home {
  readonly folder: string
  readonly ownerKey: string
  remove(): void
}

export interface Sallyport extends Program {
  readonly port: number
  /** Milliseconds from the start of the launcher to the first yes of /readyz. */
  readonly startMs: number
  createKey(name: string): Promise<string>
}

/**
 * A fresh folder with a declared file: `modern` and `legacy` are one server each, `pair` a profile of two, `fifty` one
 * of fifty.
 */
export function createHome(upstreamPort: number): Home {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const url = (path: string): { url: string } => ({ url: `http://127.0.0.1:${upstreamPort}/${path}` })
  const many = Array.from({ length: DEPLOYMENTS }, (_, index) => `server-${index}`)
  const declared = {
    mcpServers: { modern: url('modern'), legacy: url('legacy'), ...Object.fromEntries(many.map((name) => [name, url(name)])) },
    profiles: { pair: { servers: ['modern', 'server-0'] }, bridged: { servers: ['legacy'] }, fifty: { servers: many } },
  }
  writeFileSync(join(folder, 'sallyport.json'), JSON.stringify(declared, null, 2))
  mkdirSync(join(folder, 'cache'))
  return { folder, ownerKey: randomBytes(24).toString('hex'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts it on a free port; what it prints goes to `sallyport.log` in the home. */
export async function startSallyport(home: Home, env: Environment = {}): Promise<Sallyport> {
  const port = await freePort()
  const log = openSync(join(home.folder, 'sallyport.log'), 'a')
  const settings = {
    SALLYPORT_PORT: String(port),
    SALLYPORT_DATA_DIR: join(home.folder, 'data'),
    SALLYPORT_CONFIG: join(home.folder, 'sallyport.json'),
    SALLYPORT_OWNER_KEY: home.ownerKey,
    SALLYPORT_CALLS_PER_SECOND: '1000000',
    XDG_CACHE_HOME: join(home.folder, 'cache'),
  }
  const program = startProgram(0, ['bin/sallyport.mjs', 'serve'], { ...settings, ...env }, log)
  closeSync(log)
  const startMs = await waitUntilReady(port, program).catch((error: unknown) => {
    throw new Error(`sallyport did not start:\n${readFileSync(join(home.folder, 'sallyport.log'), 'utf8')}`, { cause: error })
  })
  const createKey = async (name: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${home.ownerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, scopes: ['mcp:list', 'mcp:call'] }),
    })
    const created = (await response.json()) as { key?: string }
    if (created.key === undefined) throw new Error(`no key: ${response.status} ${JSON.stringify(created)}`)
    return created.key
  }
  return { ...program, port, startMs, createKey }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
