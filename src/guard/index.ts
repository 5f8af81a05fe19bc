/** What may pass: structural checks on calls and results. Pure. */
export { inspectAnswer, inspectRequestBody, inspectResult, type InspectedAnswer } from './inspect.ts'
