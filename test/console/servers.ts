import { join } from 'node:path'
import { vi } from 'vitest'
import { REPOSITORY } from '../e2e/harness.ts'
import { callModern, toolNames } from '../e2e/wire.ts'
import type { Product } from './product.ts'

export const FIXTURES = join(REPOSITORY, 'test/fixtures')
const START_MS_MAX = 30_000

interface Deployment {
  readonly digest: string
  readonly status: { readonly state: string; readonly cause: string | null } | null
}

/** A server of the fixtures as a launch that its sandbox lets read its own file. */
export const launchOf = (file: string, args: readonly string[] = []) => ({
  kind: 'process',
  command: 'node',
  args: [join(FIXTURES, file), ...args],
  files: [{ path: FIXTURES, mode: 'ro' }],
})

/** Adds a server of the fixtures, approves it and waits until it answers. */
export async function addServer(product: Product, name: string, file: string, args: readonly string[] = []): Promise<void> {
  const { digest } = await product.api<Deployment>('POST', '/deployments', { name, title: name, access: 'tenant', spec: launchOf(file, args) })
  await product.api('POST', `/deployments/${name}/approve`, { digest })
  await waitForState(product, name, 'ready')
}

export async function waitForState(product: Product, name: string, state: string): Promise<void> {
  const check = async (): Promise<void> => {
    const { status } = await product.api<Deployment>('GET', `/deployments/${name}`)
    if (status?.state !== state) throw new Error(`${name} is ${String(status?.state)}, not ${state}: ${String(status?.cause)}`)
  }
  await vi.waitFor(check, { timeout: START_MS_MAX, interval: 100 })
}

/** The names of the tools that a client sees at an endpoint. */
export async function toolsAt(product: Product, endpoint: string, key: string): Promise<readonly string[]> {
  const { message } = await callModern(`${product.url}/mcp/${endpoint}`, 'tools/list', {}, { key })
  return toolNames(message?.result)
}

/** Calls a tool as a client does; throws when there is no result. */
export async function callTool(product: Product, endpoint: string, key: string, name: string, args: object = {}): Promise<Record<string, unknown>> {
  const { message, text } = await callModern(`${product.url}/mcp/${endpoint}`, 'tools/call', { name, arguments: args }, { key })
  if (message?.result === undefined) throw new Error(`${name} at ${endpoint}: ${text}`)
  return message.result
}
