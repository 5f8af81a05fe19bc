/** The wire of 2026-07-28: every request explains itself, every result says whether it is complete. Knows no session. */
export {
  checkHeaders,
  checkParamHeaders,
  encodeResult,
  hasEnvelope,
  readEnvelope,
  revision,
  type Envelope,
  type HeaderBag,
} from './codec.ts'
