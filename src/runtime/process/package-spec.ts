import { Problem } from '#std/index.ts'

/** What an `npx` or `uvx` line asks for. */
export interface PackageRequest {
  readonly tool: 'npx' | 'uvx'
  /** As the registry knows it: `name`, `name@version`, `name@range`, or for Python `name==version`. */
  readonly packageSpec: string
  /** The name of the package alone. */
  readonly packageName: string
  /** The program of the package to run; null: its only one, or the one named like the package. */
  readonly program: string | null
  readonly args: readonly string[]
}

const NPM_SPEC = /^(?<name>(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:@(?<version>[A-Za-z0-9.^~<>=|* +_-]{1,100}))?$/
const PYTHON_SPEC =
  /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[A-Za-z0-9,._-]+\])?(?:(?:==|@)(?<version>[A-Za-z0-9.+!_-]{1,100}))?$/

interface ToolOptions {
  readonly flags: ReadonlySet<string>
  readonly packageOptions: ReadonlySet<string>
  readonly pattern: RegExp
}

const TOOLS: Readonly<Record<PackageRequest['tool'], ToolOptions>> = {
  npx: {
    flags: new Set(['-y', '--yes', '-q', '--quiet', '--no-install', '--prefer-offline']),
    packageOptions: new Set(['-p', '--package']),
    pattern: NPM_SPEC,
  },
  uvx: { flags: new Set(['-q', '--quiet', '--offline', '--isolated']), packageOptions: new Set(['--from']), pattern: PYTHON_SPEC },
}

/** Reads the arguments of `npx` or `uvx`. Throws `invalid-input` for what is not a package of a registry: an URL, a folder, a git address. */
export function readPackageRequest(tool: PackageRequest['tool'], args: readonly string[]): PackageRequest {
  const { flags, packageOptions, pattern } = TOOLS[tool]
  let given: string | null = null
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index]!
    const [option = '', inline] = arg.startsWith('--') ? arg.split('=', 2) : [arg]
    if (packageOptions.has(option)) given = inline ?? args[++index] ?? ''
    else if (arg === '--') {
      index++
      break
    } else if (!arg.startsWith('-')) break
    else if (!flags.has(arg))
      throw new Problem('invalid-input', `${tool} ${arg} is not supported here.`, { remedy: `Use ${tool} PACKAGE[@VERSION] [ARGUMENT…].` })
  }
  const first = args[index]
  if (first === undefined && given === null)
    throw new Problem('invalid-input', `${tool} needs a package.`, { remedy: `Use ${tool} PACKAGE[@VERSION] [ARGUMENT…].` })
  const packageSpec = given ?? first!
  const name = pattern.exec(packageSpec)?.groups?.['name']
  if (name === undefined) {
    throw new Problem('invalid-input', `${JSON.stringify(packageSpec.slice(0, 200))} is not a package of a registry.`, {
      remedy: 'Name a published package, with a version if you like.',
    })
  }
  return { tool, packageSpec, packageName: name, program: given === null ? null : (first ?? null), args: args.slice(index + 1) }
}
