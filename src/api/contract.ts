// The control plane in one table: a row is a route. Handlers, the OpenAPI document, the reference page, the
// authorization tests and the command line are made from it, so a route that is not here does not exist.
import { z } from 'zod'
import { BODIES_ROUTES } from './contract-bodies.ts'
import { INSIGHT_ROUTES } from './contract-insights.ts'
import type { Route } from './contract-route.ts'
import { SESSION_ROUTES } from './contract-session.ts'
import * as shape from './contract-shapes.ts'

export type { Route } from './contract-route.ts'
export * from './contract-session.ts'
export * from './contract-insights.ts'
export * from './contract-shapes.ts'

/** Every path of the contract stands below it. */
export const API_BASE = '/api/v1'

/** Every route of the control plane. */
export const CONTRACT = {
  ...SESSION_ROUTES,
  ...INSIGHT_ROUTES,
  listSettings: {
    method: 'GET',
    effect: 'read',
    path: '/settings',
    noun: 'server',
    summary: 'List every setting with its value and where it came from',
    needs: 'admin',
    status: 200,
    response: shape.page(shape.setting),
  },
  createOwnerLink: {
    method: 'POST',
    effect: 'act',
    path: '/owner/link',
    noun: 'server',
    summary: 'Make a one-time link that gives out an owner key',
    needs: 'owner',
    status: 201,
    response: shape.ownerLink,
  },

  listDeployments: {
    method: 'GET',
    effect: 'read',
    path: '/deployments',
    noun: 'deployments',
    summary: 'List deployments with their state',
    needs: 'admin',
    query: z.strictObject(shape.pageQuery),
    status: 200,
    response: shape.page(shape.deployment),
  },
  createDeployment: {
    method: 'POST',
    effect: 'change',
    path: '/deployments',
    noun: 'deployments',
    summary: 'Add a remote server, or a process that waits for approval',
    needs: 'admin',
    body: shape.deploymentInput,
    status: 201,
    response: shape.deployment,
    problems: ['conflict', 'egress-denied'],
  },
  parseDeployments: {
    method: 'POST',
    effect: 'read',
    path: '/deployments/parse',
    noun: 'deployments',
    summary: 'Read a URL, a command line or pasted client JSON into definitions; nothing is stored or started',
    needs: 'admin',
    body: z.strictObject({ text: z.string().min(1).max(262_144) }),
    status: 200,
    response: shape.parsed,
  },
  getDeployment: {
    method: 'GET',
    effect: 'read',
    path: '/deployments/{name}',
    noun: 'deployments',
    summary: 'Show a deployment',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.deployment,
    problems: ['not-found'],
  },
  updateDeployment: {
    method: 'PATCH',
    effect: 'change',
    path: '/deployments/{name}',
    noun: 'deployments',
    summary: 'Change a deployment; a changed process asks for approval again',
    needs: 'admin',
    params: shape.nameParam,
    body: shape.deploymentPatch,
    status: 200,
    response: shape.deployment,
    problems: ['not-found', 'declared-read-only', 'egress-denied'],
  },
  deleteDeployment: {
    method: 'DELETE',
    effect: 'change',
    path: '/deployments/{name}',
    noun: 'deployments',
    summary: 'Remove a deployment and its secrets; keys that were restricted to it lose it',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.removed,
    problems: ['not-found', 'conflict', 'declared-read-only'],
  },
  approveDeployment: {
    method: 'POST',
    effect: 'change',
    path: '/deployments/{name}/approve',
    noun: 'deployments',
    summary: 'Approve exactly this launch specification',
    needs: 'admin',
    params: shape.nameParam,
    body: z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal characters') }),
    status: 200,
    response: shape.deployment,
    problems: ['not-found', 'conflict', 'declared-read-only'],
  },
  grantDeployment: {
    method: 'POST',
    effect: 'change',
    path: '/deployments/{name}/grants',
    noun: 'deployments',
    summary: 'Add destinations and files to what a process may reach, or take them away; it asks for approval again',
    needs: 'admin',
    params: shape.nameParam,
    body: shape.grantsInput,
    status: 200,
    response: shape.deployment,
    problems: ['not-found', 'declared-read-only', 'egress-denied'],
  },
  restartDeployment: {
    method: 'POST',
    effect: 'act',
    path: '/deployments/{name}/restart',
    noun: 'deployments',
    summary: 'Restart a process, or probe a remote server again',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.deployment,
    problems: ['not-found', 'approval-needed'],
  },
  listDeploymentLogs: {
    method: 'GET',
    effect: 'read',
    path: '/deployments/{name}/logs',
    noun: 'deployments',
    summary: 'Show the last lines a process wrote to stderr; `follow=true` with `Accept: text/event-stream` goes on',
    needs: 'admin',
    params: shape.nameParam,
    query: z.strictObject({ follow: z.stringbool().default(false) }),
    status: 200,
    response: shape.page(shape.logLine),
    stream: { event: 'log', data: shape.logLine, isOnlyForm: false },
    problems: ['not-found'],
  },
  listDeploymentTools: {
    method: 'GET',
    effect: 'read',
    path: '/deployments/{name}/tools',
    noun: 'deployments',
    summary: 'List the tools of a deployment',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.page(shape.tool),
    problems: ['not-found', 'upstream-failed', 'upstream-down', 'upstream-timeout'],
  },

  listProfiles: {
    method: 'GET',
    effect: 'read',
    path: '/profiles',
    noun: 'profiles',
    summary: 'List profiles',
    needs: 'admin',
    query: z.strictObject(shape.pageQuery),
    status: 200,
    response: shape.page(shape.profile),
  },
  createProfile: {
    method: 'POST',
    effect: 'change',
    path: '/profiles',
    noun: 'profiles',
    summary: 'Create a profile',
    needs: 'admin',
    body: shape.profileInput,
    status: 201,
    response: shape.profile,
    problems: ['conflict'],
  },
  getProfile: {
    method: 'GET',
    effect: 'read',
    path: '/profiles/{name}',
    noun: 'profiles',
    summary: 'Show a profile',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.profile,
    problems: ['not-found'],
  },
  updateProfile: {
    method: 'PATCH',
    effect: 'change',
    path: '/profiles/{name}',
    noun: 'profiles',
    summary: 'Change a profile',
    needs: 'admin',
    params: shape.nameParam,
    body: shape.profilePatch,
    status: 200,
    response: shape.profile,
    problems: ['not-found', 'declared-read-only'],
  },
  deleteProfile: {
    method: 'DELETE',
    effect: 'change',
    path: '/profiles/{name}',
    noun: 'profiles',
    summary: 'Remove a profile; keys that were restricted to it lose it',
    needs: 'admin',
    params: shape.nameParam,
    status: 200,
    response: shape.removed,
    problems: ['not-found', 'declared-read-only'],
  },

  listKeys: {
    method: 'GET',
    effect: 'read',
    path: '/keys',
    noun: 'keys',
    summary: 'List API keys, never the keys themselves',
    needs: 'admin',
    query: z.strictObject(shape.pageQuery),
    status: 200,
    response: shape.page(shape.key),
  },
  createKey: {
    method: 'POST',
    effect: 'change',
    path: '/keys',
    noun: 'keys',
    summary: 'Create an API key and show it once',
    needs: 'admin',
    body: shape.keyInput,
    status: 201,
    response: shape.createdKey,
  },
  deleteKey: {
    method: 'DELETE',
    effect: 'change',
    path: '/keys/{id}',
    noun: 'keys',
    summary: 'Revoke an API key, effective at once',
    needs: 'admin',
    params: shape.idParam,
    status: 204,
    problems: ['not-found'],
  },

  listActivity: {
    method: 'GET',
    effect: 'read',
    path: '/activity',
    noun: 'activity',
    summary: 'List what happened, newest first',
    needs: 'admin',
    query: shape.activityQuery,
    status: 200,
    response: shape.page(shape.activityItem),
  },
  streamActivity: {
    method: 'GET',
    effect: 'read',
    path: '/activity/stream',
    noun: 'activity',
    summary: 'Follow what happens as an event stream',
    needs: 'admin',
    query: shape.activityStreamQuery,
    status: 200,
    stream: { event: 'activity', data: shape.activityItem, isOnlyForm: true },
    problems: ['not-acceptable'],
  },
  getActivity: {
    method: 'GET',
    effect: 'read',
    path: '/activity/{id}',
    noun: 'activity',
    summary: 'Show one event with its flight record',
    needs: 'admin',
    params: shape.idParam,
    status: 200,
    response: shape.activityDetail,
    problems: ['not-found'],
  },
  ...BODIES_ROUTES,
  verifyAudit: {
    method: 'POST',
    effect: 'act',
    path: '/audit/verify',
    noun: 'activity',
    summary: 'Check the hash chain for changed, removed or reordered events',
    needs: 'admin',
    status: 200,
    response: shape.verification,
  },

  listSecrets: {
    method: 'GET',
    effect: 'read',
    path: '/secrets',
    noun: 'secrets',
    summary: 'List the names of stored secrets',
    needs: 'admin',
    query: z.strictObject(shape.pageQuery),
    status: 200,
    response: shape.page(shape.secret),
  },
  putSecret: {
    method: 'PUT',
    effect: 'change',
    path: '/secrets/{name}',
    noun: 'secrets',
    summary: 'Store or replace a secret; slashes in its name are written %2F',
    needs: 'admin',
    params: shape.nameParam,
    body: shape.secretInput,
    status: 204,
  },
  deleteSecret: {
    method: 'DELETE',
    effect: 'change',
    path: '/secrets/{name}',
    noun: 'secrets',
    summary: 'Remove a secret that nothing refers to',
    needs: 'admin',
    params: shape.nameParam,
    status: 204,
    problems: ['not-found', 'conflict'],
  },
} as const satisfies Record<string, Route>

export type RouteId = keyof typeof CONTRACT
type Row<Id extends RouteId> = (typeof CONTRACT)[Id]

/** What a handler or client sends and gets, by route. `undefined` where the route has none. */
export type ParamsOf<Id extends RouteId> = Row<Id> extends { params: infer S extends z.ZodType } ? z.output<S> : undefined
export type QueryOf<Id extends RouteId> = Row<Id> extends { query: infer S extends z.ZodType } ? z.output<S> : undefined
export type QueryInputOf<Id extends RouteId> = Row<Id> extends { query: infer S extends z.ZodType } ? z.input<S> : undefined
export type BodyOf<Id extends RouteId> = Row<Id> extends { body: infer S extends z.ZodType } ? z.output<S> : undefined
export type BodyInputOf<Id extends RouteId> = Row<Id> extends { body: infer S extends z.ZodType } ? z.input<S> : undefined
export type ResponseOf<Id extends RouteId> = Row<Id> extends { response: infer S extends z.ZodType } ? z.output<S> : undefined
export type StreamDataOf<Id extends RouteId> = Row<Id> extends { stream: { data: infer S extends z.ZodType } } ? z.output<S> : never

/** Path and query of a route below the server's address, each part encoded. */
export function routePath(
  id: RouteId,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = CONTRACT[id].path.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(params[part] ?? ''))
  const search = new URLSearchParams()
  for (const [part, given] of Object.entries(query)) {
    if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') search.set(part, String(given))
  }
  return API_BASE + path + (search.size === 0 ? '' : `?${search.toString()}`)
}
