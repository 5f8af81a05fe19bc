// What the control plane tells of arguments and results: a row of the contract, and what it gives.
import { z } from 'zod'
import type { Route } from './contract-route.ts'
import { idParam } from './contract-shapes.ts'

const body = z.object({
  text: z.string().describe('JSON, with `[redacted: kind]` where something looked like a secret'),
  isCut: z.boolean().describe('Something was left out because it was too long, too much or too deep'),
})

export const activityBodies = z
  .object({
    recording: z.enum(['off', 'redacted']).describe('SALLYPORT_RECORD_BODIES: whether bodies are kept at all'),
    arguments: body.nullable().describe('As the caller sent them'),
    result: body.nullable().describe('The result, or the error in its place; null: there was none, or it is not kept'),
    redactions: z.int().describe('How many values were taken out'),
    keptUntil: z.iso
      .datetime()
      .meta({ examples: ['2026-11-28T10:00:00.000Z'] })
      .nullable(),
  })
  .meta({ id: 'ActivityBodies' })

export const BODIES_ROUTES = {
  getActivityBodies: {
    method: 'GET',
    effect: 'act',
    path: '/activity/{id}/bodies',
    noun: 'activity',
    summary: 'Show the redacted arguments and result of a call, as far as they are kept; reading them is recorded',
    needs: 'owner',
    params: idParam,
    status: 200,
    response: activityBodies,
    problems: ['not-found', 'secret-unreadable'],
  },
} as const satisfies Record<string, Route>
