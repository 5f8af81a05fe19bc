export const SETTINGS_TABS = ['settings', 'health', 'secrets', 'file', 'owners'] as const
export type SettingsTab = (typeof SETTINGS_TABS)[number]

export interface SettingsSearch {
  readonly tab?: SettingsTab | undefined
  /** Filters the list of the tab. */
  readonly q?: string | undefined
  /** The dialog that adds a secret is open. */
  readonly add?: 1 | undefined
  /** The secret that is replaced or deleted. */
  readonly secret?: string | undefined
  readonly ask?: 'replace' | 'delete' | undefined
}

const ASKS = ['replace', 'delete'] as const
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined

export const readSettingsSearch = (search: Record<string, unknown>): SettingsSearch => ({
  tab: SETTINGS_TABS.find((tab) => tab === search['tab']),
  q: text(search['q']),
  add: Number(search['add']) === 1 ? 1 : undefined,
  secret: text(search['secret']),
  ask: ASKS.find((ask) => ask === search['ask']),
})
