import {
  describeNetworkFailure,
  destinationOf,
  type Egress,
  type FetchedResponse,
  hostPortText,
  type NetworkFailure,
} from '#egress/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { TransientProblem } from '../remote/transient-problem.ts'
import type { BuiltRequest } from './build-request.ts'

export interface SendOptions {
  /** Of the deployment. */
  readonly name: string
  readonly egress: Pick<Egress, 'safeFetch'>
  /** The operator named this server: it may be private. */
  readonly isTrusted: boolean
  /** Aborted with the `Problem` that the call fails with. */
  readonly signal: AbortSignal
  readonly remainingMs: number
  /** The server was not reached, or may not be. */
  readonly onUnreachable: (problem: Problem, deniedHostPort: string | null) => void
}

const UNREACHABLE: ReadonlySet<NetworkFailure['kind']> = new Set(['refused', 'name', 'unreachable', 'connect-timeout', 'tls', 'protocol'])
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request of a tool and collects the answer. A redirect is followed where it is harmless: of a GET, within the
 * origin. Rejects with `upstream-failed`, and with whatever the signal was aborted with; no text holds a URL, which may
 * hold a credential.
 */
export async function sendRequest({ method, url, headers, body }: BuiltRequest, options: SendOptions): Promise<FetchedResponse> {
  let address = new URL(url)
  for (let redirects = 0; ; redirects++) {
    const response = await sendOnce(address, { method, headers, body }, options)
    const location = response.headers['location']
    if (!REDIRECTS.has(response.status) || method !== 'GET' || typeof location !== 'string') return response
    const next = URL.parse(location, address.href)
    if (next === null || next.origin !== address.origin || next.username !== '' || next.password !== '') return response
    if (redirects >= LIMITS.egressRedirectsMax)
      throw new Problem('upstream-failed', `${options.name} (${hostPortText(destinationOf(address))}) redirected too often.`)
    address = next
  }
}

async function sendOnce(address: URL, request: Omit<BuiltRequest, 'url'>, options: SendOptions): Promise<FetchedResponse> {
  const { egress, isTrusted, signal, remainingMs } = options
  try {
    return await egress.safeFetch(address, {
      method: request.method,
      headers: request.headers,
      ...(request.body === null ? {} : { body: request.body }),
      signal,
      // The signal ends the call at its deadline; this only keeps the default from ending it earlier.
      timeoutMs: remainingMs + LIMITS.egressTimeoutMs,
      bytesMax: LIMITS.resultBytesMax,
      redirect: 'return',
      isTrusted,
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (!(error instanceof Problem)) throw error
    throw asUpstreamProblem(error, address, options)
  }
}

function asUpstreamProblem(problem: Problem, address: URL, { name, onUnreachable }: SendOptions): Problem {
  const hostPort = hostPortText(destinationOf(address))
  const remedy = problem.remedy === undefined ? {} : { remedy: problem.remedy }
  if (problem.type === 'egress-denied') {
    const denied = new Problem('upstream-failed', `${name} (${hostPort}) may not be reached: ${problem.message}`, {
      ...remedy,
      cause: problem,
    })
    onUnreachable(denied, hostPort)
    return denied
  }
  const failed = new TransientProblem('upstream-failed', `${name}: ${problem.message}`, { ...remedy, cause: problem })
  if (UNREACHABLE.has(describeNetworkFailure(problem.cause).kind)) onUnreachable(failed, null)
  return failed
}
