import { PROBLEM_TYPE_BASE, PROBLEMS, Problem, type ProblemType } from '#std/index.ts'
import { asRecord, parseJson } from './message-outline.ts'
import type { Ended } from './message-reply.ts'

/** The answer that a refusal of HTTP is where there are only messages: the same code, the same problem, and the id. */
export function rpcErrorOf(id: string | number | null, { status, body }: Pick<Ended, 'status' | 'body'>): string {
  const document = asRecord(parseJson(body))
  const error = asRecord(document?.['error'])
  if (document?.['jsonrpc'] === '2.0' && error !== null && document['type'] === undefined) return JSON.stringify({ ...document, id })
  if (typeof document?.['type'] === 'string') {
    const { jsonrpc: _jsonrpc, id: _id, error: _error, ...problem } = document
    const row = rowOf(document['type'])
    const message = error?.['message'] ?? `${String(problem['title'])}: ${String(problem['detail'])}`
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code: error?.['code'] ?? row.code, message, data: { problem } } })
  }
  const how = status === 0 ? 'without an answer' : `with HTTP status ${status} and no message`
  return JSON.stringify({ jsonrpc: '2.0', id, error: new Problem('upstream-failed', `The request ended ${how}.`).toRpcError() })
}

/** HeaderMismatch (2026-07-28, basic, error codes). */
const HEADER_MISMATCH = PROBLEMS['header-mismatch'].code

/** Whether a call was refused because an argument was not repeated as a header. It was not carried out. */
export function isMissingParamHeader({ status, body, isStream }: Ended): boolean {
  if (isStream || status !== 400 || !body.includes(String(HEADER_MISMATCH))) return false
  const error = asRecord(asRecord(parseJson(body))?.['error'])
  return error?.['code'] === HEADER_MISMATCH && /mcp-param-/i.test(String(error['message']))
}

function rowOf(type: string): { readonly code: number } {
  const name = type.slice(PROBLEM_TYPE_BASE.length)
  return Object.hasOwn(PROBLEMS, name) ? PROBLEMS[name as ProblemType] : PROBLEMS['internal-error']
}
