import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BodyInputOf } from '#api/contract.ts'
import type { Cli } from '../cli.ts'
import { usageFailure } from '../failure.ts'
import { readNamedSources } from '../secret-source.ts'

type Definition = BodyInputOf<'createDeployment'>
type OpenApiInput = Extract<Definition['spec'], { kind: 'openapi' }>

export interface OpenApiFlags {
  readonly openapi: string | undefined
  readonly operation: readonly string[]
  readonly exclude: readonly string[]
  readonly server: string | undefined
  readonly auth: readonly string[]
  readonly header: readonly string[]
  readonly env: readonly string[]
  readonly input: readonly string[]
  readonly egress: readonly string[]
  readonly file: readonly string[]
  readonly json: string | undefined
  readonly isolation: unknown
  readonly 'dry-run': boolean
}

const HELP = 'sallyport deployment add --help'

/** The specification of an API by its document: a URL, which the server fetches itself, or a file, whose text is sent. */
export async function openApiSpec(document: string, flags: OpenApiFlags, cli: Cli): Promise<OpenApiInput> {
  const others = flags.env.length + flags.input.length + flags.egress.length + flags.file.length
  if (others > 0 || flags.isolation !== undefined || flags.json !== undefined)
    throw usageFailure(
      'An API is called and not run',
      '--openapi goes with --operation, --exclude, --server, --auth, --header and --access.',
      HELP,
    )
  const valuesOf = async (kind: 'header' | 'auth'): Promise<Record<string, string>> =>
    flags['dry-run']
      ? Object.fromEntries(flags[kind].map((pair) => [pair.split('=')[0]!, '']))
      : await readNamedSources(flags[kind], cli, kind)
  return {
    kind: 'openapi',
    document: /^https?:\/\//i.test(document) ? { url: document } : { text: readFileSync(resolve(cli.program.cwd, document), 'utf8') },
    server: flags.server ?? null,
    operations: { include: [...flags.operation], exclude: [...flags.exclude] },
    headers: await valuesOf('header'),
    auth: await valuesOf('auth'),
  }
}

/** Says what is missing or too much before anything is read. */
export function assertOpenApiAlone(args: readonly string[], rest: readonly string[] | null): string {
  const [name] = args
  if (name === undefined)
    throw usageFailure(
      'The name of the deployment is missing',
      'An OpenAPI document is given with a name: deployment add NAME --openapi URL_OR_FILE',
      HELP,
    )
  if (args.length > 1 || rest !== null)
    throw usageFailure('More than one source is given', 'Beside --openapi there is the name alone.', HELP)
  return name
}

/** Flags that mean something only beside `--openapi`. */
export function assertNoOpenApiFlags(flags: Pick<OpenApiFlags, 'operation' | 'exclude' | 'server' | 'auth'>): void {
  if (flags.operation.length + flags.exclude.length + flags.auth.length > 0 || flags.server !== undefined)
    throw usageFailure(
      '--operation, --exclude, --server and --auth belong to --openapi',
      'Name the document with --openapi URL_OR_FILE.',
      HELP,
    )
}
