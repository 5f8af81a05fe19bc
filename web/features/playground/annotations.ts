import type { McpTool } from '@/lib/mcp-answer.ts'

export interface Hint {
  readonly id: 'read-only' | 'destructive' | 'idempotent' | 'open-world' | 'unannotated'
  readonly label: string
  readonly detail: string
  readonly tone: 'neutral' | 'warn'
}

/** What a server says of its tool. Servers can lie: these are words, never a reason to trust. */
export function hintsOf({ annotations }: McpTool): readonly Hint[] {
  const says = (name: string): boolean | undefined => (typeof annotations?.[name] === 'boolean' ? annotations[name] : undefined)
  const hints: Hint[] = []
  const isReadOnly = says('readOnlyHint') === true
  if (isReadOnly) hints.push({ id: 'read-only', label: 'Read-only', detail: 'The server says that it changes nothing.', tone: 'neutral' })
  if (!isReadOnly && says('destructiveHint') === true)
    hints.push({ id: 'destructive', label: 'Destructive', detail: 'The server says that it may delete or overwrite.', tone: 'warn' })
  if (says('idempotentHint') === true)
    hints.push({
      id: 'idempotent',
      label: 'Idempotent',
      detail: 'The server says that doing it twice is like doing it once.',
      tone: 'neutral',
    })
  if (says('openWorldHint') === true)
    hints.push({ id: 'open-world', label: 'Open world', detail: 'The server says that it reaches other systems.', tone: 'neutral' })
  if (says('readOnlyHint') === undefined && says('destructiveHint') === undefined)
    hints.push({
      id: 'unannotated',
      label: 'Says nothing',
      detail: 'The server does not say whether it changes anything.',
      tone: 'neutral',
    })
  return hints
}

/**
 * Whether to ask before a run. A tool that says it destroys is asked for each time. One that does not say is, by the
 * protocol, destructive too; asking each time would teach people to click it away, so it is asked for once a visit.
 */
export function askingOf({ annotations }: McpTool): 'each-time' | 'once' | 'never' {
  if (annotations?.['readOnlyHint'] === true) return 'never'
  if (annotations?.['destructiveHint'] === true) return 'each-time'
  return annotations?.['destructiveHint'] === false ? 'never' : 'once'
}
