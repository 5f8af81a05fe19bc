// The servers that the end-to-end tests put behind the gateway, as a declared file names them.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { vi } from 'vitest'
import { freePort, REPOSITORY, type Sallyport } from './harness.ts'
import { callModern, toolNames } from './wire.ts'

const NODE_MODULES = join(REPOSITORY, 'node_modules')
const EVERYTHING = join(NODE_MODULES, '@modelcontextprotocol/server-everything/dist/index.js')
const FIXTURES = join(REPOSITORY, 'test/fixtures')
const START_MS_MAX = 20_000

/** The reference server over stdio, with the one grant it needs: its own files. */
export const everythingOverStdio = {
  command: 'node',
  args: [EVERYTHING, 'stdio'],
  sallyport: { files: [{ path: NODE_MODULES, mode: 'ro' }] },
}

/** Waits until the federated list has all of these: servers start in their own time. */
export async function waitForTools(sallyport: Sallyport, names: readonly string[]): Promise<void> {
  const check = async () => {
    const listed = toolNames((await callModern(`${sallyport.url}/mcp`, 'tools/list', {}, { key: sallyport.ownerKey })).message?.result)
    const missing = names.filter((name) => !listed.includes(name))
    if (missing.length > 0) throw new Error(`Not listed: ${missing.join(', ')}\n${sallyport.logs.slice(-4_000)}`)
  }
  await vi.waitFor(check, { timeout: START_MS_MAX, interval: 200 })
}

/** Our own stdio server in one of its modes. */
export const stdioFixture = (mode: string, own: object = {}, env: Readonly<Record<string, string>> = {}) => ({
  command: 'node',
  args: [join(FIXTURES, 'stdio-server.mjs'), mode],
  env,
  sallyport: { files: [{ path: FIXTURES, mode: 'ro' }], ...own },
})

export interface RunningServer {
  readonly url: string
  close(): Promise<void>
}

/** The reference server in its Streamable HTTP mode, a 2025 server with sessions. */
export async function startEverythingOverHttp(): Promise<RunningServer> {
  const port = await freePort()
  const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('server-everything did not start')), START_MS_MAX)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!text.includes('listening')) return
      clearTimeout(timer)
      resolve()
    })
    child.once('exit', (code) => reject(new Error(`server-everything ended with ${String(code)}`)))
  })
  return {
    url: `http://127.0.0.1:${String(port)}/mcp`,
    async close() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
