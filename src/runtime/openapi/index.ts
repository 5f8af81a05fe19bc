/**
 * APIs that are described by an OpenAPI document: each chosen operation becomes a tool, and a call becomes one HTTP
 * request along the route of its operation. Never follows a reference out of a document, never sends anything to another
 * server than the one that was approved, and takes no document that its owner has not approved.
 */
import type { Driver, LinkOptions } from '../runtime.ts'
import type { examineDocument as Examine, fetchOpenApiDocument as Fetch } from './load-document.ts'
import { OpenApiUpstream } from './openapi-upstream.ts'

export { documentDigest } from './document-digest.ts'
export { type DocumentFault, faultText, type OpenApiSpec } from './model.ts'

/** Reads a document and makes its operations ready. Fails with everything that is wrong with it, as far as it is looked for. */
export const examineDocument: typeof Examine = async (...args) => (await import('./load-document.ts')).examineDocument(...args)

/** Fetches a document. Rejects with `egress-denied` and `fetch-failed`. */
export const fetchOpenApiDocument: typeof Fetch = async (...args) => (await import('./load-document.ts')).fetchOpenApiDocument(...args)

/** `isEager`: reads documents at once, and compares new ones with the schema of OpenAPI; one process of a node does that. */
export function openApiDriver({ egress, secrets, now, log }: LinkOptions, isEager: boolean): Driver {
  return (deployment, { onStatus }) => {
    const upstream = new OpenApiUpstream({ deployment, egress, secrets, now, log, onStatus, isValidating: isEager })
    if (isEager) upstream.start()
    return upstream
  }
}
