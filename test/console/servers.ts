import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { REPOSITORY } from '../e2e/harness.ts'
import { callModern, toolNames } from '../e2e/wire.ts'
import type { Product } from './product.ts'

export const FIXTURES = join(REPOSITORY, 'test/fixtures')
const START_MS_MAX = 30_000
const POLL_MS = 100

interface Deployment {
  readonly digest: string
  readonly status: { readonly state: string; readonly cause: string | null } | null
}

/** A server of the fixtures as a launch that its sandbox lets read its own file. */
export const launchOf = (file: string, args: readonly string[] = [], folder = FIXTURES) => ({
  kind: 'process',
  command: 'node',
  args: [join(folder, file), ...args],
  files: [{ path: folder, mode: 'ro' }],
})

/** Adds a server of the fixtures, approves it and waits until it answers. */
export async function addServer(product: Product, name: string, file: string, folder?: string): Promise<void> {
  const spec = launchOf(file, [], folder)
  const { digest } = await product.api<Deployment>('POST', '/deployments', { name, title: name, access: 'tenant', spec })
  await product.api('POST', `/deployments/${name}/approve`, { digest })
  await waitForState(product, name, 'ready')
}

export async function waitForState(product: Product, name: string, state: string): Promise<void> {
  for (const until = performance.now() + START_MS_MAX; ; await delay(POLL_MS)) {
    const { status } = await product.api<Deployment>('GET', `/deployments/${name}`)
    if (status?.state === state) return
    if (performance.now() > until) throw new Error(`${name} is ${String(status?.state)}, not ${state}: ${String(status?.cause)}`)
  }
}

/** The names of the tools that a client sees at an endpoint. */
export async function toolsAt(product: Product, endpoint: string, key: string): Promise<readonly string[]> {
  const { message } = await callModern(`${product.url}/mcp/${endpoint}`, 'tools/list', {}, { key })
  return toolNames(message?.result)
}

/** Calls a tool as a client does; throws when there is no result. */
export async function callTool(
  product: Product,
  endpoint: string,
  key: string,
  name: string,
  args: object = {},
): Promise<Record<string, unknown>> {
  const { message, text } = await callModern(`${product.url}/mcp/${endpoint}`, 'tools/call', { name, arguments: args }, { key })
  if (message?.result === undefined) throw new Error(`${name} at ${endpoint}: ${text}`)
  return message.result
}
