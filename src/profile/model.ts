/** Who may use an endpoint: those it was granted to, every member of the tenant, or anybody without a credential. */
export const ACCESS_LEVELS = ['granted', 'tenant', 'public'] as const
export type Access = (typeof ACCESS_LEVELS)[number]

/** Where a definition came from. What is declared or shipped is read-only in the API. */
export type Origin = { readonly kind: 'api' } | { readonly kind: 'starter' } | { readonly kind: 'declared'; readonly place: string }

/** What a profile makes of the tools of its deployments. Names are those of the federated list, `{server}__{tool}`. */
export interface ToolRules {
  /** Only these, when not empty; `*` as wildcard at the end. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly rename: Readonly<Record<string, string>>
  readonly describe: Readonly<Record<string, string>>
  /** Arguments fixed per tool: removed from the schema, set on the call. */
  readonly fix: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Arguments per tool that are set where the caller does not: the default in the schema. */
  readonly prefill?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /** Clients get `search_tools` and `call_tool` in place of the list. */
  readonly search: boolean
}

export const NO_TOOL_RULES: ToolRules = { include: [], exclude: [], rename: {}, describe: {}, fix: {}, search: false }

/** A named set of deployments and tools behind one endpoint. Plain JSON. */
export interface ProfileRecord {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly access: Access
  /** Names of deployments. */
  readonly servers: readonly string[]
  readonly tools: ToolRules
  readonly origin: Origin
}
