import { useInfiniteQuery } from '@tanstack/react-query'
import { api, type ResponseOf } from '@/lib/api.ts'

const PAGE_SIZE = 200

/** API keys, newest first, page by page; what was loaded is one list. */
export function useKeys() {
  const found = useInfiniteQuery({
    queryKey: ['listKeys', 'pages'],
    queryFn: ({ pageParam, signal }): Promise<ResponseOf<'listKeys'>> =>
      api('listKeys', { query: pageParam === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor: pageParam } }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 30_000,
  })
  return { ...found, keys: found.data?.pages.flatMap(({ items }) => items) }
}
