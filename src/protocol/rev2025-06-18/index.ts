/** The wire of 2025-06-18, as the difference to the revision after it. Never holds what a newer one does not need. */
export { revision } from './codec.ts'
