/** How the primary starts a worker; not a command for people. */
export const WORKER_ARGUMENT = 'data-plane-worker'

export const isWorker = (argv: readonly string[]): boolean => argv[2] === WORKER_ARGUMENT && process.send !== undefined
