import type { ToolCall } from '@/lib/mcp.ts'
import { endpointPath, headerValue, parameterHeaders, PROTOCOL_VERSION, requestBody } from '@/lib/mcp-request.ts'

/** JSON in plain ASCII: nothing in it can turn a terminal or an editor around, and it is JavaScript too. */
export const asciiJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** One word for a POSIX shell, whatever is in it. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)

/** The call as a command for curl; the key comes from the environment and never into the text. */
export function asCurl({ endpoint, tool, args }: ToolCall, origin: string): string {
  const headers = [
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    `mcp-protocol-version: ${PROTOCOL_VERSION}`,
    'mcp-method: tools/call',
    `mcp-name: ${headerValue(tool.name)}`,
    ...Object.entries(parameterHeaders(tool.inputSchema, args)).map(([name, value]) => `${name}: ${value}`),
  ]
  const body = asciiJson(requestBody('tools/call', { name: tool.name, arguments: args }))
  return [
    `curl ${shellWord(origin + endpointPath(endpoint))}`,
    '-H "authorization: Bearer $SALLYPORT_KEY"',
    ...headers.map((header) => `-H ${shellWord(header)}`),
    `--data-raw ${shellWord(body)}`,
  ].join(' \\\n  ')
}

/** The call for our own command line. Null for a tool whose name it would read as a flag. */
export function asCli({ endpoint, tool, args }: ToolCall, kind: 'profile' | 'deployment' | null, origin: string): string | null {
  if (tool.name.startsWith('-')) return null
  const place = endpoint === null || kind === null ? [] : [`--${kind}`, shellWord(endpoint)]
  const given = Object.keys(args).length === 0 ? [] : ['--json-args', shellWord(asciiJson(args))]
  return ['sallyport', 'tool', 'call', shellWord(tool.name), ...place, ...given, '--url', shellWord(origin)].join(' ')
}

/** The call for the official client, version 2, of the TypeScript SDK. */
export function asTypeScript({ endpoint, tool, args }: ToolCall, origin: string): string {
  return `// npm install @modelcontextprotocol/client
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const client = new Client({ name: 'my-client', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
const transport = new StreamableHTTPClientTransport(new URL(${asciiJson(origin + endpointPath(endpoint))}), {
  requestInit: { headers: { authorization: \`Bearer \${process.env.SALLYPORT_KEY}\` } },
})
await client.connect(transport)
const result = await client.callTool({
  name: ${asciiJson(tool.name)},
  arguments: ${asciiJson(args, 2).replaceAll('\n', '\n  ').replaceAll('"__proto__":', '["__proto__"]:')},
})
console.log(result)
await client.close()
`
}
