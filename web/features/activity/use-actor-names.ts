import { useMemo } from 'react'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import type { ActivityItem } from './activity-search.ts'

const KEYS_MAX = 500

/** Names by the identifiers that events are filtered by: of the keys, and of whoever is in sight. Asks only when `isNeeded`. */
export function useActorNames(isNeeded: boolean, rows: readonly ActivityItem[]): ReadonlyMap<string, string> {
  const { data } = useApi('listKeys', { query: { limit: KEYS_MAX } }, { enabled: isNeeded, staleTime: 30_000 })
  return useMemo(() => {
    if (!isNeeded) return new Map<string, string>()
    const names = new Map<string, string>()
    for (const { actor } of rows) if (actor.id !== '') names.set(actor.id, inertLine(actor.name === '' ? actor.id : actor.name, 60))
    for (const { id, name } of data?.items ?? []) names.set(id, inertLine(name, 60))
    return distinct(names)
  }, [isNeeded, data, rows])
}

/** Several keys may have one name; the end of the identifier tells them apart. */
function distinct(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map([...names].map(([id, name]) => [id, counts.get(name)! > 1 ? `${name} (…${inertLine(id.slice(-4))})` : name]))
}
