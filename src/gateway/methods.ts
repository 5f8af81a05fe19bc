import type { Scope } from '#identity/index.ts'
import type { Era } from '#runtime/index.ts'

/** How a federated endpoint treats a method: itself, by asking its deployments, or not yet. */
export type Federation = 'local' | 'tools' | 'refused'

export interface MethodRow {
  /** What a credential needs for it; null: whoever may use the endpoint. */
  readonly scope: Scope | null
  /** On an endpoint of several deployments, or of one that speaks another era. */
  readonly federated: Federation
  /** The parameter that names what it is about, for authorisation and the record. */
  readonly target: 'name' | 'uri' | 'taskId' | null
  /** Whether `target` is the name of a tool, which credentials and profiles may hide. */
  readonly isTool: boolean
  /** Whether it goes into the audit as an event of its own. */
  readonly isAudited: boolean
  /** The only era that has it; null: both. What an era does not have is unknown to its clients. */
  readonly era: Era | null
  /** Whether the answer is a stream that lives until somebody ends it. */
  readonly isStream: boolean
}

const row = (scope: Scope | null, federated: Federation, rest: Partial<MethodRow> = {}): MethodRow => ({
  scope,
  federated,
  target: null,
  isTool: false,
  isAudited: true,
  era: null,
  isStream: false,
  ...rest,
})

/**
 * Every method the gateway knows, of both eras. What has no row is unknown (-32601), also to a relay: a new method is
 * refused until somebody has decided here what it needs.
 */
export const METHODS = {
  initialize: row(null, 'local', { era: 'legacy' }),
  ping: row(null, 'local', { era: 'legacy', isAudited: false }),
  'server/discover': row(null, 'local', { era: 'modern' }),
  'tools/list': row('mcp:list', 'tools'),
  'tools/call': row('mcp:call', 'tools', { target: 'name', isTool: true }),
  'resources/list': row('mcp:list', 'refused'),
  'resources/templates/list': row('mcp:list', 'refused'),
  'resources/read': row('mcp:call', 'refused', { target: 'uri' }),
  'resources/subscribe': row('mcp:list', 'refused', { target: 'uri', era: 'legacy' }),
  'resources/unsubscribe': row('mcp:list', 'refused', { target: 'uri', era: 'legacy' }),
  'resources/directory/read': row('mcp:call', 'refused', { target: 'uri' }),
  'prompts/list': row('mcp:list', 'refused'),
  'prompts/get': row('mcp:call', 'refused', { target: 'name' }),
  'completion/complete': row('mcp:call', 'refused'),
  'logging/setLevel': row('mcp:list', 'refused', { era: 'legacy' }),
  'subscriptions/listen': row('mcp:list', 'local', { era: 'modern', isStream: true }),
  'tasks/get': row('mcp:call', 'refused', { target: 'taskId' }),
  'tasks/update': row('mcp:call', 'refused', { target: 'taskId', era: 'modern' }),
  'tasks/cancel': row('mcp:call', 'refused', { target: 'taskId' }),
  'tasks/list': row('mcp:list', 'refused', { era: 'legacy' }),
  'tasks/result': row('mcp:call', 'refused', { target: 'taskId', era: 'legacy' }),
  'skills/list': row('mcp:list', 'refused'),
  'skills/get': row('mcp:call', 'refused', { target: 'name' }),
} as const satisfies Record<string, MethodRow>

/** Notifications that clients send; others are taken and dropped, and not named in the record. */
export const CLIENT_NOTIFICATIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
])

const ROWS = new Map<string, MethodRow>(Object.entries(METHODS))

export const methodRow = (method: string): MethodRow | undefined => ROWS.get(method)
