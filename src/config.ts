// Every setting: its name in the environment, its flag, its default and a sentence of documentation. The only file
// besides main.ts that reads process.env. Order of precedence: flag > environment > `settings` of the declared file > default.
import { existsSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { didYouMean, LIMITS, nearest } from '#std/index.ts'

const OWNER_KEY_LENGTH_MIN = 32
const OWNER_KEY_DIFFERENT_MIN = 12
const WORKERS_MAX = 256
const workersError = `must be \`auto\` or a whole number from 1 to ${WORKERS_MAX}`
const PREFIX = 'SALLYPORT_'
const ratioError = 'must be a number from 0 to 1'
const port = whole(0, 65_535)
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).transform((text) => text.replace(/\/+$/, ''))
const logLevel = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

interface SettingRow {
  readonly env: string
  readonly flag?: string
  readonly schema: z.ZodType
  readonly default?: unknown
  readonly isSecret?: boolean
  readonly doc: string
}

/** One row per setting; the documentation and `config show` are generated from it. */
export const SETTINGS = {
  host: {
    env: 'SALLYPORT_HOST',
    flag: 'host',
    schema: z.string().min(1),
    default: '127.0.0.1',
    doc: 'Address to listen on. Any other than loopback needs TLS (SALLYPORT_TLS_CERT or SALLYPORT_TRUSTED_PROXY) and an owner.',
  },
  port: { env: 'SALLYPORT_PORT', flag: 'port', schema: port, default: 7255, doc: 'Port to listen on; 0 takes any free one.' },
  publicUrl: {
    env: 'SALLYPORT_PUBLIC_URL',
    flag: 'public-url',
    schema: url,
    doc: 'Address under which clients reach this server: links, resource identifiers, allowed Host and Origin. Default: http://127.0.0.1:PORT, or https with a certificate.',
  },
  tlsCert: {
    env: 'SALLYPORT_TLS_CERT',
    flag: 'tls-cert',
    schema: z.string().min(1),
    doc: 'PEM file with the certificate and its chain: TLS 1.3 is served with it, and a renewed one is taken over while running. Needs SALLYPORT_TLS_KEY.',
  },
  tlsKey: {
    env: 'SALLYPORT_TLS_KEY',
    flag: 'tls-key',
    schema: z.string().min(1),
    doc: 'PEM file with the private key of that certificate, without a password.',
  },
  dataDir: {
    env: 'SALLYPORT_DATA_DIR',
    flag: 'data-dir',
    schema: z.string().min(1),
    doc: 'Folder of the database, spool, key file and caches (mode 0700). Default: ./data in a checkout, else the XDG data folder.',
  },
  databaseUrl: {
    env: 'SALLYPORT_DATABASE_URL',
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgres://'),
    isSecret: true,
    doc: 'PostgreSQL instead of the embedded SQLite.',
  },
  redisUrl: {
    env: 'SALLYPORT_REDIS_URL',
    schema: z.string().refine(isRedisUrl, 'must look like redis://HOST:PORT or rediss://USER:PASSWORD@HOST:PORT/DATABASE'),
    isSecret: true,
    doc: 'Redis for what the nodes of one installation share, instead of the memory of one; rediss:// speaks TLS.',
  },
  config: {
    env: 'SALLYPORT_CONFIG',
    flag: 'config',
    schema: z.string().min(1),
    doc: 'The declared file. Default: ./sallyport.json if present.',
  },
  ownerKey: {
    env: 'SALLYPORT_OWNER_KEY',
    schema: z
      .string()
      .refine(isStrongKey, `must have at least ${OWNER_KEY_LENGTH_MIN} characters, ${OWNER_KEY_DIFFERENT_MIN} of them different`),
    isSecret: true,
    doc: 'A bearer key that acts as owner, for automation.',
  },
  workers: {
    env: 'SALLYPORT_WORKERS',
    flag: 'workers',
    schema: z.union([z.literal('auto').transform(() => availableParallelism()), whole(1, WORKERS_MAX, workersError)], {
      error: workersError,
    }),
    default: 1,
    doc: 'Processes of the data plane; `auto` is one per core.',
  },
  log: {
    env: 'SALLYPORT_LOG',
    flag: 'log',
    schema: z.enum(logLevel, { error: `must be one of ${logLevel.join(', ')}` }),
    default: 'info',
    doc: 'Log level. JSON lines when not on a terminal.',
  },
  staleMaxSeconds: {
    env: 'SALLYPORT_STALE_MAX_SECONDS',
    schema: numeric(1, 86_400),
    default: LIMITS.snapshotStaleSecondsDefault,
    doc: 'How long calls go on from the last snapshot while the database is away.',
  },
  egressAllow: {
    env: 'SALLYPORT_EGRESS_ALLOW',
    schema: z.string().transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
    default: '',
    doc: 'Private destinations that users’ servers may reach: comma-separated host:port or CIDR.',
  },
  metricsToken: {
    env: 'SALLYPORT_METRICS_TOKEN',
    schema: z.string().min(16, 'must have at least 16 characters'),
    isSecret: true,
    doc: 'Bearer token for /metrics, for a Prometheus that has no credential of its own.',
  },
  trustedProxy: {
    env: 'SALLYPORT_TRUSTED_PROXY',
    schema: z.string().min(1),
    doc: 'Addresses and CIDRs of the proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed, with commas between them.',
  },
  drainNoticeSeconds: {
    env: 'SALLYPORT_DRAIN_NOTICE_SECONDS',
    schema: numeric(0, LIMITS.drainSecondsMax),
    doc: `How long a server that was told to stop still takes requests, while /readyz already says 503. Default: 0 on loopback, else ${LIMITS.drainNoticeSecondsDefault}.`,
  },
  drainSeconds: {
    env: 'SALLYPORT_DRAIN_SECONDS',
    schema: numeric(0, LIMITS.drainSecondsMax),
    default: LIMITS.drainSecondsDefault,
    doc: 'How long calls under way may go on after that, before they are cut off.',
  },
  spoolBytesMax: {
    env: 'SALLYPORT_SPOOL_BYTES_MAX',
    schema: whole(64 * 1024, Number.MAX_SAFE_INTEGER, 'must be a whole number of bytes, at least 65536'),
    default: LIMITS.spoolBytesMax,
    doc: 'How many bytes of audit events may wait for the database before calls are refused.',
  },
  starter: {
    env: 'SALLYPORT_STARTER',
    schema: z.stringbool({ error: 'must be true or false' }),
    default: 'true',
    doc: 'Offers the profile `starter` with two example servers while no file is declared.',
  },
  callsPerSecond: {
    env: 'SALLYPORT_CALLS_PER_SECOND',
    schema: z.coerce.number({ error: 'must be a number above 0' }).positive('must be a number above 0'),
    default: LIMITS.callsPerSecondPerCaller,
    doc: 'Calls a second that one caller may make; twice as many in a burst.',
  },
  otlpUrl: {
    env: 'SALLYPORT_OTLP_URL',
    schema: url,
    doc: 'OpenTelemetry collector that takes traces over HTTP, such as http://127.0.0.1:4318. Without it nothing is traced.',
  },
  traceRatio: {
    env: 'SALLYPORT_TRACE_RATIO',
    schema: z.coerce.number({ error: ratioError }).min(0, ratioError).max(1, ratioError),
    default: 1,
    doc: 'Share of calls that begin a trace, from 0 to 1. A call that comes with a sampled trace of its own is always in it.',
  },
  recordBodies: {
    env: 'SALLYPORT_RECORD_BODIES',
    schema: z.enum(['off', 'redacted'], { error: 'must be off or redacted' }),
    default: 'off',
    doc: 'Whether arguments and results of tool calls are kept for owners: `redacted` keeps them for some days, sealed, without what looks like a secret.',
  },
} as const satisfies Record<string, SettingRow>

type SettingName = keyof typeof SETTINGS
type Output<Name extends SettingName> = z.output<(typeof SETTINGS)[Name]['schema']>
type Optional =
  | 'databaseUrl'
  | 'redisUrl'
  | 'config'
  | 'ownerKey'
  | 'metricsToken'
  | 'trustedProxy'
  | 'otlpUrl'
  | 'tlsCert'
  | 'tlsKey'
  | 'drainNoticeSeconds'

export type Settings = { readonly [Name in Exclude<SettingName, Optional>]: Output<Name> } & {
  readonly [Name in Optional]: Output<Name> | undefined
}
export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default'

export interface LoadedSettings {
  readonly settings: Settings
  readonly origins: Readonly<Record<SettingName, SettingOrigin>>
}

/** Names in the environment that belong to the command line client, the launcher or the tests. */
export const OTHER_VARIABLES = [
  'SALLYPORT_URL',
  'SALLYPORT_KEY',
  'SALLYPORT_TEST_DATABASE_URL',
  'SALLYPORT_TEST_REDIS_URL',
  'SALLYPORT_LAUNCHED',
] as const

/** A setting that cannot be used; `message` names it, says why and how to mend it. */
export class SettingError extends Error {
  override name = 'SettingError'
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export interface SettingSources {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly file?: Readonly<Record<string, unknown>>
  readonly cwd: string
  /** A client of the server overlooks names that it does not know: whatever they were to change, it is not in this process. */
  readonly isClient?: boolean
}

/** Resolves all settings. Throws `SettingError` for an unknown name or a value that does not fit. */
export function loadSettings({ env, flags, file = {}, cwd, isClient = false }: SettingSources): LoadedSettings {
  refuseUnknown(isClient ? {} : env, file)
  const values: Record<string, unknown> = {}
  const origins: Record<string, SettingOrigin> = {}
  for (const [name, row] of Object.entries<SettingRow>(SETTINGS)) {
    const [raw, origin] = pick(name, row, env, flags, file)
    origins[name] = origin
    if (raw === undefined) continue
    const parsed = row.schema.safeParse(raw)
    if (!parsed.success) {
      const place = origin === 'flag' ? `--${row.flag}` : origin === 'file' ? `settings.${name}` : row.env
      const shown = row.isSecret === true ? '' : ` (got ${JSON.stringify(raw)})`
      const remedy = { flag: `give another ${place}, or leave it out`, file: `change ${place} in the declared file` }
      throw new SettingError(
        `${place}${shown} ${parsed.error.issues[0]?.message ?? 'does not fit'}. ${row.doc}`,
        origin === 'flag' || origin === 'file' ? remedy[origin] : `set ${place} to a value that fits, or: unset ${place}`,
      )
    }
    values[name] = parsed.data
  }
  values['dataDir'] = resolve(cwd, (values['dataDir'] as string | undefined) ?? defaultDataDir(env, cwd))
  values['config'] = resolveDeclaredFile(values['config'] as string | undefined, cwd)
  for (const name of ['tlsCert', 'tlsKey']) if (values[name] !== undefined) values[name] = resolve(cwd, values[name] as string)
  values['publicUrl'] ??= `${values['tlsCert'] === undefined ? 'http' : 'https'}://127.0.0.1:${String(values['port'])}`
  return { settings: values as unknown as Settings, origins: origins as Record<SettingName, SettingOrigin> }
}

function pick(
  name: string,
  row: SettingRow,
  env: SettingSources['env'],
  flags: SettingSources['flags'],
  file: Readonly<Record<string, unknown>>,
): [unknown, SettingOrigin] {
  const flag = row.flag === undefined ? undefined : flags[row.flag]
  if (flag !== undefined) return [flag, 'flag']
  const fromEnv = env[row.env]
  if (fromEnv !== undefined && fromEnv !== '') return [fromEnv, 'environment']
  if (file[name] !== undefined) return [file[name], 'file']
  return [row.default, 'default']
}

/** What is wrong with the names of the environment that look like settings of ours, by the name. */
export function unknownVariables(env: SettingSources['env']): ReadonlyMap<string, string> {
  const known = [...Object.values<SettingRow>(SETTINGS).map((row) => row.env), ...OTHER_VARIABLES]
  const words = known.map((name) => name.slice(PREFIX.length))
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.includes(name))
  return new Map(
    unknown.map((name) => {
      const meant = nearest(name.slice(PREFIX.length), words)
      return [name, `${name} is not a setting.${meant === undefined ? '' : ` Did you mean ${PREFIX}${meant}?`}`]
    }),
  )
}

function refuseUnknown(env: SettingSources['env'], file: Readonly<Record<string, unknown>>): void {
  for (const [name, message] of unknownVariables(env)) throw new SettingError(message, `unset ${name}`)
  for (const name of Object.keys(file)) {
    if (name in SETTINGS) continue
    throw new SettingError(
      `settings.${name} in the declared file is not a setting.${didYouMean(name, Object.keys(SETTINGS))}`,
      'mend the declared file, then start again',
    )
  }
}

/** A whole number, in words for people. */
function whole(min: number, max: number, error = `must be a whole number from ${min} to ${max}`) {
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error })
}

function numeric(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`
  return z.coerce.number({ error }).min(min, { error }).max(max, { error })
}

function defaultDataDir(env: SettingSources['env'], cwd: string): string {
  if (existsSync(join(cwd, 'src/main.ts'))) return join(cwd, 'data')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'sallyport')
}

function resolveDeclaredFile(given: string | undefined, cwd: string): string | undefined {
  if (given !== undefined) return resolve(cwd, given)
  const usual = join(cwd, 'sallyport.json')
  return existsSync(usual) ? usual : undefined
}

function isStrongKey(key: string): boolean {
  return key.length >= OWNER_KEY_LENGTH_MIN && new Set(key).size >= OWNER_KEY_DIFFERENT_MIN
}

function isRedisUrl(text: string): boolean {
  const address = URL.parse(text)
  return address !== null && ['redis:', 'rediss:'].includes(address.protocol) && address.hostname !== ''
}
