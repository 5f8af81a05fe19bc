import type { LaunchSpec } from '../model.ts'

export type OpenApiSpec = Extract<LaunchSpec, { kind: 'openapi' }>

/** A part of a document. It came from outside: only own keys are read, and nothing of it is believed. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Something that is wrong with a document, and where. */
export interface DocumentFault {
  readonly message: string
  /** `paths./pets.get.responses`; empty for the document as a whole. */
  readonly where: string
  /** Both from 1; null when the place is not known. */
  readonly line: number | null
  readonly column: number | null
}

/** `line 7, column 3 (paths./pets.get): "responses" is missing`. */
export function faultText({ message, where, line, column }: DocumentFault): string {
  const place = line === null ? '' : `line ${line}, column ${column}`
  const part = where === '' ? '' : place === '' ? `at ${where}` : ` (${where})`
  return place === '' && part === '' ? message : `${place}${part}: ${message}`
}

export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const
export type HttpMethod = Uppercase<(typeof METHODS)[number]>

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie'
export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject'

/** How one argument becomes a part of the request. */
export interface ParameterPlan {
  /** The name of the argument. */
  readonly argument: string
  /** The name on the wire; empty for the body of a form, whose fields have the names. */
  readonly name: string
  readonly place: ParameterPlace
  readonly style: ParameterStyle
  readonly isExploded: boolean
  readonly isRequired: boolean
  /** Described by `content` and not by `schema`: the value goes as JSON text. */
  readonly isJson: boolean
}

/** One field of a form whose encoding is not the usual one. */
export interface FieldPlan {
  readonly style: ParameterStyle
  readonly isExploded: boolean
  /** Written in base64 in the argument, as bytes in the request. */
  readonly isBinary: boolean
}

export interface BodyPlan {
  readonly argument: string
  readonly mediaType: string
  readonly kind: 'json' | 'form' | 'multipart' | 'text'
  readonly isRequired: boolean
  readonly fields: ReadonlyMap<string, FieldPlan>
}

/** A tool as `tools/list` shows it. */
export type Tool = Readonly<Record<string, unknown>> & { readonly name: string }

/** One operation, compiled: what a call needs, so that it only joins texts. */
export interface Operation {
  readonly tool: Tool
  readonly method: HttpMethod
  /** As the document writes it, for messages. */
  readonly path: string
  /** The path, texts and parameters in turn; texts are already in the form of a URL. */
  readonly parts: readonly (string | ParameterPlan)[]
  /** Those of query, headers and cookies. */
  readonly parameters: readonly ParameterPlan[]
  readonly body: BodyPlan | null
  /** By argument, for the check of what was given. */
  readonly argumentNames: ReadonlySet<string>
  readonly requiredArguments: readonly string[]
  /** Alternatives, each a list of security schemes that are needed together. */
  readonly security: readonly (readonly string[])[]
  readonly hasOutput: boolean
  /** Names of the query that belong to a credential or to another parameter: an object spread over the query cannot take them. */
  readonly takenQueryNames: ReadonlySet<string>
}

/** An operation that cannot be offered, and why. */
export interface LeftOut {
  readonly operation: string
  readonly reason: string
}

/** Says why one operation cannot be a tool; the others can. */
export class UnusableOperation extends Error {
  override name = 'UnusableOperation'
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own member; what `Object.prototype` has is not there. */
export const member = (object: unknown, key: string): unknown => (isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined)

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** At most so many characters, never half of a surrogate pair; what was cut ends in an ellipsis. */
export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  const cut = text.slice(0, lengthMax - 1)
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
