import type { ResponseOf } from '#api/contract.ts'

export type Key = ResponseOf<'listKeys'>['items'][number]
export type Scope = Key['scopes'][number]
export type KeyState = 'active' | 'expiring' | 'expired' | 'revoked'

const DAY_MS = 86_400_000
/** A key that ends sooner is pointed out. */
export const EXPIRING_MS = 7 * DAY_MS

/** Revoked wins: a key that was revoked and has expired since was ended by somebody. */
export function stateOf({ revokedAt, expiresAt }: Pick<Key, 'revokedAt' | 'expiresAt'>, nowMs: number): KeyState {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'active'
  const leftMs = Date.parse(expiresAt) - nowMs
  if (leftMs <= 0) return 'expired'
  return leftMs < EXPIRING_MS ? 'expiring' : 'active'
}

export const isUsable = (state: KeyState): boolean => state === 'active' || state === 'expiring'

/** What each scope allows, in plain words. */
export const SCOPES: readonly { readonly scope: Scope; readonly label: string; readonly hint: string }[] = [
  { scope: 'mcp:list', label: 'See tools', hint: 'Lists the tools, resources and prompts of its endpoints.' },
  { scope: 'mcp:call', label: 'Call tools', hint: 'Calls tools, reads resources and uses prompts.' },
  { scope: 'registry:read', label: 'Read the registry', hint: 'For the registry of servers, which comes later.' },
  { scope: 'registry:write', label: 'Publish to the registry', hint: 'For the registry of servers, which comes later.' },
  { scope: 'admin', label: 'Administer', hint: 'Everything: servers, profiles, keys, secrets and activity. Cannot be restricted.' },
]

export type Preset = 'call' | 'read' | 'admin'

/** What most keys are for. */
export const PRESETS: Readonly<Record<Preset, { readonly label: string; readonly scopes: readonly Scope[] }>> = {
  call: { label: 'Call tools', scopes: ['mcp:list', 'mcp:call'] },
  read: { label: 'Read only', scopes: ['mcp:list'] },
  admin: { label: 'Admin', scopes: ['mcp:list', 'mcp:call', 'admin'] },
}

export function presetOf(scopes: readonly Scope[]): Preset | null {
  const same = (other: readonly Scope[]): boolean => other.length === scopes.length && other.every((scope) => scopes.includes(scope))
  return (Object.keys(PRESETS) as Preset[]).find((preset) => same(PRESETS[preset].scopes)) ?? null
}

/** The scopes with one of them switched, in the order of the table. */
export function withScope(scopes: readonly Scope[], scope: Scope, isChosen: boolean): readonly Scope[] {
  return SCOPES.map((row) => row.scope).filter((each) => (each === scope ? isChosen : scopes.includes(each)))
}

export type Shown = 'active' | 'all'

/** Keys whose name, identifier, endpoint, tool or scope holds the words. */
export function filterKeys(keys: readonly Key[], shown: Shown, q: string, nowMs: number): readonly Key[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return keys.filter((key) => {
    if (shown === 'active' && !isUsable(stateOf(key, nowMs))) return false
    const text = [key.name, key.id, key.kind, ...key.scopes, ...(key.endpoints ?? []), ...(key.tools ?? [])].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Owner keys that still work; with the last of them the console can be opened from the server’s machine only. */
export const usableOwners = (keys: readonly Key[], nowMs: number): readonly Key[] =>
  keys.filter((key) => key.kind === 'owner' && isUsable(stateOf(key, nowMs)))
