import { lookup } from 'node:dns/promises'
import { Agent } from 'undici'
import { LIMITS, Problem } from '#std/index.ts'
import { createCheckedPool } from './checked-pool.ts'
import { destinationOf, readUrl } from './destination.ts'
import { openEgressProxy, type EgressProxy, type EgressProxyOptions } from './egress-proxy.ts'
import { createGatekeeper, type Resolve } from './gatekeeper.ts'
import { createDial, createOriginPool, type OutboundPool } from './http1/index.ts'
import { createSafeFetch, type SafeFetch } from './safe-fetch.ts'

export interface EgressOptions {
  /** SALLYPORT_EGRESS_ALLOW: `host:port` or CIDR entries. Throws `invalid-input` for anything else. */
  readonly allow: readonly string[]
  /** Default: the name service of the machine. */
  readonly resolve?: Resolve
}

export interface PoolOptions {
  /** The operator declared this destination: it may be private. */
  readonly isTrusted?: boolean
  /** Default: LIMITS.upstreamConnectionsMax. */
  readonly connectionsMax?: number
}

export interface Egress {
  /** For the control plane's requests: complete answers, redirects followed with care. */
  readonly safeFetch: SafeFetch
  /** Rejects with `egress-denied` for a URL that `safeFetch` would not dial now; a name that does not resolve passes. */
  assertAllowed(url: string | URL): Promise<void>
  /** For the data plane: raw exchanges with one origin. Throws `egress-denied` for what is no plain http(s) URL. */
  openPool(url: string | URL, options?: PoolOptions): OutboundPool
  /** Opens the way out of one sandbox: an HTTP proxy on a Unix socket. */
  createEgressProxy(options: EgressProxyOptions): Promise<EgressProxy>
  /** Ends the connections of `safeFetch`; pools and proxies are closed by who opened them. */
  close(): Promise<void>
}

/** Makes the one way out: whatever the program connects to, it connects to through this (R11). */
export function createEgress({ allow, resolve = systemResolve }: EgressOptions): Egress {
  const gatekeeper = createGatekeeper(allow, resolve)
  const agentOf = (isTrusted: boolean): Agent =>
    new Agent({
      maxOrigins: LIMITS.egressOriginsMax,
      factory: (origin) => createCheckedPool(gatekeeper, new URL(origin), isTrusted, LIMITS.egressConnectionsPerOriginMax),
    })
  // Connections that trust opened are never lent to a request without it.
  const trusted = agentOf(true)
  const untrusted = agentOf(false)
  return {
    safeFetch: createSafeFetch((isTrusted) => (isTrusted ? trusted : untrusted)),
    async assertAllowed(url) {
      try {
        await gatekeeper.addressesOf(destinationOf(readUrl(url)), false)
      } catch (error) {
        if (error instanceof Problem) throw error
      }
    },
    openPool(url, { isTrusted = false, connectionsMax = LIMITS.upstreamConnectionsMax } = {}) {
      const origin = readUrl(url)
      return createOriginPool(origin, createDial(gatekeeper, origin, isTrusted), connectionsMax)
    },
    createEgressProxy: (options) => openEgressProxy(gatekeeper, options),
    async close() {
      await Promise.all([trusted.destroy(), untrusted.destroy()])
    },
  }
}

const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)
