/** The command line: one table of commands over the control plane's contract. Never opens the store and starts no process. */
export { runCli } from './run-cli.ts'
export { renderCliReference } from './reference.ts'
export type { Health, Program } from './program.ts'
