import { dirname } from 'node:path'
import { LIMITS } from '#std/index.ts'

/** A folder or file of the host as the sandbox sees it. */
export interface Mount {
  /** On the host, without symbolic links. */
  readonly source: string
  /** In the sandbox. */
  readonly target: string
  readonly mode: 'ro' | 'rw'
}

export interface Link {
  readonly target: string
  readonly at: string
}

/** Everything a sandbox is made of. Computed from the approved launch specification and this host, never from what an artifact says. */
export interface SandboxPlan {
  /**
   * `own-uid`: bubblewrap runs as root, builds the mounts, and `setpriv` inside drops to `uid` for good. `user-namespace`:
   * bubblewrap runs as the user we are.
   */
  readonly method: 'own-uid' | 'user-namespace'
  readonly uid: number
  readonly mounts: readonly Mount[]
  readonly links: readonly Link[]
  /** Folders hidden behind an empty one, although a mount above would show them. */
  readonly masks: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The unix socket folder of the egress proxy on the host; null: no network at all. */
  readonly egressFolder: string | null
  /** As the sandbox sees it. */
  readonly argv: readonly string[]
}

/** Where our own files lie inside a sandbox. */
export const SANDBOX_FOLDER = '/sallyport'
export const SANDBOX_NODE = `${SANDBOX_FOLDER}/bin/node`
export const SANDBOX_RELAY = `${SANDBOX_FOLDER}/egress-relay.ts`
export const SANDBOX_EGRESS_FOLDER = `${SANDBOX_FOLDER}/egress`
/** Made by the kernel or by us inside every sandbox: nothing of the host appears there. */
export const KERNEL_FOLDERS = ['/proc', '/sys', '/dev', SANDBOX_FOLDER]
export const EGRESS_SOCKET_NAME = 'proxy.sock'
export const EGRESS_RELAY_PORT = 3128

/** File descriptors that bubblewrap inherits, in the order of the child's stdio array. */
export const FD = { options: 3, filter: 4, info: 5, gate: 6, passwd: 7 } as const

export interface SandboxCommand {
  /** Read by bubblewrap from `FD.options`, so that no secret of the environment stands in a process list. */
  readonly options: readonly string[]
  /** What bubblewrap executes. */
  readonly command: readonly string[]
  /** Contents of `/etc/passwd`: the one user there is. */
  readonly passwd: string
}

const DROP_EVERYTHING = ['--clear-groups', '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all']

/** The whole argument list of a sandbox. Pure: the same plan gives the same list (R7). */
export function sandboxCommand(plan: SandboxPlan): SandboxCommand {
  const options = [...namespaces(plan.method), '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL']
  // Only setpriv runs with these, and it gives them up before the server starts.
  if (plan.method === 'own-uid') options.push('--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP')
  options.push('--hostname', 'sallyport')
  options.push('--proc', '/proc', '--dev', '/dev', '--size', String(LIMITS.sandboxTmpBytesMax), '--perms', '1777', '--tmpfs', '/tmp')
  const mounts = plan.mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1))
  const egress = plan.egressFolder === null ? [] : [{ source: plan.egressFolder, target: SANDBOX_EGRESS_FOLDER, mode: 'ro' } as const]
  options.push(...folders([...mounts, ...egress].map((mount) => mount.target)))
  for (const link of plan.links) options.push('--symlink', link.target, link.at)
  const hidden = (path: string): boolean => plan.masks.some((mask) => isInside(path, mask))
  for (const mount of mounts) if (!hidden(mount.target)) options.push(...bind(mount))
  for (const mask of plan.masks) if (mounts.some((mount) => isInside(mask, mount.target))) options.push('--perms', '0755', '--tmpfs', mask)
  const shown = mounts.filter((mount) => hidden(mount.target))
  options.push(...folders(shown.map((mount) => mount.target)))
  for (const mount of [...shown, ...egress]) options.push(...bind(mount))
  options.push('--perms', '0755', '--dir', '/etc', '--perms', '0444', '--ro-bind-data', String(FD.passwd), '/etc/passwd')
  options.push('--remount-ro', '/', '--chdir', plan.cwd)
  for (const [name, value] of Object.entries(plan.env)) options.push('--setenv', name, value)
  options.push('--seccomp', String(FD.filter), '--info-fd', String(FD.info), '--block-fd', String(FD.gate))
  return {
    options,
    command: [...limits(), ...identity(plan), ...relay(plan), ...plan.argv],
    passwd: `server:x:${plan.uid}:${plan.uid}::/tmp:/bin/false\n`,
  }
}

function namespaces(method: SandboxPlan['method']): string[] {
  // `--unshare-all` alone only tries the user namespace; `--unshare-user` fails when there is none.
  if (method === 'user-namespace') return ['--unshare-all', '--unshare-user', '--disable-userns']
  return ['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try']
}

/** Applied inside, where RLIMIT_NPROC counts the sandbox alone. */
function limits(): string[] {
  return [
    `${SANDBOX_FOLDER}/bin/prlimit`,
    `--data=${LIMITS.sandboxDataBytesMax}`,
    `--nofile=${LIMITS.sandboxOpenFilesMax}`,
    `--nproc=${LIMITS.sandboxProcessesMax}`,
    `--fsize=${LIMITS.sandboxFileBytesMax}`,
    '--core=0',
    '--',
  ]
}

function identity(plan: SandboxPlan): string[] {
  if (plan.method === 'user-namespace') return []
  return [`${SANDBOX_FOLDER}/bin/setpriv`, `--reuid=${plan.uid}`, `--regid=${plan.uid}`, ...DROP_EVERYTHING, '--']
}

function relay(plan: SandboxPlan): string[] {
  return plan.egressFolder === null ? [] : [SANDBOX_NODE, SANDBOX_RELAY]
}

function bind(mount: Mount): string[] {
  return [mount.mode === 'ro' ? '--ro-bind' : '--bind', mount.source, mount.target]
}

/** Bubblewrap makes missing parents 0700, which an own user id could not enter. */
function folders(targets: readonly string[]): string[] {
  const all = new Set<string>()
  for (const target of targets) for (let path = dirname(target); path !== '/'; path = dirname(path)) all.add(path)
  return [...all].toSorted().flatMap((path) => ['--perms', '0755', '--dir', path])
}

/** Whether `path` is `folder` or lies below it. Both absolute and normal. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}
