import { LIMITS, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { TokenClaims } from '../sessions/token-seal.ts'
import { compareTexts } from './listed-names.ts'
import type { ListedItem } from './item-view.ts'

/** Where in a list of whom a page ended. The name of the last item says it: what comes and goes before it changes nothing. */
interface CursorClaims extends TokenClaims {
  readonly method: string
  readonly after: string
}

/** One page; `last` is the name of its last item when there is more. */
export interface Page {
  readonly items: readonly ListedItem[]
  readonly last: string | null
}

/** The items after a name, as many as one page holds. `items` are sorted by name. */
export function pageOf(items: readonly ListedItem[], after: string | null): Page {
  const start = after === null ? 0 : placeAfter(items, after)
  let bytes = 0
  let end = start
  while (end < items.length && end - start < LIMITS.listPageItemsMax) {
    bytes += items[end]!.json.length
    if (bytes > LIMITS.listPageBytesMax && end > start) break
    end++
  }
  const isWhole = start === 0 && end === items.length
  return { items: isWhole ? items : items.slice(start, end), last: end < items.length ? items[end - 1]!.name : null }
}

function placeAfter(items: readonly ListedItem[], name: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareTexts(items[middle]!.name, name) > 0) high = middle
    else low = middle + 1
  }
  return low
}

export function sealCursor({ caller, endpoint }: InspectedCall, method: string, after: string, gateway: GatewayState): string {
  const claims: CursorClaims = {
    tenant: endpoint.tenant,
    endpoint: endpoint.name,
    callerId: caller.id,
    expiresAtMs: gateway.now() + LIMITS.cursorAgeMsMax,
    method,
    after,
  }
  return gateway.tokens.seal('cursor', claims)
}

/** What a cursor of this caller's says; null when the call has none. Throws `invalid-params` for any other (R19). */
export function openCursor({ caller, endpoint, message }: InspectedCall, method: string, gateway: GatewayState): string | null {
  const { cursor } = message.params
  if (cursor === undefined) return null
  const claims =
    typeof cursor === 'string' && cursor.length <= LIMITS.cursorLengthMax
      ? (gateway.tokens.open('cursor', cursor, gateway.now()) as CursorClaims | null)
      : null
  const isTheirs = claims?.tenant === endpoint.tenant && claims.endpoint === endpoint.name && claims.callerId === caller.id
  if (claims === null || !isTheirs || claims.method !== method) {
    throw new Problem('invalid-params', 'There is no such page.', { remedy: `Call ${message.method} without a cursor.` })
  }
  return claims.after
}
