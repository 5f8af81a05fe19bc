import { hash, timingSafeEqual } from 'node:crypto'
import type { ApiDeps } from './deps.ts'
import { assertMay, identify } from './gatekeeping.ts'

/** Prometheus text, for SALLYPORT_METRICS_TOKEN or a credential with the scope admin. Throws as any route does. */
export async function metricsPage(deps: ApiDeps, request: Request, address: string): Promise<Response> {
  const authorization = request.headers.get('authorization')
  if (!isMetricsToken(deps.metrics.token, authorization)) assertMay(identify(deps, authorization, address), 'admin')
  return new Response(await deps.metrics.text(), { headers: { 'content-type': deps.metrics.contentType, 'cache-control': 'no-store' } })
}

function isMetricsToken(token: string | undefined, authorization: string | null): boolean {
  const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined || given === undefined) return false
  // Digests have one length, so nothing about the token shows in the time the comparison takes.
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'))
}
