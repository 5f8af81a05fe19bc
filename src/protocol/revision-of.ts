import type { ProtocolVersion, Revision } from './revision.ts'
import { revision as rev20241105 } from './rev2024-11-05/index.ts'
import { revision as rev20250326 } from './rev2025-03-26/index.ts'
import { revision as rev20250618 } from './rev2025-06-18/index.ts'
import { revision as rev20251125 } from './rev2025-11-25/index.ts'
import { revision as rev20260728 } from './rev2026-07-28/index.ts'

const REVISIONS = {
  '2024-11-05': rev20241105,
  '2025-03-26': rev20250326,
  '2025-06-18': rev20250618,
  '2025-11-25': rev20251125,
  '2026-07-28': rev20260728,
} satisfies Record<ProtocolVersion, Revision>

/**
 * The revision to speak with a client. One that names no version, or none that is known here, is taken for one of
 * 2025-03-26, the last revision that had no header for it (2025-06-18, basic/transports, protocol version header).
 */
export function revisionOf(version: string | null | undefined): Revision {
  return version !== null && version !== undefined && Object.hasOwn(REVISIONS, version)
    ? REVISIONS[version as ProtocolVersion]
    : rev20250326
}
