/**
 * The control plane: everything that can be set up, looked at and taken back, as HTTP routes made from one contract.
 * Every request is authenticated and every change recorded before it is answered. Never starts a process, never
 * speaks MCP, never answers with a secret except the one it has just made.
 */
export { type Api, createApi } from './create-api.ts'
export { type ConsoleFiles, loadConsoleFiles } from './console-files.ts'
export type { ApiAudit, ApiDeps, ApiLog } from './deps.ts'
export { API_BASE } from './contract.ts'
