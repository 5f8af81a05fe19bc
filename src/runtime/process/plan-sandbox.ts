import { existsSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LIMITS, Problem } from '#std/index.ts'
import type { FileGrant, ProcessSpec } from '../model.ts'
import type { SandboxTools } from './probe-isolation.ts'
import type { Program } from './program.ts'
import {
  EGRESS_RELAY_PORT,
  isInside,
  KERNEL_FOLDERS,
  type Mount,
  SANDBOX_FOLDER,
  SANDBOX_NODE,
  SANDBOX_RELAY,
  type SandboxPlan,
} from './sandbox.ts'

export interface PlanInput {
  /** For the words of problems and remedies. */
  readonly name: string
  readonly spec: ProcessSpec
  readonly program: Program
  /** The environment of the specification with secrets opened. */
  readonly env: Readonly<Record<string, string>>
  readonly tools: SandboxTools
  readonly uid: number
  readonly egressFolder: string | null
  readonly dataDir: string
}

const RELAY_FILE = fileURLToPath(new URL('./egress-relay.ts', import.meta.url))
/** The loader and the C library act on these before our own steps inside the sandbox are done. */
const LOADER_NAMES = /^(LD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH)$/
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The plan of a sandbox for one approved specification. Throws a `Problem` for what must not be granted. */
export function planSandbox(input: PlanInput): SandboxPlan {
  const { spec, program, tools, egressFolder, dataDir } = input
  const grants = spec.files.map((grant) => grantMount(input, grant, dataDir))
  refuseNestedGrants(input, grants)
  const own: Mount[] = [tool(tools.prlimit, `${SANDBOX_FOLDER}/bin/prlimit`)]
  if (tools.method === 'own-uid' && tools.setpriv !== null) own.push(tool(tools.setpriv, `${SANDBOX_FOLDER}/bin/setpriv`))
  if (program.sandboxFile === SANDBOX_NODE || egressFolder !== null) own.push(tool(process.execPath, SANDBOX_NODE))
  if (egressFolder !== null) own.push(tool(RELAY_FILE, SANDBOX_RELAY))
  const mounts = uniqueByTarget([...own, ...program.view.mounts, ...grants])
  return {
    method: tools.method,
    uid: input.uid,
    mounts,
    links: program.view.links,
    masks: [dataDir],
    env: environmentOf(input),
    cwd: workingFolder(input, mounts),
    egressFolder,
    argv: [program.sandboxFile, ...program.args],
  }
}

const tool = (source: string, target: string): Mount => ({ source: realpathSync(source), target, mode: 'ro' })

function grantMount(input: PlanInput, grant: FileGrant, dataDir: string): Mount {
  const target = resolve(grant.path)
  if (!isAbsolute(grant.path)) throw refused(input, grant, 'is not absolute')
  if (target === '/' || KERNEL_FOLDERS.some((folder) => isInside(target, folder))) throw refused(input, grant, 'belongs to the system')
  if (!existsSync(target)) throw refused(input, grant, 'does not exist')
  const source = realpathSync(target)
  if (isInside(source, dataDir) || isInside(target, dataDir)) throw refused(input, grant, 'lies in the data folder of Sallyport')
  if (KERNEL_FOLDERS.some((folder) => isInside(source, folder))) throw refused(input, grant, 'leads to a folder of the system')
  checkAccess(input, grant, source)
  return { source, target, mode: grant.mode }
}

/** A writable grant could swap what lies in it for a link to somewhere else before the next start (R7). */
function refuseNestedGrants(input: PlanInput, grants: readonly Mount[]): void {
  for (const outer of grants.filter((grant) => grant.mode === 'rw')) {
    const inner = grants.find((grant) => grant !== outer && (isInside(grant.target, outer.target) || isInside(grant.source, outer.source)))
    if (inner !== undefined)
      throw refused(input, { path: inner.target, mode: inner.mode }, `lies inside ${outer.target}, which is writable`)
  }
}

/** With a user id of its own, a server may find a granted folder closed: better said now than guessed from EACCES. */
function checkAccess({ name, uid, tools }: PlanInput, grant: FileGrant, source: string): void {
  if (tools.method !== 'own-uid') return
  const { mode, uid: owner, gid } = statSync(source)
  const needed = grant.mode === 'rw' ? 0o6 : 0o4
  const granted = owner === uid ? mode >> 6 : gid === uid ? mode >> 3 : mode
  if ((granted & needed) === needed) return
  const remedy = `setfacl -R -m u:${uid}:${grant.mode === 'rw' ? 'rwX' : 'rX'} ${grant.path}, or chown it to ${uid}`
  // Access lists are not in the mode bits; where one exists the group bits show its mask.
  if ((mode & 0o070) !== 0 && (mode & 0o007) === 0 && gid !== uid && owner !== uid && ((mode >> 3) & needed) === needed) return
  throw new Problem(
    'upstream-down',
    `${grant.path} is not ${grant.mode === 'rw' ? 'writable' : 'readable'} for user id ${uid}, as which ${name} runs.`,
    { remedy },
  )
}

function refused({ name }: PlanInput, grant: FileGrant, why: string): Problem {
  return new Problem('invalid-input', `${grant.path} cannot be granted to ${name}: it ${why}.`, {
    remedy: 'Remove or correct this path under "files" of the deployment.',
  })
}

function environmentOf({ name, env, egressFolder }: PlanInput): Record<string, string> {
  for (const key of Object.keys(env)) {
    if (LOADER_NAMES.test(key) || !ENVIRONMENT_NAME.test(key)) {
      throw new Problem('invalid-input', `The environment name ${JSON.stringify(key)} is not accepted for ${name}.`, {
        remedy: 'Remove it from "env" of the deployment.',
      })
    }
  }
  return {
    ...programEnvironment(env, `${SANDBOX_FOLDER}/bin:/usr/local/bin:/usr/bin:/bin`),
    ...(egressFolder === null ? {} : proxyEnvironment()),
  }
}

/** The environment of a server: what its specification names, and the few names every program expects. */
export function programEnvironment(env: Readonly<Record<string, string>>, path: string): Record<string, string> {
  const heap = `--max-old-space-size=${LIMITS.sandboxHeapMegabytesMax}`
  const options = env['NODE_OPTIONS']
  return {
    PATH: path,
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    ...env,
    NODE_OPTIONS: options === undefined ? heap : `${heap} ${options}`,
  }
}

function proxyEnvironment(): Record<string, string> {
  const proxy = `http://127.0.0.1:${EGRESS_RELAY_PORT}`
  return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy, NODE_USE_ENV_PROXY: '1' }
}

function workingFolder({ name, spec }: PlanInput, mounts: readonly Mount[]): string {
  if (spec.cwd === null) return '/tmp'
  const folder = resolve(spec.cwd)
  if (folder === '/tmp' || mounts.some((mount) => isInside(folder, mount.target))) return folder
  throw new Problem('upstream-down', `${name} wants to work in ${folder}, which it was not granted.`, {
    remedy: `sallyport deployment grant ${name} --file ${folder}:ro`,
  })
}

function uniqueByTarget(mounts: readonly Mount[]): Mount[] {
  // A grant comes last and decides the mode.
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()]
}
