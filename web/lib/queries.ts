import { QueryClient, useMutation, useQuery, type UseQueryOptions, type UseQueryResult } from '@tanstack/react-query'
import { api, type ApiInput, type ResponseOf, type RouteId } from './api.ts'
import { ProblemError } from './problem.ts'

const RETRIES_MAX = 3

/** What was asked from the server, kept while it is shown. A refusal is an answer; only silence and failures are asked again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) =>
        failures < RETRIES_MAX && error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 502),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
    },
  },
})

type Options<Id extends RouteId> = Omit<UseQueryOptions<ResponseOf<Id>>, 'queryKey' | 'queryFn'>

/** Asks a reading route and keeps the answer under its name and input. */
export function useApi<Id extends RouteId>(
  id: Id,
  input: ApiInput<Id> = {} as never,
  options: Options<Id> = {},
): UseQueryResult<ResponseOf<Id>> {
  return useQuery({ ...options, queryKey: [id, input], queryFn: ({ signal }) => api(id, input, { signal }) })
}

const underWay = new Map<string, Promise<unknown>>()

/** The same change asked for twice before the first is answered is a double click, and one request. */
function askOnce<Id extends RouteId>(id: Id, input: ApiInput<Id>): Promise<ResponseOf<Id>> {
  const key = `${id} ${JSON.stringify(input)}`
  const known = underWay.get(key) as Promise<ResponseOf<Id>> | undefined
  if (known !== undefined) return known
  const asked = api(id, input).finally(() => underWay.delete(key))
  underWay.set(key, asked)
  return asked
}

/** A changing route as a mutation; afterwards everything that `changes` names is asked anew. */
export function useAct<Id extends RouteId>(id: Id, changes: readonly RouteId[] = []) {
  return useMutation({
    mutationFn: (input: ApiInput<Id>) => askOnce(id, input),
    onSuccess: () => Promise.all(changes.map((route) => queries.invalidateQueries({ queryKey: [route] }))),
  })
}
