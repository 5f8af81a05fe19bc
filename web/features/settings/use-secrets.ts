import { useInfiniteQuery } from '@tanstack/react-query'
import { api, type ResponseOf } from '@/lib/api.ts'

export type Secret = ResponseOf<'listSecrets'>['items'][number]

const PAGE_SIZE = 200

/** The entries of the vault by name, page by page; never their values. */
export function useSecrets() {
  const found = useInfiniteQuery({
    queryKey: ['listSecrets', 'pages'],
    queryFn: ({ pageParam, signal }): Promise<ResponseOf<'listSecrets'>> =>
      api('listSecrets', { query: pageParam === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor: pageParam } }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  return { ...found, secrets: found.data?.pages.flatMap(({ items }) => items) }
}
