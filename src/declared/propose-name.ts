const LAUNCHERS = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx', 'uv', 'node', 'python', 'python3', 'deno', 'bun', 'docker', 'podman'])
const VERBS = new Set(['run', 'dlx', 'exec', 'x', 'tool', 'start'])

/** A name that tells what a server is, from its address or command: `@acme/mcp-server-git@1.2` is `git`. */
export function proposeName(entry: {
  readonly url?: string | undefined
  readonly command?: string | undefined
  readonly args?: readonly string[]
}): string {
  if (entry.url !== undefined) return nameOfHost(URL.parse(entry.url)?.hostname ?? '')
  const command = lastSegment(entry.command ?? '')
  if (!LAUNCHERS.has(command)) return bareName(command)
  const word = entry.args?.find((argument) => !argument.startsWith('-') && !VERBS.has(argument))
  return bareName(word === undefined ? command : lastSegment(word))
}

function nameOfHost(host: string): string {
  if (/^[\d.]+$|:/.test(host)) return 'remote'
  const labels = host.split('.').filter((label) => !['mcp', 'www', 'api'].includes(label))
  return labels.at(-2) ?? labels[0] ?? 'remote'
}

const lastSegment = (path: string): string =>
  path
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1) ?? ''

function bareName(text: string): string {
  const name = text
    .replace(/(?<=.)[@:=].*$/, '')
    .replace(/\.(m?js|ts|py|exe|sh|cjs)$/, '')
    .replace(/^(mcp-server-|server-|mcp-)/, '')
    .replace(/(-mcp-server|-mcp|-server)$/, '')
  return name === '' ? 'server' : name
}
