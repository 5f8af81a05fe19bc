import { recordAdmin } from '#audit/index.ts'
import type { Caller } from '#identity/index.ts'
import type { LosingKey } from '#profile/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'

/** What a removal took from keys: an event of its own for each, and the list for whoever removed. */
export async function removedView(
  deps: Pick<ApiDeps, 'audit' | 'now'>,
  caller: Caller,
  keys: readonly LosingKey[],
): Promise<ResponseOf<'deleteProfile'>> {
  for (const { id, isRevoked } of keys) {
    await recordAdmin(deps.audit.recorder, {
      atMs: deps.now(),
      tenant: caller.tenant,
      actor: { id: caller.id, kind: caller.kind, name: caller.name },
      method: isRevoked ? 'key.delete' : 'key.update',
      target: id,
      verdict: 'allow',
      rule: 'endpoint-removed',
      outcome: 'ok',
      status: 200,
    })
  }
  return { keys: keys.map((key) => ({ ...key })) }
}
