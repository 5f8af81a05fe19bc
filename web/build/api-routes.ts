import type { Plugin } from 'vite'
import { API_BASE, CONTRACT } from '../../src/api/contract.ts'

const NAME = 'virtual:api-routes'

/** Gives the console method and path of every route of the contract, without the contract's schemas and their library. */
export function apiRoutes(): Plugin {
  return {
    name: 'sallyport:api-routes',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined
      const rows = Object.entries(CONTRACT).map(([route, { method, path }]) => [route, [method, API_BASE + path]])
      return `export const API_ROUTES = ${JSON.stringify(Object.fromEntries(rows))}`
    },
  }
}
