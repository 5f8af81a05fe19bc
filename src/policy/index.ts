/** What is allowed: who may use which endpoint, method and tool, and how often. Decides; never does input or output. */
export * from './model.ts'
export { authorize, EVERYTHING, mayUseTool, notFound, ruleForEndpoint, unknownTool } from './authorize.ts'
export { createLimiter, type Limiter, type LimiterSettings } from './limiter.ts'
export { TokenBucket } from './token-bucket.ts'
