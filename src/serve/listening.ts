import { Problem } from '#std/index.ts'
import type { Settings } from '#config.ts'

/** Whether an address can only be reached from this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Refuses to be reachable from elsewhere without encryption in front and an owner inside (R32). */
export function assertMayListen(settings: Settings, hasOwner: boolean): void {
  if (isLoopbackHost(settings.host)) return
  if (settings.trustedProxy === undefined) {
    throw new Problem('invalid-input', `SALLYPORT_HOST=${settings.host} would offer this server to the network without TLS.`, {
      remedy: 'Put a TLS proxy in front and set SALLYPORT_TRUSTED_PROXY to its address, or keep SALLYPORT_HOST=127.0.0.1.',
    })
  }
  if (!hasOwner) {
    throw new Problem('invalid-input', `SALLYPORT_HOST=${settings.host} would offer a server without an owner to the network.`, {
      remedy: 'Set SALLYPORT_OWNER_KEY, or start once on 127.0.0.1 and open the link that is printed.',
    })
  }
}
