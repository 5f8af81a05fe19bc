// Who asks, signing in to the console and out again: rows of the contract, and what they take and give.
import { z } from 'zod'
import type { Route } from './contract-route.ts'
import { whoami } from './contract-shapes.ts'

const CREDENTIAL_LENGTH_MAX = 512
const credential = z.string().trim().min(1).max(CREDENTIAL_LENGTH_MAX).optional()

export const sessionInput = z
  .strictObject({
    key: credential.describe('An API key or the key of an owner'),
    token: credential.describe('The token of a one-time link: makes an owner key first, which the answer shows once'),
  })
  .refine(({ key, token }) => (key === undefined) !== (token === undefined), { error: 'needs either a key or a token' })

export const createdSession = z.object({
  id: z.string(),
  proof: z
    .string()
    .describe('One half of the credential, for the header `sallyport-proof`; the other half is the cookie that comes with this answer'),
  expiresAt: z.iso.datetime(),
  whoami,
  ownerKey: z.string().nullable().describe('The owner key that the token made; it is shown this once'),
})

export const SESSION_ROUTES = {
  whoami: {
    method: 'GET',
    effect: 'read',
    path: '/whoami',
    noun: 'server',
    summary: 'Say who the credential belongs to and what it may do',
    needs: 'any',
    status: 200,
    response: whoami,
  },
  createSession: {
    method: 'POST',
    effect: 'change',
    path: '/session',
    noun: 'server',
    summary: 'Sign in to the console: exchange a key or the token of an owner link for a session in two halves',
    needs: 'nobody',
    body: sessionInput,
    status: 201,
    response: createdSession,
    problems: ['overloaded'],
  },
  deleteSession: {
    method: 'DELETE',
    effect: 'change',
    path: '/session',
    noun: 'server',
    summary: 'Sign out: end the session that this request came with',
    needs: 'any',
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Record<string, Route>
