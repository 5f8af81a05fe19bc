import type { z } from 'zod'
import type { ProblemType } from '#std/index.ts'

/** A row of the contract. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `API_BASE`; parameters in braces. */
  readonly path: string
  readonly noun: 'server' | 'deployments' | 'profiles' | 'keys' | 'activity' | 'secrets'
  readonly summary: string
  /**
   * What the credential must hold: `any` valid one, `admin`, or `owner`, which is `admin` held by an owner. `nobody`
   * needs none: the body says who asks.
   */
  readonly needs: 'nobody' | 'any' | 'admin' | 'owner'
  /**
   * `read` leaves no trace. `act` and `change` are recorded in the audit trail before they are answered, and refused
   * when they cannot be; `change` is also in force on this node when it is answered.
   */
  readonly effect: 'read' | 'act' | 'change'
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly status: 200 | 201 | 204
  readonly response?: z.ZodType
  /** Data of each event when the client accepts `text/event-stream`, and the name of the event. */
  readonly stream?: { readonly event: string; readonly data: z.ZodType; readonly isOnlyForm: boolean }
  /** Refusals beyond those that every route has (401, 403, malformed input). */
  readonly problems?: readonly ProblemType[]
}
