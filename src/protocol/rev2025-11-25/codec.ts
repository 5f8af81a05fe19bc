import { LEGACY_VERSIONS, isLegacyVersion, type LegacyVersion } from '../versions.ts'

/** Members that only modern clients know; a handshake-era client gets a result without them. */
const MODERN_MEMBERS = ['resultType', 'ttlMs', 'cacheScope'] as const

/** The version to speak with a client that asked for `requested` (2025-11-25, lifecycle, version negotiation). */
export function negotiateVersion(requested: unknown): LegacyVersion {
  return typeof requested === 'string' && isLegacyVersion(requested) ? requested : LEGACY_VERSIONS[0]
}

/** A neutral result as a client of the handshake era reads it. */
export function encodeResult(result: Record<string, unknown>): Record<string, unknown> {
  const wire = { ...result }
  for (const member of MODERN_MEMBERS) delete wire[member]
  return wire
}
