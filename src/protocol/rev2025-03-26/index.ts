/** The wire of 2025-03-26, as the difference to the revision after it. Never holds what a newer one does not need. */
export { revision } from './codec.ts'
