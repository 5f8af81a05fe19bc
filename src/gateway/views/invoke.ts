import type { Message } from '#protocol/index.ts'
import { Problem } from '#std/index.ts'

/** Reads the body of `POST /mcp/{name}/invoke`, `{"tool","arguments"}`, as the `tools/call` it stands for. */
export function messageOfInvoke(value: unknown): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('The body must be one JSON object.')
  const { tool, arguments: given, ...rest } = value as Record<string, unknown>
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined) throw wrong(`The key ${JSON.stringify(unknown.slice(0, 80))} is not known.`)
  if (typeof tool !== 'string' || tool === '') throw wrong('`tool` must be the name of a tool.')
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw wrong('`arguments` must be an object.')
  return { kind: 'request', id: 'invoke', method: 'tools/call', params: { name: tool, arguments: given ?? {} } }
}

function wrong(detail: string): Problem {
  return new Problem('invalid-params', detail, { remedy: 'Send {"tool": "name", "arguments": {…}}.' })
}
