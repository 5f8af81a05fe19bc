import type { TlsFiles } from '#edge/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { LoadedSettings, Settings } from '#config.ts'

/** Whether an address can only be reached from this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** The certificate that TLS is served with; null: it is not. Throws for a certificate without a key, and the other way round. */
export function tlsFilesOf({ tlsCert, tlsKey }: Pick<Settings, 'tlsCert' | 'tlsKey'>): TlsFiles | null {
  if (tlsCert === undefined && tlsKey === undefined) return null
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey }
  const missing = tlsCert === undefined ? 'SALLYPORT_TLS_CERT' : 'SALLYPORT_TLS_KEY'
  throw new Problem('invalid-input', `TLS needs a certificate and its key, and ${missing} is not set.`, { remedy: `Set ${missing} too.` })
}

/** Refuses to be reachable from elsewhere without encryption and an owner inside (R32), and to promise an address that is another one. */
export function assertMayListen({ settings, origins }: Pick<LoadedSettings, 'settings' | 'origins'>, hasOwner: boolean): void {
  const tls = tlsFilesOf(settings)
  if (tls !== null && origins.publicUrl !== 'default' && settings.publicUrl.startsWith('http:')) {
    throw new Problem('invalid-input', `TLS is served here, and SALLYPORT_PUBLIC_URL=${settings.publicUrl} says plain http.`, {
      remedy: `Set SALLYPORT_PUBLIC_URL=${settings.publicUrl.replace('http:', 'https:')}, with the name that the certificate has.`,
    })
  }
  if (isLoopbackHost(settings.host)) return
  if (tls === null && settings.trustedProxy === undefined) {
    throw new Problem('invalid-input', `SALLYPORT_HOST=${settings.host} would offer this server to the network without TLS.`, {
      remedy:
        'Set SALLYPORT_TLS_CERT and SALLYPORT_TLS_KEY, or put a TLS proxy in front and set SALLYPORT_TRUSTED_PROXY to its address, or keep SALLYPORT_HOST=127.0.0.1.',
    })
  }
  if (!hasOwner) {
    throw new Problem('invalid-input', `SALLYPORT_HOST=${settings.host} would offer a server without an owner to the network.`, {
      remedy: 'Set SALLYPORT_OWNER_KEY, or start once on 127.0.0.1 and open the link that is printed.',
    })
  }
}

/** How a server stops: how long it goes on as before while /readyz says no, and how long calls under way then have. */
export interface DrainTimes {
  readonly noticeMs: number
  readonly drainMs: number
}

/** Nobody balances load over a server that only its own machine can reach: there it need not wait to be noticed. */
export function drainTimesOf({ host, drainSeconds, drainNoticeSeconds }: Settings): DrainTimes {
  const notice = drainNoticeSeconds ?? (isLoopbackHost(host) ? 0 : LIMITS.drainNoticeSecondsDefault)
  return { noticeMs: notice * 1000, drainMs: drainSeconds * 1000 }
}
