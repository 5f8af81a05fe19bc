import type { ListedTool } from '@/features/connect/endpoint-view.ts'

const propertiesOf = ({ inputSchema }: ListedTool): { readonly count: number; readonly required: number } => {
  const { properties, required } = (inputSchema ?? {}) as { properties?: unknown; required?: unknown }
  return {
    count: typeof properties === 'object' && properties !== null ? Object.keys(properties).length : 0,
    required: Array.isArray(required) ? required.length : 0,
  }
}

/** The tools that can be called without a question: they say that they change nothing, and need no argument. Simple ones first. */
export function harmlessTools(tools: readonly ListedTool[]): readonly ListedTool[] {
  const harmless = tools.filter(
    (tool) => tool.annotations?.readOnlyHint === true && tool.annotations.destructiveHint !== true && propertiesOf(tool).required === 0,
  )
  return harmless.toSorted((a, b) => Number(propertiesOf(a).count > 1) - Number(propertiesOf(b).count > 1))
}
