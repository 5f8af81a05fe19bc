import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'

/** Believes `X-Forwarded-For` from one hop and from nobody else. */
export interface TrustedProxy {
  addressOf(request: IncomingMessage): string
}

/** `text` is an address or a CIDR. Throws when it is neither. */
export function createTrustedProxy(text: string): TrustedProxy {
  const range: [ipaddr.IPv4 | ipaddr.IPv6, number] = text.includes('/') ? ipaddr.parseCIDR(text) : single(ipaddr.parse(text))
  return {
    addressOf(request) {
      const peer = request.socket.remoteAddress ?? ''
      const forwarded = request.headers['x-forwarded-for']
      if (typeof forwarded !== 'string' || !ipaddr.isValid(peer)) return peer
      const address = ipaddr.process(peer)
      if (address.kind() !== range[0].kind() || !address.match(range)) return peer
      const client = forwarded.split(',').at(-1)?.trim() ?? ''
      return ipaddr.isValid(client) ? client : peer
    },
  }
}

function single(address: ipaddr.IPv4 | ipaddr.IPv6): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
