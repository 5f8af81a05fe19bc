import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import { LIMITS, Problem } from '#std/index.ts'

/** What a proxy says of the client behind it; null where it says nothing. */
export interface Forwarded {
  readonly address: string
  /** The Host that the client asked for. */
  readonly host: string | null
  /** The scheme that the client used, lower-case. */
  readonly scheme: string | null
}

/** Believes `X-Forwarded-*` of the configured addresses and of nobody else. */
export interface TrustedProxy {
  /** Null when the request does not come from a trusted address: what it says of others is then nobody's word. */
  read(request: IncomingMessage): Forwarded | null
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/**
 * The client is the rightmost address that is not itself trusted: each trusted hop has added the one it saw, and what
 * stands further left was written by whoever that is. `text` is addresses and CIDRs with commas between them. Throws
 * `invalid-input`.
 */
export function createTrustedProxy(text: string): TrustedProxy {
  const ranges = text.split(',').map((part) => rangeOf(part.trim()))
  const isTrusted = (peer: string): boolean => {
    if (!ipaddr.isValid(peer)) return false
    const address = ipaddr.process(peer)
    return ranges.some((range) => range[0].kind() === address.kind() && address.match(range))
  }
  return {
    read(request) {
      const peer = request.socket.remoteAddress ?? ''
      if (!isTrusted(peer)) return null
      const hops = valuesOf(request, 'x-forwarded-for')
      let address = peer
      let trusted = 0
      for (; trusted < Math.min(hops.length, LIMITS.forwardedHopsMax); trusted++) {
        const hop = addressIn(hops[hops.length - 1 - trusted]!)
        // What is no address ends the chain: behind it nobody is known.
        if (hop === null) break
        address = hop
        if (!isTrusted(hop)) break
      }
      const saidBy = (name: string): string | null => {
        const values = valuesOf(request, name)
        // Where each hop adds its word, the one of the hop that saw the client counts.
        return values.length === 0 ? null : values[Math.max(0, values.length - 1 - trusted)]!.toLowerCase()
      }
      return { address, host: saidBy('x-forwarded-host'), scheme: saidBy('x-forwarded-proto') }
    },
  }
}

/** Nothing behind the edge sees these: believed or not, they are used up here. */
const NAMES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip'] as const
const NAME_SET: ReadonlySet<string> = new Set(NAMES)

/** Takes them out of both forms in which Node holds headers. */
export function dropForwarded({ headers, rawHeaders }: IncomingMessage): void {
  let isThere = false
  for (const name of NAMES) {
    if (headers[name] === undefined) continue
    delete headers[name]
    isThere = true
  }
  if (!isThere) return
  let kept = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (NAME_SET.has(rawHeaders[i]!.toLowerCase())) continue
    rawHeaders[kept] = rawHeaders[i]!
    rawHeaders[kept + 1] = rawHeaders[i + 1]!
    kept += 2
  }
  rawHeaders.length = kept
}

function valuesOf({ headers }: IncomingMessage, name: string): readonly string[] {
  const value = headers[name]
  return typeof value === 'string' && value.trim() !== '' ? value.split(',').map((part) => part.trim()) : []
}

/** Some proxies add a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(text: string): string | null {
  const bare = /^\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)?.[1] ?? text
  return ipaddr.isValid(bare) ? bare : null
}

function rangeOf(text: string): Range {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  } catch (cause) {
    throw new Problem(
      'invalid-input',
      `SALLYPORT_TRUSTED_PROXY names ${JSON.stringify(text.slice(0, 80))}, which is neither an address nor a CIDR.`,
      {
        remedy: 'Name addresses such as 10.0.0.5 or networks such as 10.0.0.0/24, with commas between them.',
        cause,
      },
    )
  }
}
