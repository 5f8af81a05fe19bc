import { request as httpRequest, type IncomingMessage } from 'node:http'
import { LIMITS } from '#std/index.ts'
import { EXIT, Failure } from './failure.ts'

export interface HttpRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** How long the server may stay silent, in milliseconds. */
  readonly silenceMsMax: number
  /** Ends the exchange, also while its answer is still coming. */
  readonly signal?: AbortSignal
}

/** The CLI speaks to the one address its user named, through here; redirects are never followed, because they would carry the key away. */
export async function send(url: URL, { method, headers, body, silenceMsMax, signal }: HttpRequest): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? (await import('node:https')).request : httpRequest
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = request(
    url,
    {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      ...(signal === undefined ? {} : { signal }),
    },
    resolve,
  )
  outgoing.on('error', (error) => reject(unreachable(url, error)))
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) return void socket.setTimeout(silenceMsMax)
    socket.setTimeout(LIMITS.cliConnectTimeoutMs)
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => socket.setTimeout(silenceMsMax))
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
  outgoing.end(body)
  const incoming = await promise
  if ((incoming.statusCode ?? 0) >= 300 && (incoming.statusCode ?? 0) < 400) {
    incoming.destroy()
    throw new Failure(EXIT.unreachable, `${url.origin} points elsewhere`, {
      why: 'Redirects are not followed, because they would carry the key to another place.',
      remedy: 'give the final address with --url',
    })
  }
  return incoming
}

/** The whole body as text. */
export async function readText(incoming: IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > LIMITS.cliAnswerBytesMax) throw new Error(`the answer is larger than ${LIMITS.cliAnswerBytesMax} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    incoming.destroy()
    throw unreachable(url, error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/** An event with its place in the stream. */
export interface PlacedEvent extends ServerEvent {
  /** With which a stream is taken up again, and how long to wait before, in milliseconds; undefined: not said so far. */
  readonly lastId: string | undefined
  readonly retryMs: number | undefined
}

/** The events of an open stream; ends with it. */
export async function* readEvents(incoming: IncomingMessage, url: URL): AsyncGenerator<PlacedEvent> {
  incoming.setEncoding('utf8')
  try {
    yield* parsePlacedEvents(incoming as AsyncIterable<string>)
  } catch (error) {
    throw unreachable(url, error)
  } finally {
    incoming.destroy()
  }
}

/** Name and data of each event of an event stream (HTML, server-sent events); comments and heartbeats are skipped. */
export async function* parseEvents(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<ServerEvent> {
  for await (const { event, data } of parsePlacedEvents(chunks)) yield { event, data }
}

async function* parsePlacedEvents(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<PlacedEvent> {
  /** The start of a line whose end has not come. */
  let buffered: string[] = []
  let length = 0
  let event = ''
  let data: string[] = []
  let lastId: string | undefined
  let retryMs: number | undefined
  for await (const chunk of chunks) {
    const isWithin = !/[\r\n]/.test(chunk) && buffered.at(-1)?.endsWith('\r') !== true
    buffered.push(chunk)
    length += chunk.length
    if (isWithin && length > LIMITS.eventBytesMax) throw tooLarge()
    if (isWithin) continue
    const lines = buffered.join('').split(/\r\n|\n|\r(?!$)/)
    buffered = [lines.pop()!]
    for (const line of lines) {
      if (line === '' && data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n'), lastId, retryMs }
      if (line === '') [event, data] = ['', []]
      const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
      if (field === 'id') lastId = value
      if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
    }
    length = buffered[0]!.length + data.reduce((sum, line) => sum + line.length, 0)
    if (length > LIMITS.eventBytesMax) throw tooLarge()
  }
}

const tooLarge = (): Error => new Error(`an event is larger than ${LIMITS.eventBytesMax} bytes`)

function unreachable(url: URL, error: unknown): Failure {
  if (error instanceof Failure) return error
  // Several addresses of one name fail as an AggregateError with an empty message; its code still tells the reason.
  const { code, message } = error as NodeJS.ErrnoException
  const why = (code === undefined ? undefined : REASONS[code]) ?? (message === '' ? (code ?? 'the connection failed') : message)
  const isLocal = isLoopback(url.hostname)
  return new Failure(EXIT.unreachable, `No answer from ${url.origin}`, {
    why,
    remedy: isLocal && code === 'ECONNREFUSED' ? 'sallyport serve' : 'check the address, then run `sallyport doctor`',
    cause: error,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there.',
  ECONNRESET: 'The server closed the connection.',
  ENOTFOUND: 'This host name is not known.',
  EAI_AGAIN: 'The name service does not answer.',
  ETIMEDOUT: 'The connection took too long.',
  CERT_HAS_EXPIRED: 'The certificate of the server has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the server is signed by itself; name its authority in NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the server comes from an unknown authority; name it in NODE_EXTRA_CA_CERTS.',
}

/** An address that never leaves this machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
