/**
 * APIs that are described by an OpenAPI document: each chosen operation becomes a tool, and a call becomes one HTTP
 * request along the route of its operation. Never follows a reference out of a document, never sends anything to another
 * server than the one that was approved, and takes no document that its owner has not approved.
 */
import type { Driver, LinkOptions } from '../runtime.ts'
import { OpenApiUpstream } from './openapi-upstream.ts'

export { documentDigest, examineDocument, faultText, fetchOpenApiDocument } from './load-document.ts'
export type { CompiledApi } from './compile-document.ts'
export type { DocumentFault, OpenApiSpec } from './model.ts'

/** `isEager`: reads documents at once, and compares new ones with the schema of OpenAPI; one process of a node does that. */
export function openApiDriver({ egress, secrets, now, log }: LinkOptions, isEager: boolean): Driver {
  return (deployment, { onStatus }) => {
    const upstream = new OpenApiUpstream({ deployment, egress, secrets, now, log, onStatus, isValidating: isEager })
    if (isEager) upstream.start()
    return upstream
  }
}
