import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ProcessSpec } from '../model.ts'
import { projectOf } from './host-programs.ts'
import { planSandbox } from './plan-sandbox.ts'
import type { SandboxTools } from './probe-isolation.ts'
import type { Program } from './program.ts'
import { sandboxCommand, type SandboxPlan } from './sandbox.ts'

const PLAN: SandboxPlan = {
  method: 'user-namespace',
  uid: 1000,
  mounts: [
    { source: '/usr/lib', target: '/usr/lib', mode: 'ro' },
    { source: '/opt/node', target: '/sallyport/bin/node', mode: 'ro' },
  ],
  links: [{ target: 'usr/lib', at: '/lib' }],
  masks: ['/var/sallyport'],
  env: { PATH: '/sallyport/bin', TOKEN: 'canary' },
  cwd: '/tmp',
  egressFolder: null,
  argv: ['/sallyport/bin/node', '/pkg/server.js'],
}

const change = (part: Partial<SandboxPlan>): string => sandboxCommand({ ...PLAN, ...part }).options.join(' ')

describe('the arguments of a sandbox', () => {
  it('are these, for a user without rights', () => {
    expect(change({})).toBe(
      '--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --cap-drop ALL --hostname sallyport ' +
        '--proc /proc --dev /dev --size 67108864 --perms 1777 --tmpfs /tmp ' +
        '--perms 0755 --dir /sallyport --perms 0755 --dir /sallyport/bin --perms 0755 --dir /usr --symlink usr/lib /lib ' +
        '--ro-bind /opt/node /sallyport/bin/node --ro-bind /usr/lib /usr/lib ' +
        '--perms 0755 --dir /etc --perms 0444 --ro-bind-data 7 /etc/passwd ' +
        '--remount-ro / --chdir /tmp --setenv PATH /sallyport/bin --setenv TOKEN canary --seccomp 4 --info-fd 5 --block-fd 6',
    )
  })

  it('bound the program inside, whose arguments come last', () => {
    expect(sandboxCommand(PLAN).command).toEqual([
      '/sallyport/bin/prlimit',
      '--data=1073741824',
      '--nofile=256',
      '--nproc=256',
      '--fsize=67108864',
      '--core=0',
      '--',
      '/sallyport/bin/node',
      '/pkg/server.js',
    ])
  })

  it('as root, give the program a user id of its own and no way back', () => {
    const { options, command } = sandboxCommand({ ...PLAN, method: 'own-uid', uid: 210_007 })
    expect(options.slice(0, 15).join(' ')).toBe(
      '--unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try --die-with-parent --new-session --clearenv --cap-drop ALL --cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add',
    )
    expect(command.slice(7, 16).join(' ')).toBe(
      '/sallyport/bin/setpriv --reuid=210007 --regid=210007 --clear-groups --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all --',
    )
  })

  it('always leave out the network, and add only the socket of the proxy when egress is granted', () => {
    expect(change({ egressFolder: '/tmp/e' })).toBe(
      change({}).replace('--perms 0755 --dir /etc', '--ro-bind /tmp/e /sallyport/egress --perms 0755 --dir /etc'),
    )
    expect(sandboxCommand({ ...PLAN, egressFolder: '/tmp/e' }).command.slice(7, 9)).toEqual([
      '/sallyport/bin/node',
      '/sallyport/egress-relay.ts',
    ])
  })

  it('show a granted file as granted and nothing beside it', () => {
    const mounts = [...PLAN.mounts, { source: '/home/a/notes', target: '/home/a/notes', mode: 'rw' as const }]
    const added = change({ mounts })
      .replace('--perms 0755 --dir /home --perms 0755 --dir /home/a ', '')
      .replace('--bind /home/a/notes /home/a/notes ', '')
    expect(added).toBe(change({}))
  })

  it('hide the data folder behind an empty one where a mount would show it, except for the package that runs', () => {
    const mounts = [
      { source: '/var', target: '/var', mode: 'ro' as const },
      { source: '/var/sallyport/packages/p', target: '/var/sallyport/packages/p', mode: 'ro' as const },
    ]
    expect(change({ mounts })).toContain(
      '--ro-bind /var /var --perms 0755 --tmpfs /var/sallyport --perms 0755 --dir /var --perms 0755 --dir /var/sallyport --perms 0755 --dir /var/sallyport/packages --ro-bind /var/sallyport/packages/p /var/sallyport/packages/p',
    )
  })

  it('never stand in the process list with a secret: the environment goes through a pipe', () => {
    expect(sandboxCommand(PLAN).command.join(' ')).not.toContain('canary')
  })
})

const TOOLS: SandboxTools = { bwrap: '/bin/sh', prlimit: '/bin/sh', setpriv: '/bin/sh', method: 'user-namespace', cgroup: null }
const PROGRAM: Program = {
  hostFile: process.execPath,
  sandboxFile: '/sallyport/bin/node',
  args: ['/pkg/server.js'],
  view: { mounts: [], links: [] },
  installed: null,
}
const SPEC: ProcessSpec = { kind: 'process', command: 'node', args: [], env: {}, cwd: null, files: [], egress: [], isolation: 'medium' }

function plan(part: Partial<ProcessSpec>, env: Record<string, string> = {}): SandboxPlan {
  const input = { name: 'fixture', program: PROGRAM, env, tools: TOOLS, uid: 1000, egressFolder: null, dataDir: '/var/sallyport' }
  return planSandbox({ ...input, spec: { ...SPEC, ...part } })
}

describe('a plan', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-plan-')))
  mkdirSync(join(folder, 'inner'))
  symlinkSync('/proc', join(folder, 'kernel'))

  afterAll(() => rmSync(folder, { recursive: true }))

  it('takes nothing of our own environment over', () => {
    expect(plan({}, { ONLY: 'this' }).env).toEqual({
      PATH: '/sallyport/bin:/usr/local/bin:/usr/bin:/bin',
      HOME: '/tmp',
      TMPDIR: '/tmp',
      LANG: 'C.UTF-8',
      NODE_OPTIONS: '--max-old-space-size=256',
      ONLY: 'this',
    })
  })

  it.each(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'A=B', ''])('refuses the environment name %j', (name) => {
    expect(() => plan({}, { [name]: 'x' })).toThrow('is not accepted')
  })

  it.each([
    '/',
    '/proc',
    '/proc/1/root',
    '/sys/fs/cgroup',
    '/dev/kvm',
    '/sallyport/bin',
    '/var/sallyport',
    '/var/sallyport/cli.key',
    '/nowhere/at/all',
    'relative',
  ])('refuses the grant %s', (path) => {
    expect(() => plan({ files: [{ path, mode: 'ro' }] })).toThrow('cannot be granted')
  })

  it('refuses a grant that leads to the kernel through a link', () => {
    expect(() => plan({ files: [{ path: join(folder, 'kernel'), mode: 'ro' }] })).toThrow('leads to a folder of the system')
  })

  it('R7: refuses a grant inside a writable one, where the server could put a link', () => {
    const files = [
      { path: folder, mode: 'rw' as const },
      { path: join(folder, 'inner'), mode: 'ro' as const },
    ]
    expect(() => plan({ files })).toThrow('which is writable')
  })

  it('works only in a folder that is there', () => {
    expect(plan({ cwd: join(folder, 'inner'), files: [{ path: folder, mode: 'ro' }] }).cwd).toBe(join(folder, 'inner'))
    expect(() => plan({ cwd: '/home' })).toThrow('was not granted')
  })
})

describe('the folder of a program', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-home-')))
  const project = join(home, 'project')
  mkdirSync(join(project, 'src'), { recursive: true })
  writeFileSync(join(project, 'package.json'), '{}')

  afterAll(() => rmSync(home, { recursive: true }))

  it('is its project', () => {
    expect(projectOf(join(project, 'src/server.js'), [home])).toBe(project)
  })

  it('R7: is never one that holds the home or data folder, whatever marks lie there', () => {
    writeFileSync(join(home, 'package.json'), '{}')
    expect(projectOf(join(home, 'server.js'), [home])).toBe(join(home, 'server.js'))
    expect(projectOf(join(project, 'src/server.js'), [join(project, 'data')])).toBe(join(project, 'src/server.js'))
  })
})
