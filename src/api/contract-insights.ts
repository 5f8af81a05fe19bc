// What a console shows first: the state of the server, how many calls there were and how they went, and what somebody should look at.
import { z } from 'zod'
import type { Route } from './contract-route.ts'
import { overview } from './contract-shapes.ts'

const NAME_LENGTH_MAX = 256
const time = z.iso.datetime().meta({ examples: ['2026-11-21T10:00:00.000Z'] })
const percentile = (share: string) =>
  z.int().nullable().describe(`Microseconds in which ${share} of the allowed calls were answered, estimated from a histogram; null: none`)

const totals = {
  calls: z.int(),
  errors: z.int().describe('Allowed, and did not go well: the server failed, was late or answered with an error. Cancelled calls are none'),
  denied: z.int(),
  p50Us: percentile('half'),
  p95Us: percentile('95 %'),
}

export const insightsQuery = z.strictObject({
  since: time.optional().describe('Default: an hour before `until`'),
  until: time.optional().describe('Default, and at the latest: now'),
  deployment: z.string().max(NAME_LENGTH_MAX).optional(),
  endpoint: z.string().max(NAME_LENGTH_MAX).optional(),
})

export const insights = z
  .object({
    since: time.describe('The beginning of the first point'),
    until: time.describe('The end of the last minute that is counted'),
    stepMs: z.int(),
    series: z.array(z.object({ at: time, ...totals })).describe('A point for every step, oldest first, also where nothing was called'),
    totals: z.object(totals),
    previous: z.object(totals).describe('The period of the same length just before'),
    tools: z.array(z.object({ deployment: z.string(), tool: z.string(), ...totals })).describe('Those called most, busiest first'),
    deployments: z.array(z.object({ deployment: z.string(), ...totals })),
  })
  .meta({ id: 'Insights', description: 'Calls per minute, added up; refused calls count without the name of a tool' })

export const attentionItem = z
  .object({
    id: z.string().describe('The same as long as it is about the same thing'),
    severity: z.enum(['critical', 'warning', 'notice']),
    kind: z.enum(['approval', 'input', 'failure', 'denied', 'declared', 'health', 'key-expiry', 'key-unused', 'error-rate']),
    title: z.string(),
    detail: z.string(),
    remedy: z.string().describe('What to do: a command or a setting where there is one'),
    deployment: z.string().nullable(),
    keyId: z.string().nullable(),
    since: time.nullable().describe('Since when it is so, where that is known'),
  })
  .meta({ id: 'AttentionItem' })

export const INSIGHT_ROUTES = {
  getOverview: {
    method: 'GET',
    effect: 'read',
    path: '/overview',
    noun: 'server',
    summary: 'Show version, counts and health',
    needs: 'admin',
    status: 200,
    response: overview,
  },
  getInsights: {
    method: 'GET',
    effect: 'read',
    path: '/insights',
    noun: 'activity',
    summary: 'Show how many calls there were, how they went and how long they took, over at most 31 days',
    needs: 'admin',
    query: insightsQuery,
    status: 200,
    response: insights,
  },
  listAttention: {
    method: 'GET',
    effect: 'read',
    path: '/attention',
    noun: 'server',
    summary: 'List what somebody should look at, worst first, each with what to do about it',
    needs: 'admin',
    status: 200,
    response: z.object({ items: z.array(attentionItem) }),
  },
} as const satisfies Record<string, Route>
