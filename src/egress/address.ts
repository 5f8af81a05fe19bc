import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type AddressRange = readonly [Address, number]

/**
 * What is not the public internet: the IANA special-purpose registries for IPv4 and IPv6, multicast, and the metadata
 * services that clouds put on public-looking addresses. The first row that holds an address names it.
 */
const SPECIAL_RANGES: readonly (readonly [cidr: string, name: string])[] = [
  ['0.0.0.0/8', '"this network"'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared (carrier-grade NAT)'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'cloud metadata'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'IETF protocol'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'multicast tunnelling'],
  ['192.88.99.0/24', '6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'IPv4-compatible'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['::ffff:0:0:0/96', 'IPv4-translated'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'local NAT64'],
  ['100::/64', 'discard-only'],
  ['100:0:0:1::/64', 'dummy'],
  ['2001::/32', 'Teredo'],
  ['2001::/23', 'IETF protocol'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
]

const ranges = SPECIAL_RANGES.map(([cidr, name]) => ({ range: ipaddr.parseCIDR(cidr) as AddressRange, name }))
/** The only block of IPv6 from which global unicast addresses are given out. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as AddressRange

/** The kind of special address a text is, for people to read; null when it is a public one. `text` must be an IP address. */
export function specialAddressKind(text: string): string | null {
  const address = ipaddr.parse(text)
  const special = ranges.find(({ range }) => holds(range, address))
  if (special !== undefined) return special.name
  // Whatever else is not plainly public is refused as well, so that a gap in one of two tables is no hole.
  if (address.range() !== 'unicast' || (address.kind() === 'ipv6' && !holds(GLOBAL_UNICAST, address))) return 'reserved'
  return null
}

/** Whether an address lies in one of the ranges. An IPv4-mapped address also counts as the IPv4 address in it. */
export function isInRanges(text: string, candidates: readonly AddressRange[]): boolean {
  const address = ipaddr.parse(text)
  const mapped = ipaddr.process(text)
  return candidates.some((range) => holds(range, address) || holds(range, mapped))
}

/** `10.0.0.0/8` as a range; null when it is not one. */
export function parseRange(text: string): AddressRange | null {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null
}

function holds([network, bits]: AddressRange, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits)
}
