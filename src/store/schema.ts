import type { ColumnType, Generated } from 'kysely'

// One interface per table, in the portable subset: text ids, JSON as text, milliseconds since the epoch as integers,
// booleans as 0 and 1. The tables themselves are made by migrations/; docs/reference/schema.sql shows the result.

/** A column that is written once. */
type Fixed<T> = ColumnType<T, T, never>

/** One row: the revision of the configuration, which grows with every change on any node. */
export interface MetaTable {
  id: Generated<number>
  revision: number
}

/** Which migrations have run. */
export interface MigrationTable {
  name: string
  applied_at_ms: number
}

/** One row per process that polls the configuration: a sign of life. */
export interface NodeTable {
  id: string
  seen_at_ms: number
}

export interface TenantTable {
  id: string
  title: string
  created_at_ms: number
}

/** The one name space that deployments and profiles of a tenant share. */
export interface EndpointNameTable {
  tenant: Fixed<string>
  name: Fixed<string>
  kind: Fixed<'deployment' | 'profile'>
}

/** API keys. The key itself is never stored: `sha256` is lower-case hex over its text. */
export interface ApiKeyTable {
  id: Fixed<string>
  tenant: Fixed<string>
  name: string
  kind: Fixed<'owner' | 'key'>
  sha256: Fixed<string>
  /** JSON array of scopes. */
  scopes: string
  /** JSON array of names; null: all. */
  endpoints: string | null
  /** JSON array of patterns; null: all. */
  tools: string | null
  expires_at_ms: number | null
  created_at_ms: Fixed<number>
  created_by: Fixed<string>
  revoked_at_ms: number | null
  last_used_at_ms: number | null
}

/** One-time links that make an owner. Only the hash of the token is stored. */
export interface OwnerLinkTable {
  sha256: Fixed<string>
  tenant: Fixed<string>
  created_at_ms: Fixed<number>
  expires_at_ms: Fixed<number>
  redeemed_at_ms: number | null
}

/** Sessions of the console: each has the rights of one key. `sha256` is over both halves of its credential. */
export interface ConsoleSessionTable {
  id: Fixed<string>
  tenant: Fixed<string>
  sha256: Fixed<string>
  key_id: Fixed<string>
  /** Hash of that key: also the keys that no table holds have one. */
  key_sha256: Fixed<string>
  created_at_ms: Fixed<number>
  expires_at_ms: Fixed<number>
}

/** Sealed secrets: see src/vault for what the columns hold. */
export interface SecretTable {
  tenant: Fixed<string>
  name: Fixed<string>
  /** Grows with every write and is part of what the seal covers. */
  version: number
  /** Which key wrapped the data key. */
  kid: string
  /** The data key, wrapped, base64url. */
  wrapped_key: string
  /** The secret, sealed, base64url. */
  sealed: string
  created_at_ms: Fixed<number>
  updated_at_ms: number
}

export interface DeploymentTable {
  id: Fixed<string>
  tenant: Fixed<string>
  name: Fixed<string>
  title: string
  description: string
  access: string
  deadline_ms: number
  start_deadline_ms: number
  headers_mode: string
  /** JSON of the launch specification; secrets only by reference. */
  spec: string
  digest: string
  approved_digest: string | null
  /** JSON. */
  origin: string
  created_at_ms: Fixed<number>
  updated_at_ms: number
}

export interface ProfileTable {
  id: Fixed<string>
  tenant: Fixed<string>
  name: Fixed<string>
  title: string
  description: string
  access: string
  /** JSON array of deployment names. */
  servers: string
  /** JSON of the tool rules. */
  tools: string
  /** JSON. */
  origin: string
  created_at_ms: Fixed<number>
  updated_at_ms: number
}

/** Packages that the runtime has installed. */
export interface InstallTable {
  id: Fixed<string>
  tenant: Fixed<string>
  package: Fixed<string>
  version: Fixed<string>
  /** Digest of what was installed. */
  integrity: string
  folder: string
  installed_at_ms: number
}

/** The evidence, in blocks of events. Rows are only ever added; `hash` chains each to the one before it in its tenant. */
export interface AuditBlockTable {
  tenant: Fixed<string>
  /** Places of its events: 1, 2, 3… without gaps in a tenant. */
  first_seq: Fixed<number>
  last_seq: Fixed<number>
  /** The earliest and the latest time in it. */
  from_ms: Fixed<number>
  to_ms: Fixed<number>
  hash: Fixed<string>
  /** JSON: which values its events have, for searching. */
  summary: Fixed<string>
  /** The events as canonical JSON, one per line: what the hash covers. Last, so that the others are read without it. */
  body: Fixed<string>
}

/** The last link of each tenant's chain: what shows that the end was cut off. */
export interface AuditHeadTable {
  tenant: string
  seq: number
  hash: string
}

/** How far each spool file has been drained. */
export interface SpoolOffsetTable {
  file: string
  offset: number
}

/** One column per step of the latency histogram; the bounds stand in src/audit/latency.ts. */
export type LatencyColumn =
  `h${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24}`

/** Calls counted per minute. Rows grow by addition only, so that several nodes can add to the same one. */
export interface CallMinuteTable extends Record<LatencyColumn, number> {
  tenant: string
  minute_ms: number
  endpoint: string
  deployment: string
  /** What `tools/call` named; empty for other methods and for names that nobody offers. */
  tool: string
  method: string
  calls: number
  /** Allowed, and did not go well. */
  errors: number
  denied: number
  /** Microseconds of all that was allowed, as are the histogram and the longest. */
  us_sum: number
  us_max: number
}

/** Redacted arguments and results of calls: src/serve/call-bodies.ts says what is sealed in a row. Not part of the evidence. */
export interface CallBodyTable {
  tenant: Fixed<string>
  /** That of the call's audit event, which begins with its time. */
  id: Fixed<string>
  at_ms: Fixed<number>
  /** base64url. */
  sealed: Fixed<string>
}

export interface Database {
  migration: MigrationTable
  meta: MetaTable
  node: NodeTable
  tenant: TenantTable
  endpoint_name: EndpointNameTable
  api_key: ApiKeyTable
  owner_link: OwnerLinkTable
  console_session: ConsoleSessionTable
  secret: SecretTable
  deployment: DeploymentTable
  profile: ProfileTable
  install: InstallTable
  audit_block: AuditBlockTable
  audit_head: AuditHeadTable
  spool_offset: SpoolOffsetTable
  call_minute: CallMinuteTable
  call_body: CallBodyTable
}
