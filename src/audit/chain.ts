import { hash as digest } from 'node:crypto'
import { LIMITS } from '#std/index.ts'

/** What the first block of a tenant is chained to: 64 zeros. */
export const GENESIS = '0'.repeat(64)

/** What the hash of a block covers beside the hash before it. */
export interface ChainLink {
  readonly tenant: string
  /** Places of the first and the last event of the block. */
  readonly firstSeq: number
  readonly lastSeq: number
  /** See `bodyDigest`. */
  readonly bodySha256: string
}

/**
 * The link of one block: lower-case hex of SHA-256 over the UTF-8 bytes of
 * `previous "|" tenant "|" firstSeq "|" lastSeq "|" bodySha256`, where `previous` is the link before it (`GENESIS` for the
 * block that begins with 1) and both places are decimal. Digits and digests hold no bar, so no two blocks make one text.
 */
export function blockHash(previous: string, { tenant, firstSeq, lastSeq, bodySha256 }: ChainLink): string {
  return digest('sha256', `${previous}|${tenant}|${firstSeq}|${lastSeq}|${bodySha256}`, 'hex')
}

/**
 * Lower-case hex of SHA-256 over the UTF-8 bytes of a body: the canonical JSON of each event of the block, as it stood in
 * the spool, in the order of their places, one line feed between two of them and none at the end. A digest of its own,
 * so that it is made before the heads of the chains are locked, and places can be compared without reading bodies again.
 */
export function bodyDigest(body: Buffer | string): string {
  return digest('sha256', body, 'hex')
}

const UNSTORABLE = /[\0\ud800-\udfff]/

/**
 * A text as a column holds it: without what PostgreSQL cannot store (NUL, lone surrogates), and short enough for an
 * index entry. The body keeps the text as it was.
 */
export function columnText(text: string): string {
  if (text.length <= LIMITS.auditColumnLengthMax && !UNSTORABLE.test(text)) return text
  return text.slice(0, LIMITS.auditColumnLengthMax).toWellFormed().replaceAll('\0', '\ufffd')
}
