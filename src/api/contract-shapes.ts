// What travels over the control plane, as zod shapes. Times are ISO 8601 in UTC; lengths of time end in their unit;
// objects that come in are strict, so that a misspelt key is refused and not ignored.
import { z } from 'zod'
import { LIMITS } from '#std/index.ts'

/** The same list as identity's, repeated because the contract must not pull the server into the command line; a test compares both. */
export const API_SCOPES = ['mcp:list', 'mcp:call', 'registry:read', 'registry:write', 'admin'] as const

const time = z.iso.datetime().meta({ examples: ['2026-11-21T10:00:00.000Z'] })
const text = z.string().max(2000)
const entry = z
  .string()
  .min(1)
  .max(LIMITS.nameLengthMax * 2)
/** Looser than a real name: what is not a name is answered like a name that does not exist. */
export const nameParam = z.strictObject({ name: z.string().min(1).max(256).describe('Name of the object') })
export const idParam = z.strictObject({ id: z.string().min(1).max(256).describe('Identifier of the object') })

export const access = z
  .enum(['granted', 'tenant', 'public'])
  .describe('Who may use it: those it was granted to, every member, or anybody without a credential')
export const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('api') }),
  z.object({ kind: z.literal('starter') }),
  z.object({ kind: z.literal('declared'), place: z.string().describe('File, line and column') }),
])
const isolation = z.enum(['strong', 'medium', 'none'])
const deadline = z.int().min(100).max(LIMITS.deadlineMsMax)
export const fileGrant = z.strictObject({ path: z.string().min(1).max(4096), mode: z.enum(['ro', 'rw']) })
const egressEntry = z.string().min(3).max(260).describe('`host:port`')

export const problem = z
  .looseObject({ type: z.url(), title: z.string(), status: z.int(), detail: z.string(), remedy: z.string().optional() })
  .meta({ id: 'Problem', description: 'RFC 9457: what was refused, why, and what to do about it' })

/** One page of a list; `nextCursor` is null on the last one. */
export const page = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor: z.string().nullable() })
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSizeMax).default(LIMITS.pageSizeDefault),
  cursor: z.string().max(512).optional(),
}

export const whoami = z
  .object({
    id: z.string(),
    kind: z.enum(['owner', 'key']),
    name: z.string(),
    tenant: z.string(),
    scopes: z.array(z.enum(API_SCOPES)),
    endpoints: z.array(z.string()).nullable().describe('Profiles and deployments it may use; null: all'),
    tools: z.array(z.string()).nullable().describe('Tools it may use; null: all'),
    expiresAt: time.nullable(),
    session: z.object({ expiresAt: time }).nullable().describe('The session of the console that this is; null: a key'),
  })
  .meta({ id: 'Whoami' })

const health = z.object({ status: z.enum(['ok', 'warning', 'failed']), detail: z.string() }).meta({ id: 'Health' })
export const overview = z
  .object({
    version: z.string(),
    publicUrl: z.url(),
    endpoint: z.url().describe('Everything the caller may use, federated'),
    tenant: z.string(),
    startedAt: time,
    counts: z.object({ deployments: z.int(), ready: z.int(), waitingApproval: z.int(), profiles: z.int(), keys: z.int() }),
    health: z.object({ database: health, spool: health, chain: health, snapshot: health, shared: health }),
    declared: z.object({
      file: z.string().nullable(),
      error: z.string().nullable().describe('Why the last edit was not taken over'),
      warnings: z.array(z.string()),
    }),
  })
  .meta({ id: 'Overview' })

/** A header or variable as shown: never its value. */
const shownValue = z.object({ secret: z.string().nullable().describe('Name of the vault entry; null: a plain text, not shown') })
const shownSpec = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('remote'),
    url: z.string().describe('Values of query parameters are hidden'),
    headers: z.record(z.string(), shownValue),
  }),
  z.object({
    kind: z.literal('process'),
    command: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), shownValue),
    cwd: z.string().nullable(),
    files: z.array(fileGrant),
    egress: z.array(z.string()),
    isolation,
  }),
  z.object({
    kind: z.literal('openapi'),
    document: z.object({
      url: z.string().nullable().describe('Values of query parameters are hidden; null: the document was given as a text'),
      sha256: z.string().nullable().describe('Of the document that is meant; null: nobody has said yet which one'),
    }),
    server: z.string().nullable().describe('Base URL of the API; null: the first server that the document names'),
    operations: z.object({ include: z.array(z.string()), exclude: z.array(z.string()) }),
    headers: z.record(z.string(), shownValue),
    auth: z.record(z.string(), shownValue).describe('By the name of a security scheme of the document'),
  }),
])

export const deploymentStatus = z
  .object({
    state: z.enum(['waiting-approval', 'needs-input', 'installing', 'starting', 'ready', 'backoff', 'failed', 'stopped']),
    era: z.enum(['legacy', 'modern']).nullable(),
    isolation: z.enum(['strong', 'medium', 'none', 'remote']).nullable().describe('The level really reached'),
    pid: z.int().nullable(),
    restarts: z.int(),
    since: time,
    toolCount: z.int().nullable(),
    cause: z.string().nullable().describe('Why it is not ready'),
    remedy: z.string().nullable().describe('What to do about it'),
    denied: z.array(z.string()).describe('Destinations and files it asked for and was refused'),
    installed: z
      .object({
        package: z.string(),
        version: z.string(),
        integrity: z.string().describe('SHA-256 over the integrity values of the package and all it depends on'),
      })
      .nullable()
      .describe('What an npx or uvx line came to, as it was pinned; null: no package, or not installed yet'),
  })
  .meta({ id: 'DeploymentStatus' })

export const deployment = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    access,
    deadlineMs: z.int(),
    startDeadlineMs: z.int(),
    headersMode: z.enum(['strict', 'lenient']),
    endpoint: z.url(),
    origin,
    spec: shownSpec,
    digest: z.string().describe('SHA-256 of the launch specification'),
    isApproved: z.boolean().describe('Whether exactly this digest was approved; nothing else starts'),
    status: deploymentStatus.nullable(),
  })
  .meta({ id: 'Deployment' })

const value = z.string().max(16_384).describe('A literal, which moves into the vault, or `vault:NAME`')
const address = z.url({ protocol: /^https?$/ }).max(2048)
const operationPattern = z.string().min(1).max(512).describe('`operationId` or `METHOD /path`; `*` stands for any text')
const openApiInput = z.strictObject({
  kind: z.literal('openapi'),
  document: z.union([
    z.strictObject({
      url: address.describe('Where the document is fetched, now and at each start'),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional()
        .describe('Refuses another document than this one; left out: the one that is there now is meant'),
    }),
    z.strictObject({ text: z.string().min(1).describe('The document itself, JSON or YAML') }),
  ]),
  server: address.nullable().default(null).describe('Base URL of the API; null: the first server that the document names'),
  operations: z
    .strictObject({
      include: z.array(operationPattern).max(LIMITS.openapiPatternsMax).default([]).describe('Only these, when not empty'),
      exclude: z.array(operationPattern).max(LIMITS.openapiPatternsMax).default([]),
    })
    .default({ include: [], exclude: [] }),
  headers: z.record(entry, value).default({}),
  auth: z.record(entry, value).default({}).describe('Credentials by the name of a security scheme of the document'),
})

export const specInput = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('remote'),
      url: z.url({ protocol: /^https?$/ }).max(2048),
      headers: z.record(entry, value).default({}),
    }),
    z.strictObject({
      kind: z.literal('process'),
      command: z.string().min(1).max(4096),
      args: z.array(z.string().max(16_384)).max(256).default([]),
      env: z.record(entry, value).default({}),
      cwd: z.string().min(1).max(4096).nullable().default(null),
      files: z.array(fileGrant).max(64).default([]),
      egress: z.array(egressEntry).max(256).default([]),
      isolation: isolation.default('medium').describe('The least level accepted'),
    }),
    openApiInput,
  ])
  .meta({ id: 'LaunchSpecInput' })

const deploymentFields = {
  title: z.string().min(1).max(200),
  description: text,
  access,
  deadlineMs: deadline.describe('How long one call may take'),
  startDeadlineMs: deadline.describe('How long a start may take'),
  headersMode: z.enum(['strict', 'lenient']).describe('`lenient` believes the body where headers disagree'),
}
export const deploymentInput = z
  .strictObject({ name: z.string().min(1).max(LIMITS.nameLengthMax), spec: specInput, ...z.object(deploymentFields).partial().shape })
  .meta({ id: 'DeploymentInput' })
export const deploymentPatch = z
  .strictObject({ ...z.object(deploymentFields).partial().shape, spec: specInput.optional() })
  .meta({ id: 'DeploymentPatch' })
export const grantsInput = z
  .strictObject({
    egress: z.array(egressEntry).max(256).default([]),
    files: z.array(fileGrant).max(64).default([]),
    revoke: z.boolean().default(false).describe('Takes them away instead; files by their path'),
  })
  .meta({ id: 'GrantsInput', description: 'What is added to the grants of a process, or taken from them' })

export const parsed = z
  .object({
    proposals: z.array(
      z.object({
        definition: deploymentInput,
        inputs: z
          .array(z.object({ id: z.string(), description: z.string(), isSecret: z.boolean() }))
          .describe('`${input:id}` placeholders to be replaced before it is created'),
        warnings: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'ParsedText', description: 'What the text held, answered to whoever sent it: nothing is stored, logged or started' })

export const tool = z
  .looseObject({ name: z.string(), title: z.string().optional(), description: z.string().optional(), inputSchema: z.unknown().optional() })
  .meta({ id: 'Tool' })
export const logLine = z.object({ at: time, text: z.string() }).meta({ id: 'LogLine' })

const toolPattern = z
  .string()
  .min(1)
  .max(LIMITS.toolNameLengthMax + LIMITS.nameLengthMax + 2)
const toolRules = z.strictObject({
  include: z.array(toolPattern).default([]).describe('Only these, when not empty; `*` at the end is a wildcard'),
  exclude: z.array(toolPattern).default([]),
  rename: z.record(toolPattern, toolPattern).default({}),
  describe: z.record(toolPattern, text).default({}),
  fix: z.record(toolPattern, z.record(z.string(), z.unknown())).default({}).describe('Arguments fixed per tool'),
  prefill: z.record(toolPattern, z.record(z.string(), z.unknown())).optional().describe('Arguments set per tool where the caller does not'),
  search: z.boolean().default(false).describe('Clients get search_tools and call_tool in place of the list'),
})
const profileFields = { title: z.string().min(1).max(200), description: text, access, servers: z.array(entry).max(256), tools: toolRules }
export const profile = z.object({ name: z.string(), ...profileFields, endpoint: z.url(), origin }).meta({ id: 'Profile' })
export const profileInput = z
  .strictObject({ name: z.string().min(1).max(LIMITS.nameLengthMax), ...z.object(profileFields).partial().shape })
  .meta({ id: 'ProfileInput' })
export const profilePatch = z.strictObject(z.object(profileFields).partial().shape).meta({ id: 'ProfilePatch' })

export const key = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['owner', 'key']),
    scopes: z.array(z.enum(API_SCOPES)),
    endpoints: z.array(z.string()).nullable(),
    tools: z.array(z.string()).nullable(),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'Key' })
export const keyInput = z
  .strictObject({
    name: z.string().min(1).max(200),
    scopes: z.array(z.enum(API_SCOPES)).min(1).default(['mcp:list', 'mcp:call']),
    endpoints: z.array(entry).min(1).nullable().default(null).describe('Profiles and deployments it may use; null: all'),
    tools: z.array(toolPattern).min(1).nullable().default(null).describe('Tools it may use; null: all'),
    expiresAt: time.nullable().default(null),
  })
  .meta({ id: 'KeyInput' })
export const createdKey = key.extend({ key: z.string().describe('The key itself, shown this once') }).meta({ id: 'CreatedKey' })

export const removed = z
  .object({
    keys: z
      .array(z.object({ id: z.string(), name: z.string(), isRevoked: z.boolean().describe('It was restricted to nothing else') }))
      .describe('Keys that were restricted to the name and lost it'),
  })
  .meta({ id: 'Removed' })

const flightStep = z.object({ name: z.string(), us: z.number().describe('Microseconds'), note: z.string().optional() })
export const activityItem = z
  .object({
    id: z.string(),
    at: time,
    kind: z.enum(['call', 'admin', 'system']),
    actor: z.object({ id: z.string(), kind: z.string(), name: z.string() }),
    endpoint: z.string(),
    deployment: z.string(),
    method: z.string(),
    target: z.string(),
    era: z.string(),
    verdict: z.enum(['allow', 'deny']),
    rule: z.string(),
    outcome: z.string(),
    status: z.int(),
    bytesIn: z.int(),
    bytesOut: z.int(),
    us: z.number().describe('Microseconds until it was answered'),
  })
  .meta({ id: 'Activity' })
export const activityDetail = activityItem
  .extend({
    bodySha256: z.string(),
    steps: z.array(flightStep),
    sequence: z.int().describe('Place in the chain'),
    hash: z.string().describe('Link of the block that holds the event: the chain is one of blocks, of one or more events each'),
  })
  .meta({ id: 'ActivityDetail' })
const activityFilter = {
  kind: z.enum(['call', 'admin', 'system']).optional(),
  verdict: z.enum(['allow', 'deny']).optional(),
  actor: z.string().max(256).optional().describe('Identifier of the caller'),
  deployment: z.string().max(256).optional(),
  endpoint: z.string().max(256).optional(),
  method: z.string().max(256).optional(),
  target: z.string().max(256).optional().describe('Name of the tool or object'),
  outcome: z.string().max(256).optional(),
}
export const activityQuery = z.strictObject({ ...activityFilter, since: time.optional(), until: time.optional(), ...pageQuery })
export const activityStreamQuery = z.strictObject(activityFilter)

export const verification = z
  .object({
    isIntact: z.boolean(),
    checked: z.int().describe('Events read'),
    isComplete: z.boolean().describe('False when so much was wrong that the rest was not read'),
    head: z
      .object({ sequence: z.int(), hash: z.string() })
      .describe('The newest event. Kept elsewhere, it shows a chain that was rewritten whole'),
    findings: z.array(
      z.object({
        sequence: z.int(),
        id: z.string().describe('Of the event that stands there; empty when none does'),
        problem: z.enum(['changed', 'missing', 'reordered', 'column-differs', 'truncated']),
        detail: z.string(),
      }),
    ),
  })
  .meta({ id: 'Verification' })

export const setting = z
  .object({
    name: z.string(),
    env: z.string(),
    flag: z.string().nullable(),
    origin: z.enum(['flag', 'environment', 'file', 'default']),
    isSecret: z.boolean(),
    isSet: z.boolean(),
    value: z.unknown().describe('Null for a secret'),
    doc: z.string(),
  })
  .meta({ id: 'Setting' })

export const ownerLink = z.object({ url: z.url(), expiresAt: time }).meta({ id: 'OwnerLink' })
export const secret = z
  .object({ name: z.string(), updatedAt: time, usedBy: z.array(z.string()).describe('Deployments that refer to it') })
  .meta({ id: 'Secret' })
export const secretInput = z.strictObject({ value: z.string().min(1).max(65_536) }).meta({ id: 'SecretInput' })
