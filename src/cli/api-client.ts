import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import {
  CONTRACT,
  routePath,
  type BodyInputOf,
  type ParamsOf,
  type QueryInputOf,
  type ResponseOf,
  type Route,
  type RouteId,
  type StreamDataOf,
} from '#api/contract.ts'
import { LIMITS } from '#std/index.ts'
import { EXIT, Failure } from './failure.ts'
import { readEvents, readText, send } from './http-client.ts'
import type { ChosenServer } from './choose-server.ts'

type Need<Key extends string, Value> = [Value] extends [undefined]
  ? { readonly [K in Key]?: never }
  : object extends Value
    ? { readonly [K in Key]?: Value }
    : { readonly [K in Key]: Value }
type InputOf<Id extends RouteId> = Need<'params', ParamsOf<Id>> & Need<'query', QueryInputOf<Id>> & Need<'body', BodyInputOf<Id>>
type ListId = {
  [Id in RouteId]: ResponseOf<Id> extends { items: readonly unknown[] }
    ? QueryInputOf<Id> extends { cursor?: string | undefined }
      ? Id
      : never
    : never
}[RouteId]
type StreamId = { [Id in RouteId]: StreamDataOf<Id> extends never ? never : Id }[RouteId]

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** Under which identifier the call stands in the audit; undefined for what is not a call. */
  readonly flightId: string | undefined
}

/** The control plane and the MCP addresses of one server, as one caller. */
export interface ApiClient {
  readonly server: ChosenServer
  call<Id extends RouteId>(id: Id, ...input: object extends InputOf<Id> ? [InputOf<Id>?] : [InputOf<Id>]): Promise<ResponseOf<Id>>
  /** All pages of a list as one, in the shape of a page. */
  listAll<Id extends ListId>(id: Id): Promise<ResponseOf<Id>>
  /** Events of a stream until it ends. */
  follow<Id extends StreamId>(
    id: Id,
    ...input: object extends InputOf<Id> ? [InputOf<Id>?] : [InputOf<Id>]
  ): AsyncGenerator<StreamDataOf<Id>>
  /** A request outside the contract: the JSON views and MCP itself. Refusals are thrown as for `call`. */
  request(
    method: 'GET' | 'POST',
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<HttpAnswer>
}

/** How long a call of a tool may stay silent: the server has its own, shorter deadline for it. */
const CALL_SILENCE_MS = LIMITS.deadlineMsMax

export function createApiClient(server: ChosenServer): ApiClient {
  const credentials: Record<string, string> = server.key === undefined ? {} : { authorization: `Bearer ${server.key}` }

  async function exchange(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    silenceMsMax: number,
  ): Promise<HttpAnswer> {
    const url = new URL(server.url + path)
    const incoming = await send(url, {
      method,
      silenceMsMax,
      headers: {
        accept: 'application/json',
        ...credentials,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await readText(incoming, url)
    const answer = answerOf(incoming, text)
    if (answer.status >= 400) throw asFailure(answer, server)
    return answer
  }

  async function call(id: RouteId, input: Loose = {}): Promise<unknown> {
    const row: Route = CONTRACT[id]
    const { text } = await exchange(row.method, routePath(id, input.params, input.query), input.body, {}, LIMITS.requestTimeoutMs)
    return row.response === undefined ? undefined : check(row.response, text, server)
  }

  async function listAll(id: ListId): Promise<unknown> {
    const items: unknown[] = []
    let cursor: string | null = null
    do {
      const found = (await call(id, { query: { limit: LIMITS.pageSizeMax, ...(cursor === null ? {} : { cursor }) } })) as {
        items: unknown[]
        nextCursor: string | null
      }
      items.push(...found.items)
      cursor = found.nextCursor
    } while (cursor !== null)
    return { items, nextCursor: null }
  }

  async function* follow(id: StreamId, input: Loose = {}): AsyncGenerator {
    const row: Route = CONTRACT[id]
    const url = new URL(server.url + routePath(id, input.params, input.query))
    const headers = { accept: 'text/event-stream', ...credentials }
    const incoming = await send(url, { method: row.method, headers, silenceMsMax: 3 * LIMITS.eventStreamHeartbeatMs })
    if ((incoming.statusCode ?? 0) >= 400) {
      throw asFailure(answerOf(incoming, await readText(incoming, url)), server)
    }
    for await (const { event, data } of readEvents(incoming, url)) {
      if (event === row.stream?.event) yield check(row.stream.data, data, server)
    }
  }

  return {
    server,
    call: call as ApiClient['call'],
    listAll: listAll as ApiClient['listAll'],
    follow: follow as ApiClient['follow'],
    request: (method, path, { body, headers = {} } = {}) => exchange(method, path, body, headers, CALL_SILENCE_MS),
  }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, text: string): HttpAnswer {
  const flightId = headers['sallyport-flight']
  return {
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    text,
    flightId: typeof flightId === 'string' ? flightId : undefined,
  }
}

interface Loose {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
}

/** The answer as sent, so that `--json` prints what the API said, once it is known to have the agreed shape. */
function check(schema: z.ZodType, text: string, server: ChosenServer): unknown {
  const value = parseJson(text)
  if (schema.safeParse(value).success) return value
  throw new Failure(EXIT.unreachable, `${server.url} does not answer like Sallyport`, {
    why: 'The answer has another shape than this version of the command line knows.',
    remedy: 'sallyport doctor',
  })
}

/** The value of a JSON text, undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const problemShape = z.object({ title: z.string(), detail: z.string(), remedy: z.string().optional() })
const rpcErrorShape = z.object({ error: z.object({ message: z.string(), data: z.object({ problem: problemShape }).optional() }) })

function asFailure({ status, text, flightId }: HttpAnswer, server: ChosenServer): Failure {
  const value = parseJson(text)
  const problem = problemShape.safeParse(value).data ?? rpcErrorShape.safeParse(value).data?.error.data?.problem
  const message = rpcErrorShape.safeParse(value).data?.error.message
  if (problem === undefined && message === undefined) {
    return new Failure(EXIT.unreachable, `${server.url} does not answer like Sallyport`, {
      why: `It answered with HTTP status ${status}.`,
      remedy: 'check the address: --url, SALLYPORT_URL or `sallyport login`',
    })
  }
  if (status === 401)
    return new Failure(EXIT.refused, 'This needs a valid credential', {
      why: credentialReason(server, problem?.detail ?? message),
      remedy: 'sallyport login',
    })
  return new Failure(EXIT.refused, problem?.title ?? message ?? 'Refused', {
    why: problem?.detail,
    remedy: problem?.remedy ?? (flightId === undefined ? undefined : `sallyport activity show ${flightId}`),
  })
}

function credentialReason({ keyFrom, url }: ChosenServer, detail: string | undefined): string {
  if (keyFrom === null)
    return `No credential is known for ${url}: SALLYPORT_KEY is not set, no login is stored for it, and no server of this data folder runs there.`
  const source = { SALLYPORT_KEY: 'The key in SALLYPORT_KEY', login: 'The stored key', 'cli.key': 'The key of the data folder' }[keyFrom]
  return `${source} was not accepted.${detail === undefined ? '' : ` ${detail}`}`
}
