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
  /** What a person pastes where the configuration is no JSON; null: container and entry as JSON. */
  readonly paste: { readonly file: string; readonly text: (name: string, url: string, key: string) => string } | null
  /** Link that opens the client's own installation dialogue. It carries no key: links end up in histories. */
  readonly deepLink: ((name: string, url: string) => string) | null
  /** The client's own command for the same, the key standing in SALLYPORT_KEY; where that is not named, the key is added afterwards. */
  readonly command: ((name: string, url: string) => string) | null
  /** What the person does then. */
  readonly next: string
}

const quoted = (text: string): string => JSON.stringify(text)
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
    paste: null,
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
    paste: null,
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
    paste: null,
    deepLink: (name, url) =>
      `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(btoa(JSON.stringify({ url })))}`,
    command: null,
    next: 'open Cursor Settings, Tools & MCP, and switch it on',
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    docs: 'https://support.claude.com/en/articles/10949351-getting-started-with-local-mcp-servers-on-claude-desktop',
    // Its file starts programs only, and its connectors need a public address: a small program passes messages on.
    file: (_, place) => [...editorFolder('Claude', place).slice(0, -1), 'claude_desktop_config.json'],
    container: 'mcpServers',
    entry: (url, key) => ({
      command: 'npx',
      args: ['-y', 'mcp-remote', url, ...(url.startsWith('http:') ? ['--allow-http'] : []), '--header', 'Authorization:${SALLYPORT_AUTH}'],
      env: { SALLYPORT_AUTH: `Bearer ${key}` },
    }),
    paste: null,
    deepLink: null,
    command: null,
    next: 'quit Claude Desktop and start it again; it needs Node.js on this machine',
  },
  codex: {
    title: 'Codex',
    docs: 'https://developers.openai.com/codex/mcp',
    file: null,
    container: 'mcpServers',
    entry: (url, key) => ({ url, http_headers: { Authorization: `Bearer ${key}` } }),
    paste: {
      file: '~/.codex/config.toml',
      text: (name, url, key) =>
        `[mcp_servers.${name}]\nurl = ${quoted(url)}\nhttp_headers = { Authorization = ${quoted(`Bearer ${key}`)} }`,
    },
    deepLink: null,
    command: (name, url) => `codex mcp add ${name} --url ${url} --bearer-token-env-var SALLYPORT_KEY`,
    next: 'paste it into ~/.codex/config.toml, start Codex again and type /mcp',
  },
  'gemini-cli': {
    title: 'Gemini CLI',
    docs: 'https://geminicli.com/docs/tools/mcp-server/',
    file: (scope, { home, cwd }) => [scope === 'user' ? home : cwd, '.gemini', 'settings.json'],
    container: 'mcpServers',
    // `url` would mean the older transport with server-sent events.
    entry: (url, key) => ({ httpUrl: url, ...headers(key) }),
    paste: null,
    deepLink: null,
    command: (name, url) => `gemini mcp add --scope user --transport http --header "Authorization: Bearer $SALLYPORT_KEY" ${name} ${url}`,
    next: 'start Gemini CLI again and type /mcp',
  },
  goose: {
    title: 'Goose',
    docs: 'https://block.github.io/goose/docs/getting-started/using-extensions',
    file: null,
    container: 'mcpServers',
    entry: (url, key) => ({ type: 'streamable_http', uri: url, ...headers(key) }),
    paste: {
      file: '~/.config/goose/config.yaml',
      text: (name, url, key) =>
        [
          'extensions:',
          `  ${name}:`,
          '    enabled: true',
          '    type: streamable_http',
          `    name: ${name}`,
          `    uri: ${quoted(url)}`,
          '    headers:',
          `      Authorization: ${quoted(`Bearer ${key}`)}`,
          '    timeout: 300',
        ].join('\n'),
    },
    deepLink: null,
    command: null,
    next: 'put it below `extensions` in ~/.config/goose/config.yaml and start a new session',
  },
  raw: {
    title: 'Any client (JSON to paste)',
    docs: 'https://modelcontextprotocol.io/docs',
    file: null,
    container: 'mcpServers',
    entry: typedEntry,
    paste: null,
    deepLink: null,
    command: null,
    next: 'paste it into the configuration of your client',
  },
}
