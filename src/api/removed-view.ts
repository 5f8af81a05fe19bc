import { recordAdmin } from '#audit/index.ts'
import type { Caller } from '#identity/index.ts'
import type { LosingKey } from '#profile/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'

type Deps = Pick<ApiDeps, 'audit' | 'now'>

/** What a removal took from keys: an event of its own for each, and the list for whoever removed. */
export async function removedView(deps: Deps, caller: Caller, keys: readonly LosingKey[]): Promise<ResponseOf<'deleteProfile'>> {
  await recordLosing(deps, caller, keys, 'endpoint-removed')
  return { keys: keys.map((key) => ({ ...key })) }
}

/** Writes down that keys lost a name: it was removed, or now belongs to something else than what they were restricted to. */
export async function recordLosing(
  deps: Deps,
  caller: Caller,
  keys: readonly LosingKey[],
  rule: 'endpoint-removed' | 'endpoint-replaced',
): Promise<void> {
  for (const { id, isRevoked } of keys) {
    await recordAdmin(deps.audit.recorder, {
      atMs: deps.now(),
      tenant: caller.tenant,
      actor: { id: caller.id, kind: caller.kind, name: caller.name },
      method: isRevoked ? 'key.delete' : 'key.update',
      target: id,
      verdict: 'allow',
      rule,
      outcome: 'ok',
      status: 200,
    })
  }
}
