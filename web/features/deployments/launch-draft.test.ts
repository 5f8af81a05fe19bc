import { describe, expect, it } from 'vitest'
import { draftFaults, draftsOf, inputOf, launchFaults, launchOfSpec, nameFault, specInputOf, unseenPaths } from './launch-draft.ts'

const [draft] = draftsOf([
  {
    definition: {
      name: 'git',
      title: 'Git',
      access: 'tenant',
      spec: {
        kind: 'process',
        command: 'npx',
        args: ['-y', 'mcp-git', '--root=${input:root}'],
        env: { TOKEN: 'Bearer ${input:pat}', PLAIN: 'x' },
        cwd: null,
        files: [],
        egress: ['${input:host}:443'],
        isolation: 'medium',
      },
    },
    inputs: [
      { id: 'root', description: '', isSecret: false },
      { id: 'pat', description: '', isSecret: true },
      { id: 'host', description: '', isSecret: false },
    ],
    warnings: [],
  },
])

const answered = {
  ...draft!,
  inputs: draft!.inputs.map((input) => ({ ...input, value: { root: '/srv/r', pat: 's3cret', host: 'github.com' }[input.id]! })),
}

describe('a server that is to be added', () => {
  it('asks for every input before it is sent', () => {
    expect(Object.keys(draftFaults(draft!, []))).toEqual(expect.arrayContaining(['input:root', 'input:pat', 'input:host']))
    expect(draftFaults(answered, [])).toEqual({})
  })

  it('puts the answers everywhere their placeholders stand and keeps what the text said beside', () => {
    expect(inputOf(answered)).toEqual({
      name: 'git',
      title: 'Git',
      access: 'tenant',
      spec: {
        kind: 'process',
        command: 'npx',
        args: ['-y', 'mcp-git', '--root=/srv/r'],
        env: { TOKEN: 'Bearer s3cret', PLAIN: 'x' },
        cwd: null,
        files: [],
        egress: ['github.com:443'],
        isolation: 'medium',
      },
    })
  })

  it('does not fill answers into answers', () => {
    const tricky = {
      ...answered,
      inputs: answered.inputs.map((input) => (input.id === 'root' ? { ...input, value: '${input:pat}' } : input)),
    }
    expect(inputOf(tricky).spec).toMatchObject({ args: ['-y', 'mcp-git', '--root=${input:pat}'] })
  })

  it.each([
    ['', 'Give it a name.'],
    ['Git', 'Use small letters, digits and “-”.'],
    ['sse', 'This name is reserved; choose another.'],
    ['taken', 'Another server has this name.'],
    ['x'.repeat(65), 'Use at most 64 characters.'],
    ['git-2', null],
  ])('judges the name %j', (name, fault) => expect(nameFault(name, ['taken'])).toBe(fault))
})

describe('a launch that is edited', () => {
  it('keeps values in the vault unless others are typed', () => {
    const launch = launchOfSpec({
      kind: 'remote',
      url: 'https://a.example/mcp',
      headers: { Authorization: { secret: 'deployment/a/header/authorization' } },
    })
    expect(specInputOf(launch)).toMatchObject({ headers: { Authorization: 'vault:deployment/a/header/authorization' } })
    const typed = { ...launch, pairs: launch.pairs.map((pair) => ({ ...pair, value: 'new' })) }
    expect(specInputOf(typed)).toMatchObject({ headers: { Authorization: 'new' } })
  })

  it('refuses to send back what the server hid', () => {
    const hidden = launchOfSpec({
      kind: 'process',
      command: 'x',
      args: ['--api-key', '…', '--b=…', 'wait…'],
      env: {},
      cwd: null,
      files: [],
      egress: [],
      isolation: 'medium',
    })
    expect(launchFaults(hidden)).toHaveProperty('args')
    expect(launchFaults({ ...hidden, args: ['wait…'] })).toEqual({})
    expect(launchFaults(launchOfSpec({ kind: 'remote', url: 'https://a.example/mcp?key=…', headers: {} }))).toHaveProperty('url')
  })

  it('finds names that stand twice, headers in any case', () => {
    const pair = { value: 'v', kept: null }
    const launch = {
      ...launchOfSpec({ kind: 'remote', url: 'https://a.example', headers: {} }),
      pairs: [
        { id: 0, name: 'X-A', ...pair },
        { id: 1, name: 'x-a', ...pair },
      ],
    }
    expect(Object.keys(launchFaults(launch))).toEqual(['pair:0', 'pair:1'])
    expect(
      Object.keys(
        launchFaults({
          ...launch,
          pairs: [
            { id: 0, name: '', value: 'v', kept: null },
            { id: 1, name: 'B', value: '', kept: null },
          ],
        }),
      ),
    ).toEqual(['pair:0', 'pair:1'])
  })

  it.each(['ftp://a.example', 'a.example', '', 'javascript:alert(1)'])('refuses the address %j', (url) => {
    expect(launchFaults({ ...launchOfSpec({ kind: 'remote', url, headers: {} }) })).toHaveProperty('url')
  })

  it('finds the paths that the sandbox would not show', () => {
    const launch = launchOfSpec({
      kind: 'process',
      command: 'node',
      args: ['/a/b.js', '--root=/c/', '-x', '/d/e/f', '/d/../e', '/tmp'],
      env: {},
      cwd: null,
      files: [{ path: '/d', mode: 'ro' }],
      egress: [],
      isolation: 'medium',
    })
    expect(unseenPaths(launch)).toEqual(['/a/b.js', '/c'])
  })
})
