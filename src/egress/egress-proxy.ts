import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { connect, type LookupFunction, type Socket } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'
import { LIMITS, Problem } from '#std/index.ts'
import { answerLookup } from './checked-pool.ts'
import { destinationOf, hostPortText, readHostPort, type Destination } from './destination.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { describeNetworkFailure } from './network-failure.ts'

export interface EgressProxyOptions {
  /** Where it listens; the folder must exist, the file must not. */
  readonly socketPath: string
  /** The grants, each `host:port`. Host and port must match. Throws `invalid-input` for another form. */
  readonly allow: readonly string[]
  /** The operator declared the grants: they may be private destinations. Else SALLYPORT_EGRESS_ALLOW must say so too. */
  readonly isTrusted?: boolean
  /** Told `host:port` whenever something was asked for that is not granted or not allowed. */
  readonly onDenied: (hostPort: string) => void
  readonly onAllowed?: (hostPort: string) => void
}

export interface EgressProxy {
  readonly socketPath: string
  /** Ends every connection through it. */
  close(): Promise<void>
}

/** Headers that belong to one connection (RFC 9110 §7.6.1), and those meant for a proxy. */
const HOP_HEADERS = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** An answer instead of a connection: status and a text for whoever reads the log of the program in the sandbox. */
class Refusal extends Error {
  override name = 'Refusal'
  readonly status: 400 | 403 | 502

  constructor(status: 400 | 403 | 502, text: string) {
    super(text)
    this.status = status
  }
}

type Admit = (destination: Destination) => Promise<LookupFunction>

/**
 * Opens an HTTP proxy for one sandbox: `CONNECT host:port`, and `http://` requests in absolute form. It resolves names
 * itself and connects to the addresses it has checked; what is not granted is answered with 403 and the missing grant.
 */
export async function openEgressProxy(gatekeeper: Gatekeeper, options: EgressProxyOptions): Promise<EgressProxy> {
  const admit = createAdmission(gatekeeper, options)
  const sockets = new Set<Duplex>()
  const server = createServer({ maxHeaderSize: LIMITS.headerBytesMax, headersTimeout: LIMITS.headersTimeoutMs, requestTimeout: 0 })
  server.maxConnections = LIMITS.egressProxyConnectionsMax
  server.setTimeout(LIMITS.egressProxyIdleMs, (socket: Socket) => socket.destroy())
  server.on('connection', (socket: Socket) => track(sockets, socket))
  server.on(
    'connect',
    (request: IncomingMessage, client: Duplex, head: Buffer) => void tunnel(admit, sockets, request, client as Socket, head),
  )
  server.on('request', (request, response) => void forward(admit, request, response))
  await listen(server, options.socketPath)
  return {
    socketPath: options.socketPath,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function createAdmission(gatekeeper: Gatekeeper, { allow, isTrusted = false, onDenied, onAllowed }: EgressProxyOptions): Admit {
  const grants = new Set(
    allow.map((grant) => {
      const destination = readHostPort(grant)
      if (destination === null) throw new Problem('invalid-input', `The egress grant ${JSON.stringify(grant)} is not host:port.`)
      return hostPortText(destination)
    }),
  )
  return async (destination) => {
    const text = hostPortText(destination)
    if (!grants.has(text)) {
      onDenied(text)
      throw new Refusal(403, `This server was not granted ${text}. Its owner may grant it: add "${text}" to "egress" of the deployment.`)
    }
    const addresses = await gatekeeper.addressesOf(destination, isTrusted).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw new Refusal(502, `${text} ${describeNetworkFailure(error).reason}.`)
      onDenied(text)
      throw new Refusal(403, `${error.message} ${error.remedy ?? ''}`)
    })
    onAllowed?.(text)
    return (_name, lookup, done) => answerLookup(addresses, lookup, done)
  }
}

async function tunnel(admit: Admit, sockets: Set<Duplex>, request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
  client.on('error', () => client.destroy())
  try {
    const destination = readHostPort(request.url ?? '')
    if (destination === null) throw new Refusal(400, 'CONNECT needs host:port.')
    const lookup = await admit(destination)
    if (client.destroyed) return
    const upstream = connect({ host: destination.host, port: destination.port, lookup, allowHalfOpen: true, noDelay: true })
    track(sockets, upstream)
    await connected(upstream, destination)
    upstream.setTimeout(LIMITS.egressProxyIdleMs, () => upstream.destroy())
    client.setTimeout(LIMITS.egressProxyIdleMs, () => client.destroy())
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) upstream.write(head)
    // `pipe` passes the end of each direction on by itself, so a peer may finish sending and still receive.
    client.pipe(upstream)
    upstream.pipe(client)
    upstream.on('close', (hadError) => (hadError ? client.destroy() : client.destroySoon()))
    client.on('close', (hadError) => (hadError ? upstream.destroy() : upstream.destroySoon()))
    if (client.destroyed) upstream.destroy()
  } catch (error) {
    const { status, message } = refusalOf(error)
    client.end(
      `HTTP/1.1 ${statusLine(status)}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
    )
  }
}

/** Waits for the connection, at most as long as any other connection of ours may take. */
function connected(upstream: Socket, destination: Destination): Promise<void> {
  return new Promise((resolve, reject) => {
    upstream.setTimeout(LIMITS.upstreamConnectTimeoutMs, () => upstream.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
    upstream.once('connect', resolve)
    // Stays as the error listener of the whole connection; after `connect` the rejection goes nowhere.
    upstream.on('error', (error) => reject(new Refusal(502, `${hostPortText(destination)} ${describeNetworkFailure(error).reason}.`)))
    upstream.once('close', () => reject(new Refusal(502, `${hostPortText(destination)} closed the connection.`)))
  })
}

async function forward(admit: Admit, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const text = request.url ?? ''
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || url.protocol !== 'http:' || url.username !== '' || url.password !== '') {
      throw new Refusal(400, 'This proxy takes CONNECT, and http:// requests in absolute form.')
    }
    const destination = destinationOf(url)
    const lookup = await admit(destination)
    if (response.destroyed) return
    await exchange(request, response, url, destination, lookup)
  } catch (error) {
    const { status, message } = refusalOf(error)
    if (response.headersSent) response.destroy()
    else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(message)
    request.resume()
  }
}

function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  destination: Destination,
  lookup: LookupFunction,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = endToEnd(request.rawHeaders)
    headers['host'] = url.host
    // A body of unknown length stays chunked: without this, some methods would send it without any frame.
    if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked'
    const { host, port } = destination
    const outgoing = httpRequest({ host, port, lookup, agent: false, method: request.method, path: url.pathname + url.search, headers })
    outgoing.setTimeout(LIMITS.egressProxyIdleMs, () => outgoing.destroy())
    outgoing.on('error', (error) => reject(new Refusal(502, `${hostPortText(destination)} ${describeNetworkFailure(error).reason}.`)))
    outgoing.on('response', (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.rawHeaders))
      pipeline(incoming, response, () => resolve())
    })
    response.on('close', () => outgoing.destroy())
    request.pipe(outgoing)
  })
}

function endToEnd(rawHeaders: readonly string[]): Record<string, string | string[]> {
  const headers = Object.create(null) as Record<string, string | string[]>
  const named = new Set<string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'connection')
      for (const name of rawHeaders[i + 1]!.split(',')) named.add(name.trim().toLowerCase())
  }
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    // The length frames the body; no Connection header may take it away.
    if (HOP_HEADERS.has(name) || (named.has(name) && name !== 'content-length')) continue
    const before = headers[name]
    headers[name] = before === undefined ? rawHeaders[i + 1]! : [before, rawHeaders[i + 1]!].flat()
  }
  return headers
}

const refusalOf = (error: unknown): { status: 400 | 403 | 502; message: string } =>
  error instanceof Refusal ? error : { status: 502, message: 'The destination could not be asked.' }

const statusLine = (status: 400 | 403 | 502): string => ({ 400: '400 Bad Request', 403: '403 Forbidden', 502: '502 Bad Gateway' })[status]

function track(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
