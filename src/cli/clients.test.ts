import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLIENTS } from './clients.ts'
import { keyring, ok, overview, run, startServer, temporaryFolder, type Handlers } from './testing.ts'

const ring = (): { handlers: Handlers; keys: ReturnType<typeof keyring>['keys'] } => {
  const { handlers, keys } = keyring()
  return { keys, handlers: { ...handlers, getOverview: () => ok(overview) } }
}

describe.each([
  [
    'gemini-cli',
    '.gemini/settings.json',
    { httpUrl: 'http://127.0.0.1:7255/mcp', headers: { Authorization: 'Bearer sp_secret-of-key-1' } },
  ],
  [
    'claude-desktop',
    '.config/Claude/claude_desktop_config.json',
    {
      args: ['-y', 'mcp-remote', 'http://127.0.0.1:7255/mcp', '--allow-http', '--header', 'Authorization:${SALLYPORT_AUTH}'],
      env: { SALLYPORT_AUTH: 'Bearer sp_secret-of-key-1' },
    },
  ],
])('client connect %s', (client, name, entry) => {
  it('writes what this client reads, and takes it out again after the file changed', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const home = temporaryFolder()
    const path = join(home, name)
    const { exit, stderr } = await run(['client', 'connect', client, '--yes'], { server, home })
    expect(exit).toBe(0)
    expect(stderr).not.toContain('sp_secret')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ mcpServers: { sallyport: entry } })
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`)
    expect(await run(['client', 'disconnect', client, '--yes'], { server, home })).toMatchObject({ exit: 0 })
    expect(readFileSync(path, 'utf8')).not.toContain('sallyport')
    expect(keys.size).toBe(0)
  })
})

describe('the table of clients', () => {
  it.each(Object.entries(CLIENTS))('%s puts no key into links and commands', (_, row) => {
    expect(JSON.stringify(row.entry('https://x/mcp', 'sp_key'))).toContain('Bearer sp_key')
    for (const text of [row.deepLink?.('sallyport', 'https://x/mcp'), row.command?.('sallyport', 'https://x/mcp')])
      expect(text ?? '').not.toContain('sp_')
  })

  it.each([
    [
      'codex',
      '[mcp_servers.sallyport]\nurl = "http://127.0.0.1:7255/mcp"\nhttp_headers = { Authorization = "Bearer sp_secret-of-key-1" }\n',
    ],
    ['goose', 'extensions:\n  sallyport:\n    enabled: true\n    type: streamable_http\n'],
  ])('prints for %s what its configuration is written in', async (client, text) => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const { exit, stdout } = await run(['client', 'connect', client], { server })
    expect(exit).toBe(0)
    expect(stdout.startsWith(text)).toBe(true)
    expect(stdout).toContain('"Bearer sp_secret-of-key-1"')
  })

  it('knows the folders of each system', () => {
    const path = (platform: string, env = {}) => CLIENTS['vscode']!.file!('user', { home: '/h', cwd: '/w', platform, env }).join('/')
    expect(path('linux')).toBe('/h/.config/Code/User/mcp.json')
    expect(path('linux', { XDG_CONFIG_HOME: '/c' })).toBe('/c/Code/User/mcp.json')
    expect(path('darwin')).toBe('/h/Library/Application Support/Code/User/mcp.json')
    expect(path('win32', { APPDATA: 'C:\\A' })).toBe('C:\\A/Code/User/mcp.json')
  })
})
