import { randomUUID } from 'node:crypto'
import { ArgumentFault, encodeQuery } from './encode-value.ts'
import { type BodyPlan, type FieldPlan, isObject } from './model.ts'

export interface EncodedBody {
  readonly contentType: string
  readonly bytes: string | Buffer
}

const USUAL: FieldPlan = { style: 'form', isExploded: true, isBinary: false }
const NO_NAMES: ReadonlySet<string> = new Set()

/** Writes the body of a request. Throws `ArgumentFault` for a value that its type cannot hold. */
export function encodeBody(plan: BodyPlan, value: unknown): EncodedBody {
  const { argument, kind, mediaType } = plan
  switch (kind) {
    case 'json':
      return { contentType: mediaType, bytes: JSON.stringify(value) }
    case 'text':
      return { contentType: mediaType, bytes: typeof value === 'string' ? value : JSON.stringify(value) }
    case 'form': {
      const pairs = fieldsOf(argument, value).map(([name, field]) => encodeField(plan, name, field))
      return { contentType: mediaType, bytes: pairs.filter((pair) => pair !== '').join('&') }
    }
    case 'multipart':
      return encodeMultipart(plan, fieldsOf(argument, value))
  }
}

function fieldsOf(argument: string, value: unknown): [string, unknown][] {
  if (!isObject(value)) throw new ArgumentFault(`"${argument}" must be an object: its members are the fields of a form`)
  return Object.entries(value).filter(([, field]) => field !== null && field !== undefined)
}

/** An object is spread as any other field would be; its members may not be those of the form itself. */
function encodeField({ argument, fields }: BodyPlan, name: string, value: unknown): string {
  const plan = fields.get(name) ?? USUAL
  const isPlainObject = isObject(value) && plan.style === 'form'
  return encodeQuery(argument, name, plan, isPlainObject ? JSON.stringify(value) : value, NO_NAMES)
}

/** RFC 7578, with names and boundary as browsers write them: quotes and line breaks in a name are percent-encoded. */
function encodeMultipart({ argument, fields }: BodyPlan, given: readonly [string, unknown][]): EncodedBody {
  const boundary = `sallyport-${randomUUID()}`
  const parts: Buffer[] = []
  for (const [name, field] of given) {
    const isBinary = fields.get(name)?.isBinary === true
    for (const value of Array.isArray(field) ? (field as unknown[]) : [field]) {
      const { bytes, head } = partOf(argument, name, value, isBinary)
      parts.push(Buffer.from(`--${boundary}\r\n${head}\r\n`), bytes, Buffer.from('\r\n'))
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) }
}

function partOf(argument: string, name: string, value: unknown, isBinary: boolean): { bytes: Buffer; head: string } {
  const disposition = `content-disposition: form-data; name="${quotable(name)}"`
  if (isBinary) {
    if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw new ArgumentFault(`${JSON.stringify(name.slice(0, 100))} of "${argument}" must be written in base64`)
    const head = `${disposition}; filename="${quotable(name)}"\r\ncontent-type: application/octet-stream\r\n`
    return { bytes: Buffer.from(value, 'base64'), head }
  }
  if (typeof value !== 'object' || value === null) return { bytes: Buffer.from(String(value)), head: `${disposition}\r\n` }
  return { bytes: Buffer.from(JSON.stringify(value)), head: `${disposition}\r\ncontent-type: application/json\r\n` }
}

const quotable = (name: string): string => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
