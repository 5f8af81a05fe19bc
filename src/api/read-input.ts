import { z } from 'zod'
import { inspectJson } from '#protocol/index.ts'
import { explainIssues, LIMITS, Problem } from '#std/index.ts'

const MISFITS_SHOWN_MAX = 10

/** The JSON body of a request. Throws `unsupported-media-type`, `body-too-large` or `malformed-json`. */
export async function readJsonBody(request: Request, bytesMax: number = LIMITS.apiBodyBytesMax): Promise<unknown> {
  assertType(request, 'application/json')
  const bytes = await readBody(request, bytesMax)
  const parsed = inspectJson(bytes, { depthMax: LIMITS.jsonDepthMax, keysMax: LIMITS.jsonKeysMax })
  // The parser quotes what it stumbled over, which may be a secret: only our own words go out.
  if (!parsed.ok)
    throw new Problem(
      'malformed-json',
      parsed.error.reason === 'malformed' ? 'The body is not JSON.' : `The body is refused: ${parsed.error.detail}.`,
    )
  return parsed.value
}

/** The fields of a form. Throws as `readJsonBody` does. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  assertType(request, 'application/x-www-form-urlencoded')
  return new URLSearchParams((await readBody(request, LIMITS.openBodyBytesMax)).toString())
}

function assertType(request: Request, wanted: string): void {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== wanted)
    throw new Problem('unsupported-media-type', `Expected Content-Type: ${wanted}, found ${type === undefined ? 'none' : 'another'}.`)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw new Problem('unsupported-media-type', 'Compressed bodies are not accepted here.')
}

async function readBody(request: Request, bytesMax: number): Promise<Buffer> {
  const tooLarge = () => new Problem('body-too-large', `A body here may have ${bytesMax} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > bytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The query as an object. Throws `invalid-input` for a name given twice: two readers would see two requests. */
export function readQuery(url: URL): Record<string, string> {
  const names = [...url.searchParams.keys()]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Problem('invalid-input', `The query parameter ${JSON.stringify(twice.slice(0, 100))} is given twice.`)
  return Object.fromEntries(url.searchParams)
}

/** Checks input against its shape. Throws `invalid-input` that names every place, what was found and what was expected. */
export function fitInput<Schema extends z.ZodType>(schema: Schema, input: unknown, where: 'body' | 'query' | 'path'): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const errors = explainIssues(schema, parsed.error, input)
    .slice(0, MISFITS_SHOWN_MAX)
    .map(({ path, message }) => ({ in: where, path: path.join('.').slice(0, 256), message }))
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  throw new Problem('invalid-input', `The ${where} does not fit. ${detail}.`, {
    remedy: 'GET /docs shows what this route takes.',
    extensions: { errors },
  })
}

export const NO_QUERY = z.strictObject({})
