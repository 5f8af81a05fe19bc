import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { timeText } from './pages.ts'
import { notFound } from './records.ts'

const NOTHING = { arguments: null, result: null, redactions: 0, keptUntil: null } as const satisfies Partial<
  ResponseOf<'getActivityBodies'>
>

/** What callers sent and got: for owners alone, and whoever reads it is recorded. */
export function activityBodiesHandlers(deps: Pick<ApiDeps, 'audit' | 'bodies'>): Handlers<'getActivityBodies'> {
  return {
    async getActivityBodies({ caller, params }) {
      if ((await deps.audit.get(caller.tenant, params.id)) === undefined) notFound('event', params.id)
      const { recording } = deps.bodies
      const kept = recording === 'off' ? null : await deps.bodies.get(caller.tenant, params.id)
      if (kept === null) return { recording, ...NOTHING }
      const { keptUntilMs, ...bodies } = kept
      return { recording, ...bodies, keptUntil: timeText(keptUntilMs) }
    },
  }
}
