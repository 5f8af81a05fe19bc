/** Revisions of the handshake era, newest first (2025-11-25, basic/lifecycle). */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const
/** Revisions with per-request metadata, newest first (2026-07-28, basic/versioning). */
export const MODERN_VERSIONS = ['2026-07-28'] as const

export type LegacyVersion = (typeof LEGACY_VERSIONS)[number]
export type ModernVersion = (typeof MODERN_VERSIONS)[number]

export const isLegacyVersion = (version: string): version is LegacyVersion => (LEGACY_VERSIONS as readonly string[]).includes(version)
export const isModernVersion = (version: string): version is ModernVersion => (MODERN_VERSIONS as readonly string[]).includes(version)
