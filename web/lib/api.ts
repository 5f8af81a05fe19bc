import { API_ROUTES } from 'virtual:api-routes'
import type { CONTRACT, ResponseOf, RouteId } from '#api/contract.ts'
import type { z } from 'zod'
import { ProblemError, problemOf, unreachable } from './problem.ts'
import { session, sessionHeaders } from './session.ts'
import { silence } from './silence.ts'

/** What a row of the contract takes, as it is written by a caller: defaults may be left out. */
type InputOf<Id extends RouteId, Part extends 'params' | 'query' | 'body'> = (typeof CONTRACT)[Id] extends { [Key in Part]: infer S }
  ? S extends z.ZodType
    ? { readonly [Key in Part]: z.input<S> }
    : unknown
  : unknown
type Loose<Part> = Part extends { readonly query: infer Query } ? { readonly query?: { [Key in keyof Query]?: unknown } } : Part

export type ApiInput<Id extends RouteId> = InputOf<Id, 'params'> & InputOf<Id, 'body'> & Loose<InputOf<Id, 'query'>>
export type { ResponseOf, RouteId }

interface AnyInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly body?: unknown
}

/** The address of a route; names and identifiers are encoded, absent query values left out. */
export function addressOf(id: RouteId, { params = {}, query = {} }: AnyInput): string {
  const path = API_ROUTES[id][1].replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Asks the control plane. Rejects with `ProblemError`; a session that has ended signs this page out. */
export async function api<Id extends RouteId>(
  id: Id,
  input: ApiInput<Id> = {} as never,
  { signal, keepsSession = false }: { readonly signal?: AbortSignal; readonly keepsSession?: boolean } = {},
): Promise<ResponseOf<Id>> {
  const { body } = input as AnyInput
  const answer = await send(addressOf(id, input as AnyInput), {
    method: API_ROUTES[id][0],
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (!answer.ok) throw await refusalOf(answer, keepsSession)
  return (answer.status === 204 ? undefined : await answer.json()) as ResponseOf<Id>
}

/** Any request to our own server with this page's credential. Rejects with `ProblemError` when nobody answers. */
export async function send(
  address: string,
  init: Omit<RequestInit, 'headers'> & { readonly headers: Record<string, string> },
): Promise<Response> {
  try {
    return await fetch(address, { ...init, credentials: 'same-origin', headers: { ...init.headers, ...sessionHeaders() } })
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    silence.tell()
    throw unreachable(error)
  }
}

/** What an answer other than a success says. */
export async function refusalOf(answer: Response, keepsSession = false): Promise<ProblemError> {
  const problem = problemOf(answer.status, await answer.text())
  if (answer.status === 401 && !keepsSession) session.end()
  return new ProblemError(problem)
}
