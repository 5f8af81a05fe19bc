/** What a credential may be used for. `admin` is every right in the tenant. */
export const SCOPES = ['mcp:list', 'mcp:call', 'registry:read', 'registry:write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** The tenant of everything that names none. */
export const DEFAULT_TENANT = 'default'

export type CallerKind = 'owner' | 'key' | 'anonymous'

/** An API key as the data plane sees it: no secret, only what it takes to recognise and limit it. Plain JSON. */
export interface KeyRecord {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly kind: 'owner' | 'key'
  /** Lower-case hex of SHA-256 over the whole key text. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** Names of the profiles and deployments it may use; null: all. */
  readonly endpoints: readonly string[] | null
  /** Names of tools as its endpoints list them, `*` as wildcard at the end; null: all. */
  readonly tools: readonly string[] | null
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAtMs: number | null
  /** Of a session of the console: which one. Everything else but its hash and its end is as its key has it. */
  readonly sessionId?: string
}

/** Who is asking. One object per credential and snapshot: identity can be compared by reference. */
export interface Caller {
  readonly id: string
  readonly kind: CallerKind
  readonly name: string
  /** The rule that a grant to this credential goes by in verdicts: `key:<name>`. */
  readonly keyRule: string
  readonly tenant: string
  readonly scopes: ReadonlySet<Scope>
  readonly endpoints: ReadonlySet<string> | null
  readonly tools: readonly string[] | null
  readonly expiresAtMs: number
  /** The session of the console that the credential stands for; null: it is a key. */
  readonly sessionId: string | null
}

/** Answers who a bearer credential belongs to. Synchronous: the data plane asks the snapshot, never the database. */
export interface Authenticator {
  /** The caller of an `Authorization` header value; the anonymous caller when there is none. Throws `unauthenticated`. */
  authenticate(authorization: string | undefined, nowMs: number): Caller
  /** Takes over a new set of keys; every cached verdict is forgotten. */
  replaceKeys(keys: readonly KeyRecord[]): void
}
