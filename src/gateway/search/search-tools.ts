import { mayUseTool } from '#policy/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { collectTools } from '../federate/list-tools.ts'
import { writeResult } from '../federate/write-answer.ts'
import { RESULTS_DEFAULT } from './meta-tools.ts'
import { indexOf } from './tool-index.ts'

/** Answers `search_tools`. */
export async function searchTools(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { query, limit = RESULTS_DEFAULT } = (call.message.params['arguments'] ?? {}) as { query?: unknown; limit?: unknown }
  if (typeof query !== 'string' || query.trim() === '') throw new Problem('invalid-params', 'query must be a text of at least one word.')
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > LIMITS.toolResultsMax)
    throw new Problem('invalid-params', `limit must be a whole number from 1 to ${LIMITS.toolResultsMax}.`)
  const { all, trouble } = await collectTools(call, gateway)
  const index = await indexOf(all)
  const found = index.find(query, limit, (name) => mayUseTool(call.caller, name))
  const tools = found.map(({ definition }) => {
    const { name, title, description, inputSchema, annotations } = definition
    return { name, title, description, inputSchema, annotations }
  })
  const unavailable = trouble.map(({ server, cause, remedy }) => ({ server, cause, remedy }))
  const structured = { tools, total: all.length, ...(unavailable.length === 0 ? {} : { unavailable }) }
  writeResult(call, { content: [{ type: 'text', text: JSON.stringify(structured) }], structuredContent: structured }, gateway)
}
