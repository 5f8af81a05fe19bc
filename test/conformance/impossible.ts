// What no gateway can make equal, scenario by scenario; docs/reference/eras.md explains each row. Everything else that fails,
// fails the run, and so does a row that has become possible.
import type { Place } from './places.ts'
import type { Suite } from './suites.ts'

export interface Impossible {
  readonly suite: Suite['name']
  readonly upstream: Place['upstream']
  readonly scenario: string
  /** How many scored checks of it fail. */
  readonly checks: number
  readonly why: string
}

const NO_CAPABILITY_ERROR =
  'a server of the handshake era answers what its client cannot do with a failed tool, not with an error of its own'
const OWN_KEYS = 'a server of the handshake era asks without keys, so the keys of its questions are ours'

export const IMPOSSIBLE: readonly Impossible[] = [
  { suite: '2026-07-28 required', upstream: 'legacy', scenario: 'server-stateless', checks: 2, why: NO_CAPABILITY_ERROR },
  { suite: '2026-07-28 required', upstream: 'legacy', scenario: 'input-required-result-basic-elicitation', checks: 1, why: OWN_KEYS },
]
