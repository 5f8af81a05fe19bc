// The audit as an owner reads it over the API.
import { expect } from 'vitest'
import type { Sallyport } from '../e2e/harness.ts'
import type { Answer } from './load.ts'

type Server = Pick<Sallyport, 'url' | 'ownerKey'>

interface ActivityPage {
  readonly items: readonly { readonly id: string; readonly outcome: string }[]
  readonly nextCursor: string | null
}

interface Verification {
  readonly isIntact: boolean
  readonly isComplete: boolean
  readonly checked: number
  readonly findings: readonly unknown[]
}

/** Calls the control plane as owner. Throws for anything but a success. */
export async function api<T>({ url, ownerKey }: Server, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ownerKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/**
 * Asserts that the chain is intact and holds the event of every answer exactly once. Nobody may be calling meanwhile.
 * One answer of each hundred is compared with its event in full.
 */
export async function expectAudited(server: Server, answers: readonly Answer[]): Promise<void> {
  // Verifying carries over what still waits in the spool.
  const verification = await api<Verification>(server, 'POST', '/audit/verify')
  expect(verification).toMatchObject({ isIntact: true, isComplete: true, findings: [] })
  expect(verification.checked).toBeGreaterThanOrEqual(answers.length)

  const times = await countEvents(server)
  const flights = answers.map(({ flight }) => flight)
  expect(flights.filter((flight) => flight === '')).toEqual([])
  expect(new Set(flights).size).toBe(flights.length)
  expect(flights.filter((flight) => times.get(flight) === undefined)).toEqual([])
  expect([...times].filter(([, count]) => count !== 1)).toEqual([])

  for (const { flight, bodySha256, status } of answers.filter((_, i) => i % 100 === 0)) {
    // What was refused before its body was read has no less of an event.
    expect(await api(server, 'GET', `/activity/${flight}`)).toMatchObject({ id: flight, bodySha256, status })
  }
}

/** How often each call is in the audit, by event id. */
async function countEvents(server: Server): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: ActivityPage = await api(
      server,
      'GET',
      `/activity?kind=call&limit=500${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    for (const { id } of page.items) times.set(id, (times.get(id) ?? 0) + 1)
    cursor = page.nextCursor
  }
  return times
}
