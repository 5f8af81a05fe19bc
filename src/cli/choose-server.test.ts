import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseServer, readRunningServer } from './choose-server.ts'
import type { Program } from './program.ts'
import { temporaryFolder } from './testing.ts'

interface Setting {
  readonly env?: Record<string, string>
  readonly login?: { url: string; key: string }
  readonly running?: unknown
  readonly localKey?: string
  readonly flag?: string
  readonly isNamed?: boolean
}

function server({ env = {}, login, running, localKey, flag, isNamed = false }: Setting): string {
  const home = temporaryFolder()
  const dataDir = join(home, 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  mkdirSync(join(home, '.config/sallyport'), { recursive: true })
  if (login !== undefined) writeFileSync(join(home, '.config/sallyport/login.json'), JSON.stringify(login), { mode: 0o600 })
  if (running !== undefined) writeFileSync(join(dataDir, 'server.json'), typeof running === 'string' ? running : JSON.stringify(running))
  if (localKey !== undefined) writeFileSync(join(dataDir, 'cli.key'), `${localKey}\n`, { mode: 0o600 })
  const found = chooseServer({ env, home } as Program, flag, { dataDir, port: 7255, isNamed })
  return `${found.url} from ${found.urlFrom} as ${found.key ?? 'nobody'}`
}

const login = { url: 'https://tools.example.com', key: 'sp_login' }
const running = { url: 'http://127.0.0.1:7300', pid: process.pid }
const dead = { url: 'http://127.0.0.1:7300', pid: 2 ** 22 + 1 }

describe('the server and the credential', () => {
  it.each<[string, Setting, string]>([
    ['nothing known', {}, 'http://127.0.0.1:7255 from settings as nobody'],
    ['a local server', { running, localKey: 'sp_local' }, 'http://127.0.0.1:7300 from running server as sp_local'],
    [
      'a stored login before the local server',
      { login, running, localKey: 'sp_local' },
      'https://tools.example.com from login as sp_login',
    ],
    [
      'SALLYPORT_URL before the login',
      { env: { SALLYPORT_URL: 'http://127.0.0.1:7300/' }, login, running, localKey: 'sp_local' },
      'http://127.0.0.1:7300 from SALLYPORT_URL as sp_local',
    ],
    [
      'the server of a data folder that was named before the login',
      { login, running, localKey: 'sp_local', isNamed: true },
      'http://127.0.0.1:7300 from running server as sp_local',
    ],
    [
      '--url before everything',
      { env: { SALLYPORT_URL: 'http://a.example' }, flag: 'https://tools.example.com/', login },
      'https://tools.example.com from --url as sp_login',
    ],
    [
      'SALLYPORT_KEY before everything',
      { env: { SALLYPORT_KEY: 'sp_env' }, running, localKey: 'sp_local' },
      'http://127.0.0.1:7300 from running server as sp_env',
    ],
    [
      'another spelling of this machine',
      { flag: 'http://localhost:7300', running, localKey: 'sp_local' },
      'http://localhost:7300 from --url as sp_local',
    ],
  ])('with %s', (_, setting, expected) => expect(server(setting)).toBe(expected))

  it.each<[string, Setting]>([
    ['a stored key to another host', { flag: 'https://evil.example', login }],
    ['a stored key over another scheme', { flag: 'http://tools.example.com', login }],
    ['the local key to another host', { flag: 'http://evil.example:7300', running, localKey: 'sp_local' }],
    ['the local key to a host that only looks local', { flag: 'http://127.0.0.1.evil.example:7300', running, localKey: 'sp_local' }],
    ['the local key to another port of this machine', { flag: 'http://127.0.0.1:7301', running, localKey: 'sp_local' }],
    ['the local key to whoever listens when our server is dead', { running: dead, localKey: 'sp_local' }],
    ['the local key to whoever listens when our server never ran', { localKey: 'sp_local' }],
    ['the local key when the note about our server is half written', { running: '{"url":"http://127', localKey: 'sp_local' }],
  ])('never sends %s', (_, setting) => expect(server(setting)).toMatch(/ as nobody$/))

  it('refuses an address with a password in it', () =>
    expect(() => server({ flag: 'http://a:b@127.0.0.1:7300' })).toThrow('holds a user name or password'))

  it.each<[string, Setting]>([
    ['the usual port', {}],
    ['the stored login', { login }],
    ['a server that died', { running: dead }],
  ])('never takes %s for the server of a data folder that was named', (_, setting) =>
    expect(() => server({ ...setting, localKey: 'sp_local', isNamed: true })).toThrow('No server runs on this data folder'),
  )

  it('asks no data folder when an address is given', () =>
    expect(server({ flag: 'https://tools.example.com', isNamed: true })).toBe('https://tools.example.com from --url as nobody'))

  it('takes no note of a server without one', () => expect(readRunningServer(temporaryFolder())).toBeUndefined())
})
