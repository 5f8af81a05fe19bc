import type { Message } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { ReadCall } from '../call.ts'

// A profile may offer two tools in place of hundreds: one finds tools by words, one calls what was found. Nothing is
// remembered between the two, so that it works for clients without sessions as well.

export const SEARCH_TOOLS = 'search_tools'
export const CALL_TOOL = 'call_tool'
export const RESULTS_DEFAULT = 5

/** What `tools/list` shows of an endpoint in search mode. */
export const SEARCH_MODE_TOOLS: readonly Record<string, unknown>[] = [
  {
    name: SEARCH_TOOLS,
    title: 'Find tools',
    description:
      'Finds tools of this endpoint by what they do. Answers with their names, descriptions and input schemas; call one with call_tool.',
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What the tool should do, in a few words.', maxLength: LIMITS.toolQueryLengthMax },
        limit: { type: 'integer', minimum: 1, maximum: LIMITS.toolResultsMax, default: RESULTS_DEFAULT },
      },
      required: ['query'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: CALL_TOOL,
    title: 'Call a tool',
    description: 'Calls a tool that search_tools has found, with arguments as its input schema wants them.',
    inputSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'The name as search_tools gave it.' },
        arguments: { type: 'object', description: 'As the input schema of that tool says.' },
      },
      required: ['name'],
      additionalProperties: false,
    },
  },
]

/**
 * The call inside a `call_tool`: from here on it is an ordinary call of that tool, authorised, limited, recorded and answered
 * like any other. Throws `invalid-params` for one that is not well formed.
 */
export function unwrapCallTool(message: Message): Message {
  if (message.kind !== 'request' || message.method !== 'tools/call' || message.params['name'] !== CALL_TOOL) return message
  const given = message.params['arguments']
  const { name, arguments: inner, ...rest } = isObject(given) ? given : {}
  if (typeof name !== 'string' || (inner !== undefined && !isObject(inner)) || Object.keys(rest).length > 0) {
    throw new Problem('invalid-params', `${CALL_TOOL} takes the name of a tool and its arguments.`, {
      remedy: `Call ${SEARCH_TOOLS} for names and input schemas.`,
    })
  }
  if (name === CALL_TOOL || name === SEARCH_TOOLS)
    throw new Problem('invalid-params', `${name} is called directly, not through ${CALL_TOOL}.`)
  return { ...message, params: { ...message.params, name, arguments: inner ?? {} } }
}

/** Whether this call is the search itself: it reads the list, so it needs the right to that and no tool of its own. */
export const isToolSearch = ({ endpoint, message }: ReadCall): boolean =>
  endpoint.search && message.kind === 'request' && message.method === 'tools/call' && message.params['name'] === SEARCH_TOOLS

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
