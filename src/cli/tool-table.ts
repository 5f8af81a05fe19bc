import { renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'

interface ListedTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly annotations?: unknown
}

/** Tools with one line about each; what a tool says of itself is a hint, not a promise. */
export function renderTools(terminal: Terminal, tools: readonly ListedTool[]): string {
  return renderTable(
    terminal,
    [
      { title: 'TOOL', value: (tool) => tool.name },
      { title: 'HINTS', value: hints },
      { title: 'DESCRIPTION', value: (tool) => (tool.description ?? tool.title ?? '').trim().split('\n')[0], isFlexible: true },
    ],
    tools,
  )
}

function hints({ annotations }: ListedTool): string {
  const given = (annotations ?? {}) as Readonly<Record<string, unknown>>
  const words = [
    given['readOnlyHint'] === true ? 'reads' : null,
    given['destructiveHint'] === true && given['readOnlyHint'] !== true ? 'destructive' : null,
    given['idempotentHint'] === true ? 'idempotent' : null,
  ]
  return words.filter((word) => word !== null).join(', ')
}
