import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { keptApi, textOf } from '#runtime/openapi/testing.ts'
import { loadDeclared } from './index.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guides/openapi.md'), 'utf8')

/** The first block of the guide in this language. */
function blockOf(language: string): string {
  const from = GUIDE.indexOf(`\`\`\`${language}\n`) + language.length + 4
  return GUIDE.slice(from, GUIDE.indexOf('\n```', from) + 1)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('what the guide shows runs as it says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  writeFileSync(join(folder, 'notes.mjs'), blockOf('js'))
  writeFileSync(join(folder, 'notes.yaml'), blockOf('yaml'))
  writeFileSync(join(folder, 'sallyport.json'), blockOf('json').replace(':4000', `:${port}`))
  const notes = spawn(process.execPath, ['notes.mjs'], { cwd: folder, env: { PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    notes.kill()
    await once(notes, 'exit')
  })
  await once(notes.stdout, 'data')

  const sealed: Record<string, string> = {}
  const set = await loadDeclared({
    path: join(folder, 'sallyport.json'),
    tenant: 'default',
    env: { NOTES_KEY: 'let-me-in' },
    openSecret: async () => undefined,
    seal: (name, text) => (sealed[name] = text),
    liveNames: new Set(),
    settingNames: [],
  })
  expect(set.warnings).toEqual([])
  const api = keptApi(set.deployments[0]!, sealed)
  expect(await api.until(({ state }) => state === 'ready')).toMatchObject({ toolCount: 2 })
  expect(textOf(await api.call('listNotes'))).toBe('{"notes":[{"id":1,"text":"Buy milk"}]}')
  expect((await api.call('getNote', { id: 1 }))['structuredContent']).toEqual({ id: 1, text: 'Buy milk' })
  expect(await api.call('getNote', { id: 2 })).toMatchObject({
    isError: true,
    content: [{ text: 'notes answered 404 Not Found.\n\n{"error":404}' }],
  })
})
