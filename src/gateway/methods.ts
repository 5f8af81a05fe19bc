import type { Scope } from '#identity/index.ts'
import type { Era } from '#runtime/index.ts'

export interface MethodRow {
  /** What a credential needs for it; null: whoever may use the endpoint. */
  readonly scope: Scope | null
  /** Whether a credential that is restricted to some tools may use it: it shows and does nothing beyond them. */
  readonly isForTools: boolean
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

const row = (scope: Scope | null, isFor: 'tools' | 'everything', rest: Partial<MethodRow> = {}): MethodRow => ({
  scope,
  isForTools: isFor === 'tools',
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
  initialize: row(null, 'tools', { era: 'legacy' }),
  ping: row(null, 'tools', { era: 'legacy', isAudited: false }),
  'server/discover': row(null, 'tools', { era: 'modern' }),
  'tools/list': row('mcp:list', 'tools'),
  'tools/call': row('mcp:call', 'tools', { target: 'name', isTool: true }),
  'resources/list': row('mcp:list', 'everything'),
  'resources/templates/list': row('mcp:list', 'everything'),
  'resources/read': row('mcp:call', 'everything', { target: 'uri' }),
  'resources/subscribe': row('mcp:list', 'everything', { target: 'uri', era: 'legacy' }),
  'resources/unsubscribe': row('mcp:list', 'everything', { target: 'uri', era: 'legacy' }),
  'resources/directory/read': row('mcp:call', 'everything', { target: 'uri' }),
  'prompts/list': row('mcp:list', 'everything'),
  'prompts/get': row('mcp:call', 'everything', { target: 'name' }),
  'completion/complete': row('mcp:call', 'everything'),
  'logging/setLevel': row('mcp:list', 'everything', { era: 'legacy' }),
  'subscriptions/listen': row('mcp:list', 'tools', { era: 'modern', isStream: true }),
  'tasks/get': row('mcp:call', 'everything', { target: 'taskId' }),
  'tasks/update': row('mcp:call', 'everything', { target: 'taskId', era: 'modern' }),
  'tasks/cancel': row('mcp:call', 'everything', { target: 'taskId' }),
  'tasks/list': row('mcp:list', 'everything', { era: 'legacy' }),
  'tasks/result': row('mcp:call', 'everything', { target: 'taskId', era: 'legacy' }),
  'skills/list': row('mcp:list', 'everything'),
  'skills/get': row('mcp:call', 'everything', { target: 'uri' }),
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
