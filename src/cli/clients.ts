// The MCP clients we can write to. A client is one row; command line, console and documentation read the same table, so
// nothing here touches a file or a process.

/** Where a client looks: the machine it runs on and the folder of the project. */
export interface Place {
  readonly home: string
  readonly cwd: string
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Scope = 'user' | 'project'

export interface ClientRow {
  readonly title: string
  /** Its own page about MCP servers. */
  readonly docs: string
  /** Configuration file by scope, as path segments; null: nothing is written, the entry is printed. */
  readonly file: ((scope: Scope, place: Place) => readonly string[]) | null
  /** Key of the object that holds the servers. */
  readonly container: 'mcpServers' | 'servers'
  readonly entry: (url: string, key: string) => Readonly<Record<string, unknown>>
  /** Link that opens the client's own installation dialogue. It carries no key: links end up in histories. */
  readonly deepLink: ((name: string, url: string) => string) | null
  /** The client's own command for the same, the key standing in SALLYPORT_KEY. */
  readonly command: ((name: string, url: string) => string) | null
  /** What the person does then. */
  readonly next: string
}

const headers = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } })
const typedEntry = (url: string, key: string) => ({ type: 'http', url, ...headers(key) })

/** The folder of per-user settings that editors of the VS Code family use. */
function editorFolder(product: string, { home, platform, env }: Place): readonly string[] {
  if (platform === 'darwin') return [home, 'Library', 'Application Support', product, 'User']
  if (platform === 'win32') return [env['APPDATA'] ?? `${home}\\AppData\\Roaming`, product, 'User']
  return [env['XDG_CONFIG_HOME'] || `${home}/.config`, product, 'User']
}

export const CLIENTS: Readonly<Record<string, ClientRow>> = {
  'claude-code': {
    title: 'Claude Code',
    docs: 'https://code.claude.com/docs/en/mcp',
    file: (scope, { home, cwd }) => (scope === 'user' ? [home, '.claude.json'] : [cwd, '.mcp.json']),
    container: 'mcpServers',
    entry: typedEntry,
    deepLink: null,
    command: (name, url) => `claude mcp add --scope user --transport http --header "Authorization: Bearer $SALLYPORT_KEY" ${name} ${url}`,
    next: 'start Claude Code again and type /mcp',
  },
  vscode: {
    title: 'VS Code',
    docs: 'https://code.visualstudio.com/docs/agents/reference/mcp-configuration',
    file: (scope, place) => (scope === 'user' ? [...editorFolder('Code', place), 'mcp.json'] : [place.cwd, '.vscode', 'mcp.json']),
    container: 'servers',
    entry: typedEntry,
    deepLink: (name, url) => `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, type: 'http', url }))}`,
    command: (name, url) => `code --add-mcp '${JSON.stringify({ name, type: 'http', url })}'`,
    next: 'run `MCP: List Servers` in VS Code and start it',
  },
  cursor: {
    title: 'Cursor',
    docs: 'https://cursor.com/docs/mcp',
    file: (scope, { home, cwd }) => [scope === 'user' ? home : cwd, '.cursor', 'mcp.json'],
    container: 'mcpServers',
    entry: (url, key) => ({ url, ...headers(key) }),
    deepLink: (name, url) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(btoa(JSON.stringify({ url })))}`,
    command: null,
    next: 'open Cursor Settings, Tools & MCP, and switch it on',
  },
  raw: {
    title: 'Any client (JSON to paste)',
    docs: 'https://modelcontextprotocol.io/docs',
    file: null,
    container: 'mcpServers',
    entry: typedEntry,
    deepLink: null,
    command: null,
    next: 'paste it into the configuration of your client',
  },
}
