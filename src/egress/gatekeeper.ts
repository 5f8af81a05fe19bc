import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { Problem } from '#std/index.ts'
import { isInRanges, parseRange, specialAddressKind, type AddressRange } from './address.ts'
import { hostPortText, isAddress, isWebPort, readHostPort, type Destination } from './destination.ts'

/** Turns a name into IP addresses; rejects as `dns.lookup` does. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Decides which addresses a connection may be made to. */
export interface Gatekeeper {
  /**
   * The addresses to dial for a destination, all of them checked. A caller must connect to exactly these: asking the
   * resolver again would let the name change its mind in between. Rejects with `egress-denied`, or as the resolver does.
   */
  addressesOf(destination: Destination, isTrusted: boolean): Promise<LookupAddress[]>
}

/**
 * A destination passes when its port is one of the web's and *every* address of it is public, when the operator's list
 * names it (`host:port`, or a range that holds all its addresses), or when the operator declared it (`isTrusted`).
 * `allow` holds the entries of SALLYPORT_EGRESS_ALLOW; throws `invalid-input` for one that is neither form.
 */
export function createGatekeeper(allow: readonly string[], resolve: Resolve): Gatekeeper {
  const { names, ranges } = parseAllowList(allow)
  const check = (destination: Destination, addresses: readonly string[]): void => {
    const kinds = addresses.filter((address) => !isInRanges(address, ranges)).map(specialAddressKind)
    // A mix of public and private answers is how a name slips through a check that looks at one of them.
    const special = kinds.find((kind) => kind !== null)
    if (special !== undefined) throw denied(destination, special)
    if (kinds.length > 0 && !isWebPort(destination.port)) throw denied(destination, null)
  }
  return {
    async addressesOf(destination, isTrusted) {
      const { host } = destination
      // An IP literal never reaches a resolver, neither ours nor the socket's, so it is checked here like an answer.
      const addresses = isAddress(host) ? [host] : await resolve(host)
      if (addresses.length === 0) throw Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' })
      if (!isTrusted && !names.has(hostPortText(destination))) check(destination, addresses)
      return addresses.map((address) => ({ address, family: isIP(address) }))
    },
  }
}

function parseAllowList(entries: readonly string[]): { names: ReadonlySet<string>; ranges: readonly AddressRange[] } {
  const names = new Set<string>()
  const ranges: AddressRange[] = []
  for (const entry of entries) {
    const range = parseRange(entry)
    const destination = range === null ? readHostPort(entry) : null
    if (range !== null) ranges.push(range)
    else if (destination !== null) names.add(hostPortText(destination))
    else {
      throw new Problem('invalid-input', `SALLYPORT_EGRESS_ALLOW: ${JSON.stringify(entry)} is neither host:port nor a CIDR range.`, {
        remedy: 'Write it like SALLYPORT_EGRESS_ALLOW=tools.internal:8080,10.1.0.0/16.',
      })
    }
  }
  return { names, ranges }
}

/** Names the kind of address, never the address: what a private name resolves to is nobody else's business. */
function denied(destination: Destination, kind: string | null): Problem {
  const text = hostPortText(destination)
  const verb = isAddress(destination.host) ? 'is' : 'leads to'
  const detail = kind === null ? `${text} is not on a port of the web (80, 443, or 1024 and above).` : `${text} ${verb} a ${kind} address.`
  return new Problem('egress-denied', detail, {
    remedy: `If it is meant to be reached, the operator sets SALLYPORT_EGRESS_ALLOW=${text} (a comma-separated list).`,
    extensions: { destination: text },
  })
}
