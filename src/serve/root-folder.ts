import { fileURLToPath } from 'node:url'

/** Where this program lies: `examples/` and `package.json` are in it. */
export const ROOT_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
