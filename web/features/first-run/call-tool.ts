import { refusalOf, send } from '@/lib/api.ts'
import { ProblemError } from '@/lib/problem.ts'

export interface TrialAnswer {
  /** The event of the call. */
  readonly id: string
  /** What it said; null: no text. Nothing keeps it but this page. */
  readonly text: string | null
}

/** Calls a tool as this person, through the same door as every client. */
export async function callTool(endpoint: string, tool: string): Promise<TrialAnswer> {
  const answer = await send(`/mcp/${encodeURIComponent(endpoint)}/invoke`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ tool, arguments: {} }),
  })
  if (!answer.ok) throw await refusalOf(answer)
  const body = (await answer.json()) as { result?: { content?: unknown }; flight?: { id?: string } }
  const id = body.flight?.id
  if (id === undefined) {
    throw new ProblemError({
      type: 'about:console',
      title: 'The call left no record',
      status: answer.status,
      detail: 'The server answered without saying which event the call became.',
      remedy: 'Look for it in Activity.',
    })
  }
  return { id, text: textOf(body.result?.content) }
}

function textOf(content: unknown): string | null {
  const parts = (Array.isArray(content) ? content : []) as readonly { readonly type?: unknown; readonly text?: unknown }[]
  const texts = parts.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []))
  return texts.length === 0 ? null : texts.join('\n')
}

/** Where the answer of a call is kept for the next step. */
export const trialTextKey = (id: string): readonly unknown[] => ['trialText', id]
