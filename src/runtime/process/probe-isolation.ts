import { execFile } from 'node:child_process'
import { LIMITS } from '#std/index.ts'
import type { IsolationLevel } from '../model.ts'
import { findMemoryCgroup, type MemoryCgroup } from './cgroup.ts'
import { findExecutable, type HostEnvironment } from './host-programs.ts'
import { closeInheritedDescriptors } from './inherited-descriptors.ts'
import type { SandboxPlan } from './sandbox.ts'
import { isFilterArchitecture } from './seccomp.ts'

/** What this machine can do to contain a process. */
export interface Isolation {
  readonly level: IsolationLevel
  /** Why it is not `strong`, or what makes it so. */
  readonly reason: string
  /** What the operator can do about it. */
  readonly remedy: string | null
  /** Null at level `none`. */
  readonly tools: SandboxTools | null
}

export interface SandboxTools {
  readonly bwrap: string
  readonly prlimit: string
  readonly setpriv: string | null
  readonly method: SandboxPlan['method']
  readonly cgroup: MemoryCgroup | null
}

const INSTALL_REMEDY = 'apt-get install bubblewrap util-linux'
const RANK = { none: 0, medium: 1, strong: 2 } as const satisfies Record<IsolationLevel, number>

export function isEnough(reached: IsolationLevel, wanted: IsolationLevel): boolean {
  return RANK[reached] >= RANK[wanted]
}

/** Tries a sandbox for real instead of guessing from kernel settings. */
export async function probeIsolation(environment: HostEnvironment): Promise<Isolation> {
  if (process.platform !== 'linux') return none(`this is ${process.platform}; sandboxes need Linux`, 'run Sallyport on Linux')
  if (!isFilterArchitecture(process.arch))
    return none(`there is no system-call filter for ${process.arch}`, 'run Sallyport on x86-64 or arm64')
  closeInheritedDescriptors()
  const bwrap = findExecutable('bwrap', environment)
  const prlimit = findExecutable('prlimit', environment)
  if (bwrap === undefined || prlimit === undefined)
    return none(`${bwrap === undefined ? 'bubblewrap (bwrap)' : 'prlimit'} is not installed`, INSTALL_REMEDY)
  const setpriv = findExecutable('setpriv', environment) ?? null
  const isRoot = process.getuid?.() === 0
  const asRoot =
    isRoot && setpriv !== null
      ? await tryCommand(bwrap, [
          '--unshare-ipc',
          '--unshare-pid',
          '--unshare-net',
          '--ro-bind',
          '/',
          '/',
          '--proc',
          '/proc',
          setpriv,
          '--reuid=210000',
          '--regid=210000',
          '--clear-groups',
          '/bin/true',
        ])
      : 'not root'
  // With the user namespace named, bubblewrap fails where there is none; `--unshare-all` alone would go on without.
  const asUser =
    asRoot === null
      ? null
      : await tryCommand(bwrap, [
          '--unshare-all',
          '--unshare-user',
          '--disable-userns',
          '--ro-bind',
          '/',
          '/',
          '--proc',
          '/proc',
          '/bin/true',
        ])
  if (asRoot !== null && asUser !== null) {
    return none(
      `bubblewrap cannot make a sandbox here: ${asUser}`,
      'allow unprivileged user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), then restart',
    )
  }
  const cgroup = findMemoryCgroup()
  const tools: SandboxTools = { bwrap, prlimit, setpriv, method: asRoot === null ? 'own-uid' : 'user-namespace', cgroup }
  if (isRoot && asRoot !== null)
    return { level: 'medium', reason: `sandboxes run without a user id of their own: ${asRoot}`, remedy: null, tools }
  if (cgroup === null)
    return {
      level: 'medium',
      reason: 'no memory cgroup can be made here; memory is bounded per process instead',
      remedy: 'run as root or under a delegated cgroup',
      tools,
    }
  return { level: 'strong', reason: `namespaces, system-call filter and memory cgroup v${cgroup.version}`, remedy: null, tools }
}

const none = (reason: string, remedy: string): Isolation => ({ level: 'none', reason, remedy, tools: null })

/** Null when the command succeeds, else what it said. */
function tryCommand(file: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: LIMITS.sandboxProbeMs, env: {}, cwd: '/' }, (error, _stdout, stderr) => {
      resolve(error === null ? null : stderr.trim().split('\n').at(-1) || error.message)
    })
  })
}
