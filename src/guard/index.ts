/** What may pass: structural checks on calls and results; and what may be kept of them. Pure. */
export { inspectAnswer, inspectRequestBody, inspectResult, type InspectedAnswer } from './inspect.ts'
export { redactBody, type RedactedBody, type RedactionOptions } from './redact-body.ts'
export { redactKnown, redactText } from './redact-text.ts'
