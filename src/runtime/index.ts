/**
 * Where servers run: deployments become upstreams that the gateway calls, remote ones over HTTP, processes started,
 * contained and restarted here. Nothing else spawns a process. Never decides who may call what, and starts nothing that
 * its owner has not approved.
 */
export * from './model.ts'
export * from './deployment-store.ts'
export {
  createRuntime,
  createRuntimeLink,
  type LinkOptions,
  type RuntimeLog,
  type RuntimeOptions,
  type RuntimeSettings,
} from './runtime.ts'
export { starterDeployments, STARTER_PROFILE } from './starter.ts'
export type { MessageChannel } from './runtime-link.ts'
export { serveRuntime, type RuntimeService } from './serve-runtime.ts'
export { specValues } from './spec-values.ts'
export { type DocumentFault, documentDigest, examineDocument, faultText, fetchOpenApiDocument, type OpenApiSpec } from './openapi/index.ts'
export { launchFault, type LaunchFault } from './process/launch-fault.ts'
export { probeIsolation, type Isolation } from './process/probe-isolation.ts'
