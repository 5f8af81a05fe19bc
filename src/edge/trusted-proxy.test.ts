import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import { createTrustedProxy, dropForwarded } from './trusted-proxy.ts'

const from = (peer: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress: peer }, headers, rawHeaders: Object.entries(headers).flat() }) as unknown as IncomingMessage
const forwardedFor = (value: string): Record<string, string> => ({ 'x-forwarded-for': value })

describe('a trusted proxy', () => {
  const proxy = createTrustedProxy('10.0.0.0/24, 192.0.2.7, 2001:db8::/64')

  it.each([
    ['what it saw itself', '10.0.0.5', '203.0.113.9', '203.0.113.9'],
    ['the rightmost address that is not trusted', '10.0.0.5', '1.1.1.1, 203.0.113.9, 192.0.2.7, 10.0.0.9', '203.0.113.9'],
    ['not what the client wrote left of that', '10.0.0.5', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['itself, where it says nothing', '10.0.0.5', '', '10.0.0.5'],
    ['the first hop, where all are trusted', '10.0.0.5', '10.0.0.8, 10.0.0.9', '10.0.0.8'],
    ['the last hop known, where something is no address', '10.0.0.5', '203.0.113.9, unknown, 10.0.0.9', '10.0.0.9'],
    ['an address with a port', '10.0.0.5', '203.0.113.9:4711', '203.0.113.9'],
    ['an IPv6 address in brackets', '2001:db8::1', '[2001:db9::1]:80, 2001:db8::2', '2001:db9::1'],
    ['the same over IPv4-mapped addresses', '::ffff:10.0.0.5', '203.0.113.9, ::ffff:10.0.0.9', '203.0.113.9'],
  ])('tells %s', (_, peer, header, address) => {
    expect(proxy.read(from(peer, forwardedFor(header)))?.address).toBe(address)
  })

  it.each(['10.0.1.5', '192.0.2.8', '::1', '2001:db8:0:1::1', '', 'fe80::1%eth0', '::ffff:10.0.1.5'])(
    'is not whoever else asks: %s',
    (peer) => {
      expect(
        proxy.read(from(peer, { ...forwardedFor('10.0.0.1'), 'x-forwarded-host': 'tools.example', 'x-forwarded-proto': 'https' })),
      ).toBeNull()
    },
  )

  it('says which host and scheme the hop saw that met the client', () => {
    const read = (headers: Record<string, string>) => proxy.read(from('10.0.0.5', headers))
    expect(read({ 'x-forwarded-host': 'Tools.Example', 'x-forwarded-proto': 'HTTPS' })).toMatchObject({
      host: 'tools.example',
      scheme: 'https',
    })
    expect(read({ ...forwardedFor('203.0.113.9'), 'x-forwarded-proto': 'https, http' })?.scheme).toBe('http')
    expect(read({ ...forwardedFor('203.0.113.9, 10.0.0.9'), 'x-forwarded-proto': 'https, http' })?.scheme).toBe('https')
    expect(read({ ...forwardedFor('203.0.113.9, 10.0.0.9'), 'x-forwarded-proto': 'https' })?.scheme).toBe('https')
    expect(read({})).toEqual({ address: '10.0.0.5', host: null, scheme: null })
  })

  it('looks at so many hops only', () => {
    const behind = (hops: number): string => ['203.0.113.9', ...Array.from({ length: hops }, () => '10.0.0.9')].join()
    const read = (hops: number) => proxy.read(from('10.0.0.5', forwardedFor(behind(hops))))?.address
    expect([read(LIMITS.forwardedHopsMax - 1), read(LIMITS.forwardedHopsMax)]).toEqual(['203.0.113.9', '10.0.0.9'])
  })

  it.each(['nobody', '10.0.0.0/99', '10.0.0.1,', ''])('must be addresses: %j', (text) => {
    expect(() => createTrustedProxy(text)).toThrow(Problem)
    expect(() => createTrustedProxy(text)).toThrow(/SALLYPORT_TRUSTED_PROXY/)
  })

  it('leaves nothing of it for those behind', () => {
    const request = from('10.0.0.5', {
      ...forwardedFor('1.2.3.4'),
      Accept: '*/*',
      forwarded: 'for=1.2.3.4',
      'x-real-ip': '1.2.3.4',
      'x-last': '1',
    })
    dropForwarded(request)
    expect(request.headers).toEqual({ Accept: '*/*', 'x-last': '1' })
    expect(request.rawHeaders).toEqual(['Accept', '*/*', 'x-last', '1'])
  })
})
