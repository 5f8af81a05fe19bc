import { type FieldPlan, isObject, type ParameterPlan } from './model.ts'

/** An argument that cannot become the part of a request it is for. The text names the argument and never its value. */
export class ArgumentFault extends Error {
  override name = 'ArgumentFault'
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/
/** RFC 9110 §5.5 less the tab: what a header may hold without being quoted. */
const HEADER_VALUE = /^[\x20-\x7e\x80-\xff]*$/

/** RFC 3986 §2.3: all but letters, digits and `-._~!*'()` become percent-encoded, so that no text can end its place. */
export function encoded(text: string, argument: string): string {
  try {
    return encodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) throw new ArgumentFault(`"${argument}" holds half of a character`)
    throw error
  }
}

/** A value without parts, as text; a value with parts as JSON. */
const scalar = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const isNothing = (value: unknown): boolean => value === undefined || value === null

type Encode = (text: string) => string

/** Items of a list, or names and values of an object in turn: what the styles of RFC 6570 join. */
function itemsOf(value: unknown, encode: Encode): string[] {
  if (Array.isArray(value)) return (value as unknown[]).filter((item) => !isNothing(item)).map((item) => encode(scalar(item)))
  if (isObject(value)) return pairsOf(value, encode).flat()
  return [encode(scalar(value))]
}

function pairsOf(value: Readonly<Record<string, unknown>>, encode: Encode): [string, string][] {
  return Object.entries(value)
    .filter(([, item]) => !isNothing(item))
    .map(([name, item]) => [encode(name), encode(scalar(item))])
}

/** `a,b` or, for an object that is exploded, `name=a,other=b` (RFC 6570 §3.2.2). */
function simple(value: unknown, isExploded: boolean, encode: Encode, separator = ','): string {
  const items = isExploded && isObject(value) ? pairsOf(value, encode).map((pair) => pair.join('=')) : itemsOf(value, encode)
  return items.join(separator)
}

/**
 * One parameter of the path. What a server, or a proxy before it, could take for a step to another path is refused: steps
 * of one or two dots, also between slashes that are encoded, and control characters; and nothing, which would join two
 * segments. Throws `ArgumentFault`.
 */
export function encodePath(plan: ParameterPlan, value: unknown): string {
  const { argument, name, style, isExploded } = plan
  const encode = (text: string): string => {
    if (CONTROL.test(text)) throw new ArgumentFault(`"${argument}" holds a control character, which no path may hold`)
    if (text.split(/[/\\]/).some((step) => step === '.' || step === '..'))
      throw new ArgumentFault(`"${argument}" holds a step to another path (. or ..)`)
    return encoded(text, argument)
  }
  const written = plan.isJson ? encode(JSON.stringify(value)) : pathStyle(name, style, isExploded, value, encode)
  if (written === '' || written === '.' || written === '..')
    throw new ArgumentFault(`"${argument}" is empty, and a part of the path cannot be`)
  return written
}

function pathStyle(name: string, style: ParameterPlan['style'], isExploded: boolean, value: unknown, encode: Encode): string {
  if (style === 'label') return `.${simple(value, isExploded, encode, isExploded ? '.' : ',')}`
  if (style !== 'matrix') return simple(value, isExploded, encode)
  const own = encode(name)
  if (!isExploded || typeof value !== 'object') {
    const joined = simple(value, false, encode)
    return joined === '' ? '' : `;${own}=${joined}`
  }
  const pairs = isObject(value) ? pairsOf(value, encode) : itemsOf(value, encode).map((item): [string, string] => [own, item])
  return pairs.map((pair) => `;${pair.join('=')}`).join('')
}

const SEPARATORS = { form: ',', spaceDelimited: '%20', pipeDelimited: '%7C' } as const

/**
 * A parameter of the query or a field of a form, as `name=value` pairs joined by `&`; empty for a list without items.
 * `taken` are the names that an object, spread over the query, may not write. Throws `ArgumentFault`.
 */
export function encodeQuery(
  argument: string,
  name: string,
  { style, isExploded }: Pick<FieldPlan, 'style' | 'isExploded'>,
  value: unknown,
  taken: ReadonlySet<string>,
): string {
  const encode = (text: string): string => encoded(text, argument)
  const own = encode(name)
  if (typeof value !== 'object' || value === null) return `${own}=${encode(scalar(value))}`
  if (style === 'deepObject') return deepPairs(own, value, encode).join('&')
  if (isExploded && Array.isArray(value))
    return itemsOf(value, encode)
      .map((item) => `${own}=${item}`)
      .join('&')
  if (isExploded && isObject(value)) {
    const clash = Object.keys(value).find((key) => taken.has(key))
    if (clash !== undefined)
      throw new ArgumentFault(`"${argument}" cannot have the member ${JSON.stringify(clash.slice(0, 100))}, which is another parameter`)
    return pairsOf(value, encode)
      .map((pair) => pair.join('='))
      .join('&')
  }
  const items = itemsOf(value, encode)
  return items.length === 0 ? '' : `${own}=${items.join(style in SEPARATORS ? SEPARATORS[style as keyof typeof SEPARATORS] : ',')}`
}

/** `filter[a]=1&filter[b][c]=2`; a list repeats its name. The brackets are encoded, as RFC 3986 wants it. */
function deepPairs(name: string, value: unknown, encode: Encode): string[] {
  if (isNothing(value)) return []
  if (Array.isArray(value)) return (value as unknown[]).flatMap((item) => (isNothing(item) ? [] : [`${name}=${encode(scalar(item))}`]))
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => deepPairs(`${name}%5B${encode(key)}%5D`, item, encode))
  return [`${name}=${encode(scalar(value))}`]
}

/** The value of a header (style `simple`). Nothing is encoded here, so what cannot stand in one line is refused. */
export function encodeHeader({ argument, isExploded, isJson }: ParameterPlan, value: unknown): string {
  const text = isJson ? JSON.stringify(value) : simple(value, isExploded, (item) => item)
  if (!HEADER_VALUE.test(text)) throw new ArgumentFault(`"${argument}" holds a line break or another character that no header may hold`)
  return text
}

/** `name=value` of a cookie. Lists are joined by commas: a cookie has one value, whatever `explode` says. */
export function encodeCookie({ argument, name, isJson }: ParameterPlan, value: unknown): string {
  const encode = (text: string): string => encoded(text, argument)
  return `${name}=${isJson ? encode(JSON.stringify(value)) : simple(value, false, encode)}`
}
