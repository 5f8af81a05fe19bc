import type { ApiKey } from '#identity/index.ts'
import { Problem } from '#std/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { makeCursor, readCursor, timeOrNull, timeText } from './pages.ts'
import { assertKnown, tenantDeployments, tenantProfiles } from './records.ts'

type KeyHandlers = Handlers<'listKeys' | 'createKey' | 'deleteKey'>

export function keyHandlers(deps: ApiDeps): KeyHandlers {
  return {
    async listKeys({ caller, query: { limit, cursor } }) {
      const found = await deps.identity.listKeys(caller.tenant, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { after: readCursor(cursor) }),
      })
      const items = found.slice(0, limit)
      const last = found.length > limit ? items.at(-1) : undefined
      return { items: items.map(keyView), nextCursor: last === undefined ? null : makeCursor(last.id) }
    },

    async createKey({ caller, body: { expiresAt, ...body } }) {
      if (body.scopes.includes('admin') && (body.endpoints !== null || body.tools !== null)) {
        throw new Problem('invalid-input', 'A key with the scope admin cannot be restricted: it could lift the restriction itself.', {
          remedy: 'Leave out the scope admin, or the restriction.',
        })
      }
      const known = [...tenantDeployments(deps, caller.tenant), ...tenantProfiles(deps, caller.tenant)].map(({ name }) => name)
      assertKnown('deployment or profile', body.endpoints ?? [], known)
      const { record, key } = await deps.identity.createKey(
        caller.tenant,
        { ...body, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) },
        caller.id,
      )
      return { ...keyView(record), key }
    },

    async deleteKey({ caller, params }) {
      await deps.identity.revokeKey(caller.tenant, params.id)
      return undefined
    },
  }
}

function keyView(key: ApiKey): ResponseOf<'listKeys'>['items'][number] {
  return {
    id: key.id,
    name: key.name,
    kind: key.kind,
    scopes: [...key.scopes],
    endpoints: key.endpoints === null ? null : [...key.endpoints],
    tools: key.tools === null ? null : [...key.tools],
    createdAt: timeText(key.createdAtMs),
    expiresAt: timeOrNull(key.expiresAtMs),
    lastUsedAt: timeOrNull(key.lastUsedAtMs),
    revokedAt: timeOrNull(key.revokedAtMs),
  }
}
