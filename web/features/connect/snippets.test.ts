import { describe, expect, it } from 'vitest'
import { CLIENTS } from '#cli/clients.ts'
import { entryNameOf, snippetsOf } from './snippets.ts'

const endpoint = { name: 'dev', url: 'http://127.0.0.1:7255/mcp/dev', title: 'Dev' }
const of = (id: string, key: string | null) => snippetsOf(CLIENTS[id]!, endpoint, key)

describe('what connects a client', () => {
  it.each(Object.keys(CLIENTS))('holds no key of %s until there is one, then exactly that', (id) => {
    const without = JSON.stringify(of(id, null))
    expect(without).not.toContain('sp_')
    expect(without).toContain('$SALLYPORT_KEY')
    const { paste, deepLink } = of(id, 'sp_secret')
    expect(paste.text).toContain('Bearer sp_secret')
    expect(paste.text).not.toContain('SALLYPORT_KEY')
    expect(deepLink ?? '').not.toContain('sp_secret')
  })

  it('puts the key where the command expands it', () => {
    expect(of('claude-code', 'sp_secret').command!.text).toBe(
      'claude mcp add --scope user --transport http --header "Authorization: Bearer sp_secret" sallyport-dev http://127.0.0.1:7255/mcp/dev',
    )
  })

  it('sets the variable first where the command only names it', () => {
    expect(of('codex', 'sp_secret').command!.text).toBe(
      "export SALLYPORT_KEY='sp_secret'\ncodex mcp add sallyport-dev --url http://127.0.0.1:7255/mcp/dev --bearer-token-env-var SALLYPORT_KEY",
    )
  })

  it('says when a command leaves the key out', () => {
    expect(of('vscode', 'sp_secret').command).toMatchObject({ holdsKey: false })
    expect(of('vscode', 'sp_secret').command!.text).not.toContain('sp_secret')
  })

  it('names the file and the entry as the command line does', () => {
    expect(of('cursor', null).paste.file).toBe('~/.cursor/mcp.json')
    expect(of('codex', null).paste.file).toBe('~/.codex/config.toml')
    expect(of('raw', null).paste.file).toBe(null)
    expect(entryNameOf(endpoint)).toBe('sallyport-dev')
    expect(entryNameOf({ name: null })).toBe('sallyport')
  })
})
