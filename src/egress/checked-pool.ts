import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { buildConnector, Pool } from 'undici'
import { LIMITS } from '#std/index.ts'
import { destinationOf, isAddress, type Destination } from './destination.ts'
import type { Gatekeeper } from './gatekeeper.ts'

/** Opens a pool of connections to one origin. Each connection is made to an address that the gatekeeper has just passed. */
export function createCheckedPool(gatekeeper: Gatekeeper, origin: URL, isTrusted: boolean, connectionsMax: number): Pool {
  return new Pool(origin.origin, {
    connect: checkedConnector(gatekeeper, destinationOf(origin), isTrusted),
    connections: connectionsMax,
    // One request at a time per connection: a slow tool must not hold up the one behind it.
    pipelining: 1,
    allowH2: false,
    useMilo: false,
    maxHeaderSize: LIMITS.headerBytesMax,
    // Deadlines are the callers': a timeout per pool would be a second, different truth.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function checkedConnector(gatekeeper: Gatekeeper, destination: Destination, isTrusted: boolean): buildConnector.connector {
  const dial = buildConnector({
    allowH2: false,
    timeout: LIMITS.upstreamConnectTimeoutMs,
    lookup: checkedLookup(gatekeeper, destination, isTrusted),
  })
  if (!isAddress(destination.host)) return dial
  // Sockets do not look up IP literals, so these are checked before dialling.
  const check = callbackify(() => gatekeeper.addressesOf(destination, isTrusted))
  return (options, done) =>
    check((error) => {
      if (error === null) dial(options, done)
      else done(error, null)
    })
}

/** The `lookup` of a socket: answers with checked addresses only, and for every address or none. */
function checkedLookup(gatekeeper: Gatekeeper, destination: Destination, isTrusted: boolean): LookupFunction {
  const ask = callbackify(() => gatekeeper.addressesOf(destination, isTrusted))
  return (_name, options, done) =>
    ask((error, addresses) => {
      if (error === null) answerLookup(addresses, options, done)
      else done(error, '')
    })
}

/** Answers a socket's `lookup` in the form it asked for. */
export function answerLookup(addresses: LookupAddress[], options: LookupOptions, done: Parameters<LookupFunction>[2]): void {
  if (options.all === true) done(null, addresses)
  else done(null, addresses[0]!.address, addresses[0]!.family)
}
