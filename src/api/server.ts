import { LIMITS } from '#std/index.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { timeText } from './pages.ts'
import { tenantDeployments, tenantProfiles } from './records.ts'
import { whoamiView } from './session.ts'

type ServerHandlers = Handlers<'whoami' | 'getOverview' | 'listSettings' | 'createOwnerLink'>

export function serverHandlers(deps: ApiDeps): ServerHandlers {
  return {
    whoami: async ({ caller }) => whoamiView(caller),

    async getOverview({ caller: { tenant } }) {
      const deployments = tenantDeployments(deps, tenant)
      const declared = deps.declared.current()
      const { version, publicUrl, startedAtMs } = deps.server
      return {
        version,
        publicUrl,
        endpoint: `${publicUrl}/mcp`,
        tenant,
        startedAt: timeText(startedAtMs),
        counts: {
          deployments: deployments.length,
          ready: deps.runtime.statuses(tenant).filter(({ state }) => state === 'ready').length,
          waitingApproval: deployments.filter((record) => record.approvedDigest !== record.digest).length,
          profiles: tenantProfiles(deps, tenant).length,
          keys: deps.snapshots.current().keys.filter((key) => key.tenant === tenant && key.sessionId === undefined).length,
        },
        health: await deps.health(),
        declared: {
          file: declared?.file ?? null,
          error: deps.declared.error(),
          warnings: (declared?.warnings ?? []).map(({ place, message }) => `${place}: ${message}`),
        },
      }
    },

    listSettings: async () => ({
      items: deps.settings.map((row) => (row.isSecret ? { ...row, value: null } : { ...row })),
      nextCursor: null,
    }),

    async createOwnerLink() {
      const atMs = deps.now()
      const token = await deps.identity.createOwnerLink()
      return { url: `${deps.server.publicUrl}/welcome?token=${token}`, expiresAt: timeText(atMs + LIMITS.ownerLinkMsMax) }
    },
  }
}
