/** The wire of 2025-11-25, the newest of the handshake era: initialize, sessions, free-form results. Never translates for others. */
export { encodeResult, negotiateVersion, revision } from './codec.ts'
