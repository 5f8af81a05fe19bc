import type { Parking } from './parking.ts'
import type { RawHttp } from './raw-http.ts'

/** What both eras need of their upstream. */
export interface Link {
  /** Of the deployment. */
  readonly name: string
  readonly url: URL
  readonly hostPort: string
  readonly http: RawHttp
  readonly now: () => number
  readonly clientInfo: Record<string, unknown>
  /** JSON-RPC ids are ours, one space per upstream. */
  readonly nextId: () => number
  /** Takes notifications that belong to no call. */
  readonly emit: (method: string, params: Record<string, unknown>) => void
  readonly warn: (text: string) => void
  /** Calls that wait for their clients; they outlive a change of what is known of the server. */
  readonly parking: Parking
}
