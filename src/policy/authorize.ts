import type { Caller } from '#identity/index.ts'
import { matchesTool } from '#profile/index.ts'
import { Problem } from '#std/index.ts'
import type { AccessQuestion, Authorization, GuardedEndpoint } from './model.ts'

/** The name of the endpoint that federates everything the caller may use. */
export const EVERYTHING = '*'

const RULES = new Map<string, Authorization>()

/** One object per rule name: an authorisation costs no allocation on the path of a call. */
function allowedBy(rule: string): Authorization {
  let authorization = RULES.get(rule)
  if (authorization === undefined) {
    authorization = Object.freeze({ rule }) as Authorization
    RULES.set(rule, authorization)
  }
  return authorization
}

const ANYBODY = allowedBy('public-endpoint')
const OWNER = allowedBy('owner-may-all')
const MEMBER = allowedBy('tenant-member')

/** The rule by which a caller may use an endpoint, or null. Unknown and forbidden endpoints look alike to the caller. */
export function ruleForEndpoint(caller: Caller, endpoint: GuardedEndpoint): Authorization | null {
  if (endpoint.access === 'public') return ANYBODY
  if (caller.kind === 'anonymous' || caller.tenant !== endpoint.tenant) return null
  if (caller.kind === 'owner') return OWNER
  if (caller.endpoints === null || endpoint.name === EVERYTHING) return endpoint.access === 'tenant' ? MEMBER : allowedBy(caller.keyRule)
  return caller.endpoints.has(endpoint.name) ? allowedBy(caller.keyRule) : null
}

/**
 * Decides on one request. Throws `not-found` where the caller must not learn that the thing exists, and
 * `insufficient-scope` where it was granted but this credential lacks the scope.
 */
export function authorize(question: AccessQuestion): Authorization {
  const { caller, endpoint, scope, tool } = question
  const rule = ruleForEndpoint(caller, endpoint)
  if (rule === null) throw notFound()
  if (rule === ANYBODY && caller.kind === 'anonymous') return rule
  if (scope !== null && !caller.scopes.has(scope) && !caller.scopes.has('admin') && rule !== ANYBODY) {
    throw new Problem(
      'insufficient-scope',
      `This needs the scope ${scope}; the credential has ${[...caller.scopes].join(' ') || 'none'}.`,
      {
        remedy: `Use a key with the scope ${scope}: sallyport key create NAME --scope ${scope}`,
        extensions: { scopes: [scope] },
      },
    )
  }
  if (tool !== null && !mayUseTool(caller, tool)) throw unknownTool(tool)
  return rule
}

/** Whether the credential's own restriction leaves this tool; what it does not leave is absent from lists too. */
export function mayUseTool(caller: Caller, tool: string): boolean {
  return caller.tools === null || caller.tools.some((pattern) => matchesTool(pattern, tool))
}

export function notFound(): Problem {
  return new Problem('not-found', 'There is no such endpoint, or this credential may not use it.', {
    remedy: 'GET /mcp lists what this credential may use.',
  })
}

export function unknownTool(tool: string): Problem {
  return new Problem('invalid-params', `Unknown tool: ${tool.slice(0, 200)}`, {
    remedy: 'tools/list shows the tools this endpoint offers.',
  })
}
