import { connect, type LookupFunction, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { LIMITS } from '#std/index.ts'
import { answerLookup } from '../checked-pool.ts'
import { destinationOf, isAddress } from '../destination.ts'
import type { Gatekeeper } from '../gatekeeper.ts'

/** Opens one connection to the origin, bytes of which go to `onread`. Rejects as the gatekeeper, the socket or TLS does. */
export type Dial = (onread: OnReadOpts, signal: AbortSignal) => Promise<Socket>

/** Makes the way to connect to one origin. The addresses dialled are the ones that the gatekeeper has just passed. */
export function createDial(gatekeeper: Gatekeeper, origin: URL, isTrusted: boolean): Dial {
  const destination = destinationOf(origin)
  const { host, port } = destination
  return async (onread, signal) => {
    const timeout = startTimeout()
    try {
      const addresses = await Promise.race([gatekeeper.addressesOf(destination, isTrusted), timeout.promise])
      signal.throwIfAborted()
      // The socket asks for the name once more, and is told what was checked. A literal it dials as it is.
      const lookup: LookupFunction = (_name, asked, done) => answerLookup(addresses, asked, done)
      const options = {
        host,
        port,
        onread,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: LIMITS.tcpKeepAliveMs,
        lookup,
      }
      if (origin.protocol === 'http:') return await connected(connect(options), 'connect', timeout.promise, signal)
      // RFC 6066 §3: an address is not sent as a server name. The certificate is checked against `host` in both cases.
      const tlsOptions = { ...options, ALPNProtocols: ['http/1.1'], ...(isAddress(host) ? {} : { servername: host }) }
      return await connected(connectTls(tlsOptions), 'secureConnect', timeout.promise, signal)
    } finally {
      timeout.clear()
    }
  }
}

function startTimeout(): { promise: Promise<never>; clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(Object.assign(new Error('the connection was not made in time'), { code: 'ETIMEDOUT' })),
    LIMITS.upstreamConnectTimeoutMs,
  )
  return { promise, clear: () => clearTimeout(timer) }
}

/** The socket once it is connected; whatever comes before that destroys it. */
async function connected(socket: Socket, event: string, timeout: Promise<never>, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const onConnect = (): void => resolve(socket)
  const onClose = (): void => reject(Object.assign(new Error('the connection closed at once'), { code: 'ECONNRESET' }))
  const onAbort = (): void => reject(signal.reason as Error)
  // An error without a listener would end the program, and this one stays.
  socket.on('error', reject).once(event, onConnect).once('close', onClose)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, timeout])
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    socket.off(event, onConnect).off('close', onClose)
    signal.removeEventListener('abort', onAbort)
  }
}
