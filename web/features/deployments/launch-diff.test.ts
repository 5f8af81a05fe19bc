import { describe, expect, it } from 'vitest'
import type { ApiSpec, ProcessSpec } from './deployment-model.ts'
import { diffLaunch, isSameLaunch, specOfInput } from './launch-diff.ts'

const spec: ProcessSpec = {
  kind: 'process',
  command: 'npx',
  args: ['-y', 'mcp'],
  env: { TOKEN: { secret: 'deployment/a/env/TOKEN' } },
  cwd: null,
  files: [{ path: '/srv', mode: 'ro' }],
  egress: ['a.example:443'],
  isolation: 'medium',
}
const changes = (after: ProcessSpec) =>
  diffLaunch(spec, after)
    .filter(({ change }) => change !== 'same')
    .map(({ part, text, change }) => [change, part, text])

describe('the difference between two launches', () => {
  it('is nothing between equal ones', () => expect(changes({ ...spec })).toEqual([]))

  it('names each part that goes or comes', () => {
    expect(changes({ ...spec, args: ['-y', 'mcp', 'a b'], egress: [], files: [{ path: '/srv', mode: 'rw' }] })).toEqual([
      ['removed', 'Runs', 'npx -y mcp'],
      ['added', 'Runs', "npx -y mcp 'a b'"],
      ['removed', 'Network', 'a.example:443'],
      ['removed', 'File', '/srv (read only)'],
      ['added', 'File', '/srv (read and write)'],
    ])
  })

  it('says that a value is new, and never the value', () => {
    const after = specOfInput('a', {
      kind: 'process',
      command: 'npx',
      args: ['-y', 'mcp'],
      env: { TOKEN: 's3cret' },
      egress: ['a.example:443'],
      files: [{ path: '/srv', mode: 'ro' }],
    })
    const lines = diffLaunch(spec, after)
    expect(lines.filter(({ change }) => change === 'added').map(({ text }) => text)).toEqual([
      'TOKEN from deployment/a/env/TOKEN (new value)',
    ])
    expect(JSON.stringify(lines)).not.toContain('s3cret')
  })
})

describe('whether what was stored is what was reviewed', () => {
  it('is told by every part', () => {
    expect(isSameLaunch(spec, { ...spec })).toBe(true)
    for (const other of [
      { command: 'node' },
      { args: ['-y', 'evil'] },
      { args: ['-y', 'mcp', '--more'] },
      { egress: [] },
      { files: [{ path: '/srv', mode: 'rw' as const }] },
      { cwd: '/srv' },
      { isolation: 'none' as const },
      { env: {} },
      { env: { TOKEN: { secret: 'other' } } },
    ])
      expect(isSameLaunch(spec, { ...spec, ...other })).toBe(false)
    expect(isSameLaunch(spec, { kind: 'remote', url: 'https://a.example', headers: {} })).toBe(false)
  })

  it('takes an argument that the server hides for the one that was sent', () => {
    const reviewed = { ...spec, args: ['--key=abc', 'sk-123'] }
    expect(isSameLaunch(reviewed, { ...spec, args: ['--key=…', '…'] })).toBe(true)
    expect(isSameLaunch(reviewed, { ...spec, args: ['--other=…', '…'] })).toBe(false)
  })

  it('takes new values for the entries that they become', () => {
    const input = {
      kind: 'process' as const,
      command: 'npx',
      args: ['-y', 'mcp'],
      env: { TOKEN: 'x' },
      egress: ['a.example:443'],
      files: [{ path: '/srv', mode: 'ro' as const }],
    }
    expect(isSameLaunch(specOfInput('a', input), spec)).toBe(true)
    expect(isSameLaunch(specOfInput('b', input), spec)).toBe(false)
  })
})

describe('an API', () => {
  const api: ApiSpec = {
    kind: 'openapi',
    document: { url: 'https://docs.example.com/openapi.json', sha256: 'aa' },
    server: null,
    operations: { include: ['GET *'], exclude: ['GET /admin*'] },
    headers: { 'X-Team': { secret: null } },
    auth: { key: { secret: 'deployment/a/auth/key' } },
  }

  it('shows the document that is approved, and which of its operations', () => {
    expect(
      diffLaunch(api, { ...api, document: { ...api.document, sha256: 'bb' } }).map(({ change, part, text }) => [change, part, text]),
    ).toEqual([
      ['same', 'Calls', 'the first server that the document names'],
      ['removed', 'Document', 'https://docs.example.com/openapi.json (SHA-256 aa)'],
      ['added', 'Document', 'https://docs.example.com/openapi.json (SHA-256 bb)'],
      ['same', 'Operation', 'GET *'],
      ['same', 'Operation', 'not GET /admin*'],
      ['same', 'Header', 'X-Team'],
      ['same', 'Credential', 'key from deployment/a/auth/key'],
    ])
  })

  it('is what was reviewed when only its digest was found out', () => {
    const input = { kind: 'openapi' as const, document: { url: 'https://docs.example.com/openapi.json' }, auth: { key: 'x' } }
    const stored: ApiSpec = { ...api, operations: { include: [], exclude: [] }, headers: {} }
    expect(isSameLaunch(specOfInput('a', input), stored)).toBe(true)
    expect(isSameLaunch(specOfInput('a', { ...input, server: 'https://evil.example' }), stored)).toBe(false)
    expect(isSameLaunch(specOfInput('a', input), api)).toBe(false)
  })
})
