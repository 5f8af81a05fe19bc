import { STATUS_CODES } from 'node:http'
import type { FetchedResponse } from '#egress/index.ts'
import { LIMITS } from '#std/index.ts'
import { isObject, type JsonObject, type Operation, shortened } from './model.ts'
import { essenceOf, isJsonType } from './plan-body.ts'

/** A `CallToolResult`. */
export type ToolResult = Record<string, unknown>

export interface ReadingOptions {
  /** Of the deployment. */
  readonly name: string
  /** Takes the credentials of the deployment out of a text: an API that repeats what it was sent must not give them away. */
  readonly withoutSecrets: (text: string) => string
}

/** Makes the result of a tool of an answer: JSON and text as they are, images and sounds in base64, of the rest its type and size. */
export function readResponse(operation: Operation, response: FetchedResponse, options: ReadingOptions): ToolResult {
  const { status } = response
  if (status < 200 || status >= 300) return refusalOf(operation, response, options)
  const block = contentOf(response, options)
  const result: ToolResult = { content: [block] }
  // A tool that promises an object must give one (2026-07-28, server/tools, structured content), also for an answer without a body.
  if (operation.hasOutput) result['structuredContent'] = objectIn(block)
  return result
}

/** A failure that the model may read and act on: which status, and the beginning of what the API says about it. */
export function failedResult(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

function refusalOf({ security }: Operation, response: FetchedResponse, { name, withoutSecrets }: ReadingOptions): ToolResult {
  const { status, headers, body } = response
  const said = `${name} answered ${status}${STATUS_CODES[status] === undefined ? '' : ` ${STATUS_CODES[status]}`}.`
  if (status < 400) return failedResult(`${said} ${whereTo(headers['location'], response.url)}`)
  const schemes = [...new Set(security.flat())]
  const hint = status === 401 && schemes.length > 0 ? ` The operation wants ${schemes.join(' or ')}.` : ''
  const wait = headers['retry-after']
  const later = typeof wait === 'string' && /^[\w ,:]{1,40}$/.test(wait) ? ` It asks to wait: ${wait}.` : ''
  const type = typeof headers['content-type'] === 'string' ? essenceOf(headers['content-type']) : ''
  const excerpt =
    isText(type) || type === ''
      ? shortened(withoutSecrets(textIn(body, headers['content-type'])).trim(), LIMITS.openapiExcerptLengthMax)
      : ''
  return failedResult(`${said}${hint}${later}${excerpt === '' ? '' : `\n\n${excerpt}`}`)
}

/** Without the query, where a server may repeat a credential. */
function whereTo(location: string | readonly string[] | undefined, base: string): string {
  const url = typeof location === 'string' ? URL.parse(location, base) : null
  return `It points ${url === null ? 'elsewhere' : `to ${url.origin}${url.pathname}`}, and that redirect is not followed.`
}

function contentOf({ status, headers, body }: FetchedResponse, { name, withoutSecrets }: ReadingOptions): Record<string, unknown> {
  const given = headers['content-type']
  const type = typeof given === 'string' ? essenceOf(given) : ''
  if (body.length === 0) return { type: 'text', text: `${name} answered ${status} without content.` }
  const media = /^(image|audio)\/[\w.+-]{1,64}$/.exec(type)
  if (media !== null && body.length <= LIMITS.openapiMediaBytesMax) return { type: media[1], data: body.toString('base64'), mimeType: type }
  if (isText(type)) return { type: 'text', text: withoutSecrets(textIn(body, given)) }
  const kind = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(type) ? type : 'content of an unknown type'
  return { type: 'text', text: `${name} answered ${status} with ${kind}, ${body.length} bytes, which cannot be shown.` }
}

const isText = (type: string): boolean =>
  type.startsWith('text/') ||
  isJsonType(type) ||
  /^application\/(?:[\w.-]{1,64}\+)?(?:xml|yaml)$/.test(type) ||
  [
    'application/x-yaml',
    'application/javascript',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'application/graphql',
  ].includes(type)

function textIn(body: Buffer, contentType: string | readonly string[] | undefined): string {
  const charset = typeof contentType === 'string' ? /;\s{0,8}charset="?([\w.:-]{1,40})/i.exec(contentType)?.[1] : undefined
  if (charset === undefined || /^utf-?8$/i.test(charset)) return body.toString('utf8')
  try {
    return new TextDecoder(charset).decode(body)
  } catch (error) {
    if (error instanceof RangeError) return body.toString('utf8')
    throw error
  }
}

/** What calls itself JSON and is not is still a text, and what is no object is told by the text alone. */
function objectIn({ text }: Record<string, unknown>): JsonObject {
  if (typeof text !== 'string') return {}
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
