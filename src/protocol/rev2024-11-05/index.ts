/** The wire of 2024-11-05, the first one, as the difference to the revision after it. Never holds what a newer one does not need. */
export { revision } from './codec.ts'
