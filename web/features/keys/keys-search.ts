export interface KeysSearch {
  /** The sheet that creates a key is open. */
  readonly create?: 1 | undefined
  /** The key whose details are open. */
  readonly key?: string | undefined
  /** Whether its revocation is asked for. */
  readonly revoke?: 1 | undefined
  readonly show?: 'all' | undefined
  readonly q?: string | undefined
}

const flag = (value: unknown): 1 | undefined => (Number(value) === 1 ? 1 : undefined)
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined

export const readKeysSearch = (search: Record<string, unknown>): KeysSearch => ({
  create: flag(search['create']),
  key: text(search['key']),
  revoke: flag(search['revoke']),
  show: search['show'] === 'all' ? 'all' : undefined,
  q: text(search['q']),
})
