declare module 'virtual:api-routes' {
  import type { RouteId } from '#api/contract.ts'

  /** Method and path of every route. */
  export const API_ROUTES: Readonly<Record<RouteId, readonly [method: string, path: string]>>
}
