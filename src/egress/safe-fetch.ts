import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { request, type Dispatcher } from 'undici'
import { LIMITS, Problem } from '#std/index.ts'
import { destinationOf, hostPortText, readUrl } from './destination.ts'
import { describeNetworkFailure } from './network-failure.ts'

export interface SafeFetchOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly signal?: AbortSignal
  /** For the whole exchange with all its redirects. Default: LIMITS.egressTimeoutMs. */
  readonly timeoutMs?: number
  /** Of the body, after decompression. Default: LIMITS.egressBodyBytesMax. */
  readonly bytesMax?: number
  /** `follow` (default) at most LIMITS.egressRedirectsMax of them; `refuse` rejects; `return` hands the redirect over. */
  readonly redirect?: 'follow' | 'refuse' | 'return'
  /** The operator named this origin: it may be private. Never holds for where it redirects to. */
  readonly isTrusted?: boolean
}

export interface FetchedResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The URL that answered, after redirects. */
  readonly url: string
  readonly body: Buffer
}

export type SafeFetch = (url: string | URL, options?: SafeFetchOptions) => Promise<FetchedResponse>

/** What may follow a redirect to another origin. Any other header may hold a credential under a name of its own. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent'])
const REDIRECTS = new Set([301, 302, 303, 307, 308])

interface Hop {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | Buffer | null
  isTrusted: boolean
}

/**
 * Makes `safeFetch` over a choice of connection pools. It rejects with `egress-denied` for a destination that is not
 * allowed, at the start or after a redirect, and with `fetch-failed` when the other side fails, is slow or says too much.
 */
export function createSafeFetch(dispatcherOf: (isTrusted: boolean) => Dispatcher): SafeFetch {
  return async (url, options = {}) => {
    const { timeoutMs = LIMITS.egressTimeoutMs, bytesMax = LIMITS.egressBodyBytesMax, redirect = 'follow' } = options
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
    const hop: Hop = {
      url: readUrl(url),
      method: options.method ?? 'GET',
      headers: lowerCased(options.headers ?? {}),
      body: options.body ?? null,
      isTrusted: options.isTrusted ?? false,
    }
    for (let redirects = 0; ; redirects++) {
      const response = await fetchOnce(hop, dispatcherOf(hop.isTrusted), signal, bytesMax).catch((error: unknown) => {
        if (options.signal?.aborted === true) throw options.signal.reason
        throw asFetchProblem(hop.url, timeout.aborted ? timeoutMs : null, error)
      })
      const location = response.headers['location']
      if (!REDIRECTS.has(response.status) || typeof location !== 'string' || redirect === 'return') return response
      if (redirect === 'refuse')
        throw new Problem('fetch-failed', `${hop.url.origin} answered with a redirect, which is not accepted here.`)
      if (redirects >= LIMITS.egressRedirectsMax) throw new Problem('fetch-failed', `${hop.url.origin} redirected too often.`)
      follow(hop, response.status, location)
    }
  }
}

async function fetchOnce(hop: Hop, dispatcher: Dispatcher, signal: AbortSignal, bytesMax: number): Promise<FetchedResponse> {
  const response = await request(hop.url, {
    dispatcher,
    method: hop.method,
    headers: { 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'sallyport', ...hop.headers },
    body: hop.body,
    signal,
  })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length
    // Leaving the loop destroys the body and with it the connection.
    if (size > bytesMax) throw tooLarge(hop.url, bytesMax)
    chunks.push(chunk)
  }
  const encoding = response.headers['content-encoding']
  const body = await decode(Buffer.concat(chunks, size), typeof encoding === 'string' ? encoding : 'identity', hop.url, bytesMax)
  return { status: response.statusCode, headers: response.headers, url: hop.url.href, body }
}

const decoders: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
}

async function decode(body: Buffer, encoding: string, url: URL, bytesMax: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity' || name === '' || body.length === 0) return body
  const decoder = decoders[name]
  if (decoder === undefined) throw new Problem('fetch-failed', `${url.origin} answered in an encoding that was not asked for.`)
  return decoder(body, { maxOutputLength: bytesMax }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url, bytesMax)
    throw new Problem('fetch-failed', `${url.origin} answered with a damaged body.`, { cause })
  })
}

/** Turns a hop into the next one as RFC 9110 §15.4 and the fetch standard say. */
function follow(hop: Hop, status: number, location: string): void {
  const base = hop.url
  if (!URL.canParse(location, base.href)) throw new Problem('fetch-failed', `${base.origin} redirected to what is not a URL.`)
  hop.url = readUrl(new URL(location, base))
  if (base.protocol === 'https:' && hop.url.protocol === 'http:') {
    throw new Problem('fetch-failed', `${base.origin} redirected from https to http, which is not followed.`)
  }
  if (status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST') {
    hop.method = 'GET'
    hop.body = null
    delete hop.headers['content-type']
  }
  if (hop.url.origin === base.origin) return
  hop.isTrusted = false
  hop.headers = Object.fromEntries(Object.entries(hop.headers).filter(([name]) => HARMLESS_HEADERS.has(name)))
}

function asFetchProblem(url: URL, timedOutMs: number | null, error: unknown): Problem {
  if (error instanceof Problem) return error
  const text = hostPortText(destinationOf(url))
  if (timedOutMs !== null) return new Problem('fetch-failed', `${text} did not answer within ${timedOutMs} ms.`, { cause: error })
  const { reason, remedy } = describeNetworkFailure(error)
  return new Problem('fetch-failed', `${text} ${reason}.`, { remedy, cause: error })
}

const tooLarge = (url: URL, bytesMax: number): Problem =>
  new Problem('fetch-failed', `${url.origin} answered with more than ${bytesMax} bytes.`)

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
