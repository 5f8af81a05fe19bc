import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createInstancePlaces, type InstancePlaces, type PlaceHolder } from './instance-places.ts'

const {
  interactiveInstancesMax: OWN_MAX,
  interactiveInstancesPerPrincipalMax: PRINCIPAL_MAX,
  interactiveInstancesTotalMax: TOTAL_MAX,
} = LIMITS

/** An instance that idles since a moment, or is busy, and notes when it is stopped. */
function holder(owner: object, principal: string, idleSinceMs: number | null, stopped: string[] = []): PlaceHolder {
  return { owner, principal, idleSinceMs: () => idleSinceMs, stop: async () => void stopped.push(principal) }
}

function fill(places: InstancePlaces, owner: object, count: number, prefix = 'other'): void {
  for (let i = 0; i < count; i++) expect(places.take(holder(owner, `${prefix}-${i}`, null))).not.toBe(false)
}

describe('the places of instances', () => {
  it('are bounded for one principal, whatever the others have', () => {
    const places = createInstancePlaces()
    const deployment = {}
    for (let i = 0; i < PRINCIPAL_MAX; i++) expect(places.take(holder(deployment, 'ann', null))).not.toBe(false)
    expect(places.take(holder(deployment, 'ann', null))).toBe(false)
    expect(places.take(holder(deployment, 'bob', null))).not.toBe(false)
    expect(places.take(holder({}, 'ann', null))).not.toBe(false)
  })

  it('are bounded for one deployment, and one that is given back can be taken', () => {
    const places = createInstancePlaces()
    const deployment = {}
    fill(places, deployment, OWN_MAX - 1)
    const last = holder(deployment, 'last', null)
    places.take(last)
    expect(places.take(holder(deployment, 'ann', null))).toBe(false)
    places.release(last)
    expect(places.take(holder(deployment, 'ann', null))).not.toBe(false)
  })

  it('are bounded on the machine: there the longest idle one of any deployment makes room', async () => {
    const places = createInstancePlaces()
    const stopped: string[] = []
    const others = Array.from({ length: TOTAL_MAX / OWN_MAX }, () => ({}))
    places.take(holder(others[0]!, 'idle since 5', 5, stopped))
    places.take(holder(others[1]!, 'idle since 3', 3, stopped))
    fill(places, others[0]!, OWN_MAX - 1)
    fill(places, others[1]!, OWN_MAX - 1)
    for (const owner of others.slice(2)) fill(places, owner, OWN_MAX)
    const place = places.take(holder({}, 'ann', null))
    if (place === false) throw new Error('there was room to be made')
    await place.after
    expect(stopped).toEqual(['idle since 3'])
    expect(places.take(holder({}, 'bob', null))).not.toBe(false)
    expect(stopped).toEqual(['idle since 3', 'idle since 5'])
    expect(places.take(holder({}, 'eve', null))).toBe(false)
  })

  it('of a busy principal are not taken from somebody else', () => {
    const places = createInstancePlaces()
    const deployment = {}
    const stopped: string[] = []
    places.take(holder(deployment, 'idle', 1, stopped))
    for (let i = 0; i < PRINCIPAL_MAX; i++) places.take(holder(deployment, 'ann', null))
    expect(places.take(holder(deployment, 'ann', null))).toBe(false)
    expect(stopped).toEqual([])
  })
})
