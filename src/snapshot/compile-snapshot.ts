import { Problem } from '#std/index.ts'
import type { Snapshot } from './model.ts'

/** What a process holds before it was given anything. */
export const EMPTY_SNAPSHOT: Snapshot = Object.freeze({ revision: 0, compiledAtMs: 0, keys: [], profiles: [], deployments: [] })

/**
 * A frozen copy, checked. Throws `conflict` when two endpoints of a tenant have one name, or two credentials one hash:
 * then it would depend on chance who may use what.
 */
export function compileSnapshot(parts: Snapshot): Snapshot {
  const names = new Map<string, string>()
  for (const [kind, records] of [['deployment', parts.deployments] as const, ['profile', parts.profiles] as const]) {
    for (const { tenant, name } of records) {
      const key = `${tenant}/${name}`
      const other = names.get(key)
      if (other !== undefined)
        throw new Problem('conflict', `The name ${name} is used by a ${other} and a ${kind} of the tenant ${tenant}.`, {
          remedy: 'Rename or remove one of them.',
        })
      names.set(key, kind)
    }
  }
  const hashes = new Map<string, string>()
  for (const { sha256, name } of parts.keys) {
    const other = hashes.get(sha256)
    if (other !== undefined)
      throw new Problem('conflict', `The keys ${JSON.stringify(other)} and ${JSON.stringify(name)} are the same key.`, {
        remedy: 'Exchange one of them.',
      })
    hashes.set(sha256, name)
  }
  return deepFreeze(structuredClone(parts))
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
