import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http'
import { createSecureServer, type SecureServerOptions, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { LIMITS, Problem } from '#std/index.ts'
import type { Log } from '#telemetry/index.ts'
import { readTlsPair, TLS_VERSIONS, watchTlsPair, type TlsFiles, type TlsPair } from './tls-pair.ts'

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  /** Null: plain HTTP/1.1. Otherwise TLS 1.3 with HTTP/2 and HTTP/1.1. */
  readonly tls: TlsFiles | null
  /** Which requests may leave HTTP for another protocol. */
  readonly isUpgrade: (request: IncomingMessage) => boolean
  readonly now: () => number
  readonly log: Log
}

/** A listening socket with the bounds on headers, times, connections and streams. */
export interface Listener {
  /** Requests of both versions of HTTP look like those of node:http. */
  readonly server: Server
  readonly port: number
  /** Takes no connection more and resolves when the last has ended; those without a request under way are closed. */
  close(): Promise<void>
  /** Cuts what is still open. */
  readonly cut: () => void
}

const HTTP1_OPTIONS = {
  maxHeaderSize: LIMITS.headerBytesMax,
  requestTimeout: LIMITS.requestTimeoutMs,
  headersTimeout: LIMITS.headersTimeoutMs,
  keepAliveTimeout: LIMITS.keepAliveMs,
  noDelay: true,
} satisfies ServerOptions

/** Of a request in HTTP/2, beside its headers: method, scheme, authority and path. */
const PSEUDO_HEADERS = 4

const HTTP2_OPTIONS = {
  allowHTTP1: true,
  handshakeTimeout: LIMITS.tlsHandshakeMs,
  settings: {
    maxConcurrentStreams: LIMITS.http2StreamsMax,
    maxHeaderListSize: LIMITS.headerBytesMax,
    enablePush: false,
  },
  maxHeaderListPairs: LIMITS.headersMax + PSEUDO_HEADERS,
  maxSessionMemory: LIMITS.http2SessionMegabytesMax,
  maxSettings: LIMITS.http2SettingsMax,
  maxOutstandingPings: LIMITS.http2OutstandingMax,
  maxOutstandingSettings: LIMITS.http2OutstandingMax,
  maxSessionInvalidFrames: LIMITS.http2FaultsMax,
  maxSessionRejectedStreams: LIMITS.http2FaultsMax,
  streamResetBurst: LIMITS.http2ResetBurst,
  streamResetRate: LIMITS.http2ResetsPerSecond,
  unknownProtocolTimeout: LIMITS.tlsHandshakeMs,
} satisfies SecureServerOptions & Record<string, unknown>

/** Starts to listen. Throws `conflict` for a port that is taken, `invalid-input` for a pair that cannot be served with. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, tls } = options
  const { server, stop } = tls === null ? { server: createServer(HTTP1_OPTIONS), stop: ignore } : secureServer(tls, options)
  Object.assign(server, { shouldUpgradeCallback: options.isUpgrade })
  server.maxHeadersCount = LIMITS.headersMax
  server.maxConnections = LIMITS.connectionsMax
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listen(server, host, port).catch((error: unknown) => {
    stop()
    throw error
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () => close(server).finally(stop),
    cut: () => sockets.forEach((socket) => socket.destroy()),
  }
}

function secureServer(tls: TlsFiles, { now, log }: ListenerOptions): { server: Server; stop: () => void } {
  const first = readTlsPair(tls, now())
  const server = createSecureServer({ ...HTTP2_OPTIONS, ...HTTP1_OPTIONS, ...TLS_VERSIONS, ...contextOf(first) })
  // The bounds of HTTP/1.1 on the same socket, for a Node that does not take them as options here.
  const { requestTimeout, headersTimeout, keepAliveTimeout } = HTTP1_OPTIONS
  Object.assign(server, { requestTimeout, headersTimeout, keepAliveTimeout })
  server.on('session', boundSession)
  // Strangers whose handshake or frames are broken say nothing about us.
  server.on('sessionError', (error) => log.debug({ err: error }, 'an HTTP/2 connection failed'))
  server.on('tlsClientError', (error) => log.debug({ err: error }, 'a TLS handshake failed'))
  const told = (pair: TlsPair, what: string): void => {
    const fields = { names: pair.subject, expiresAt: new Date(pair.expiresAtMs).toISOString() }
    if (pair.expiresAtMs - now() < LIMITS.tlsExpiryWarningMs) log.warn(fields, `${what}; it expires soon`)
    else log.info(fields, what)
  }
  told(first, 'the certificate is in use')
  const stop = watchTlsPair(
    tls,
    now,
    (pair) => {
      server.setSecureContext({ ...TLS_VERSIONS, ...contextOf(pair) })
      told(pair, 'the certificate was renewed')
    },
    (fault) => log.error({ why: fault.message, remedy: fault.remedy }, 'the new certificate cannot be used; the one before stays'),
  )
  return { server: server as unknown as Server, stop }
}

const contextOf = ({ cert, key }: TlsPair): { cert: Buffer; key: Buffer } => ({ cert, key })

/** A connection of HTTP/2 on which nothing happens is closed like one of HTTP/1.1, and one whose client reads nothing is cut. */
function boundSession(session: ServerHttp2Session): void {
  const streams = new Set<{ readonly writableLength: number }>()
  session.on('stream', (stream) => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  })
  session.setTimeout(LIMITS.keepAliveMs)
  session.on('timeout', () => {
    if (streams.size === 0) session.close()
    else if ([...streams].some(({ writableLength }) => writableLength > 0)) session.destroy()
  })
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(error.code === 'EADDRINUSE' ? portTaken(host, port, error) : error)
    server.once('error', failed)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeListener('error', failed)
      resolve()
    })
  })
}

function portTaken(host: string, port: number, cause: Error): Problem {
  return new Problem('conflict', `Another program listens on ${host}:${port}.`, {
    remedy: 'Stop it, or choose another port with --port (0 takes any free one).',
    cause,
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection whose call has ended is kept alive by its client; nobody would close it before the grace is over.
    const sweeping = setInterval(() => server.closeIdleConnections(), LIMITS.idleSweepMs)
    server.close(() => {
      clearInterval(sweeping)
      resolve()
    })
    server.closeIdleConnections()
  })
}

const ignore = (): void => {}
