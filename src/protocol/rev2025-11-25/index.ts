/** The wire of the handshake era, 2024-11-05 … 2025-11-25: initialize, sessions, free-form results. */
export { encodeResult, negotiateVersion } from './codec.ts'
