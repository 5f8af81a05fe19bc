import { LIMITS } from '#std/index.ts'

/**
 * A URI template (RFC 6570, levels 1 to 3; modifiers of level 4 are taken and not checked) that says whether a URI could
 * be made of it. Finds out which server a URI belongs to; the values of the variables are that server's business.
 */
export interface UriTemplate {
  /** What it becomes when every variable is `x`. */
  readonly sample: string
  /** Costs at most the length of the URI times the length of the template; spends `budget` and gives up when it is used up. */
  matches(uri: string, budget: StepBudget): boolean
}

/** Steps that comparisons may still take; shared by all that belongs to one request (R13). */
export interface StepBudget {
  left: number
}

export const newStepBudget = (): StepBudget => ({ left: LIMITS.templateStepsMax })

/** Text as it stands, or what an expression may become. */
type Part = { readonly text: string } | Gap

interface Gap {
  /** What an expression that becomes anything begins with; NONE: no mark of its own. */
  readonly mark: number
  readonly mayBeEmpty: boolean
  /** Characters that end it. */
  readonly ends: readonly number[]
}

const codesOf = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0))
const marked = (mark: string, ends: string): Gap => ({ mark: mark.charCodeAt(0), mayBeEmpty: true, ends: codesOf(ends) })
const NONE = -1

const OPERATORS: Readonly<Record<string, Gap>> = {
  '+': { mark: NONE, mayBeEmpty: false, ends: [] },
  '#': marked('#', ''),
  '.': marked('.', '/?#'),
  '/': marked('/', '/?#'),
  ';': marked(';', '/?#'),
  '?': marked('?', '#'),
  '&': marked('&', '#'),
}
const SIMPLE: Gap = { mark: NONE, mayBeEmpty: false, ends: codesOf('/?#') }
const PATH_OF_SEVERAL: Gap = marked('/', '?#')

/** Null for what is no template: an expression without an end or without a variable. */
export function parseUriTemplate(template: string): UriTemplate | null {
  const parts: Part[] = []
  let at = 0
  while (at < template.length) {
    const open = template.indexOf('{', at)
    if (open !== at) parts.push({ text: template.slice(at, open < 0 ? undefined : open) })
    if (open < 0) break
    const close = template.indexOf('}', open)
    const gap = close < 0 ? null : gapOf(template.slice(open + 1, close))
    if (gap === null) return null
    parts.push(gap)
    at = close + 1
  }
  return {
    sample: parts.map(sampleOf).join(''),
    matches: (uri, budget) => uri.length <= LIMITS.uriLengthMax && match(parts, uri, budget),
  }
}

function sampleOf(part: Part): string {
  if ('text' in part) return part.text
  return part.mark === NONE ? 'x' : `${String.fromCharCode(part.mark)}x`
}

function gapOf(expression: string): Gap | null {
  const operator = OPERATORS[expression.charAt(0)]
  const variables = operator === undefined ? expression : expression.slice(1)
  if (variables === '') return null
  const isSeveral = variables.includes(',') || variables.endsWith('*')
  return operator === OPERATORS['/'] && isSeveral ? PATH_OF_SEVERAL : (operator ?? SIMPLE)
}

/**
 * Walks through the parts with the set of all places in the URI that the parts so far can end at. No place is looked at
 * twice for one part, so there is nothing to go back to.
 */
function match(parts: readonly Part[], uri: string, budget: StepBudget): boolean {
  const [first] = parts
  if (first !== undefined && 'text' in first && !uri.startsWith(first.text)) return false
  let places = new Uint8Array(uri.length + 1)
  places[0] = 1
  for (const part of parts) {
    budget.left -= uri.length + ('text' in part ? part.text.length : 0)
    if (budget.left < 0) return false
    const next = new Uint8Array(uri.length + 1)
    const isAny = 'text' in part ? passText(part.text, uri, places, next, budget) : passGap(part, uri, places, next)
    if (!isAny) return false
    places = next
  }
  return places[uri.length] === 1
}

function passText(text: string, uri: string, places: Uint8Array, next: Uint8Array, budget: StepBudget): boolean {
  let isAny = false
  for (let at = places.indexOf(1); at >= 0; at = places.indexOf(1, at + 1)) {
    budget.left -= text.length
    if (budget.left < 0) return false
    if (!uri.startsWith(text, at)) continue
    next[at + text.length] = 1
    isAny = true
  }
  return isAny
}

function passGap({ mark, mayBeEmpty, ends }: Gap, uri: string, places: Uint8Array, next: Uint8Array): boolean {
  const { length } = uri
  let isAny = false
  let isInside = false
  for (let at = 0; at <= length; at++) {
    if (isInside) {
      // What was inside up to here goes on over the character before this place, unless that ends it. A mark such as the
      // slash of a path segment is no end of the segment that it begins.
      const before = uri.charCodeAt(at - 1)
      if (ends.includes(before) && (before !== mark || places[at - 1] === 0)) isInside = false
    }
    const begins = places[at] === 1
    if (isInside || (begins && mayBeEmpty)) {
      next[at] = 1
      isAny = true
    }
    if (begins && at < length && (mark === NONE || uri.charCodeAt(at) === mark)) isInside = true
  }
  return isAny
}
