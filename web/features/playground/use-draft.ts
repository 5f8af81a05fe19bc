import { useEffect, useReducer } from 'react'
import { initialArguments } from '@/components/schema-form/initial-value.ts'
import type { McpTool } from '@/lib/mcp-answer.ts'
import type { Fields } from '@/lib/mcp-request.ts'
import type { Draft } from './arguments-editor.tsx'
import { takeHandOver, type PlaygroundSearch } from './hand-over.ts'
import { drafts } from './visit.ts'

const DRAFTS_MAX = 100

/** The arguments of a tool as they stand; they are still there when one comes back to it. */
export function useDraft(place: string, tool: McpTool | undefined, search: PlaygroundSearch, onTaken: () => void) {
  const [, changed] = useReducer((count: number) => count + 1, 0)
  const key = `${place}\n${tool?.name ?? ''}`
  let draft = drafts.get(key)
  if (draft === undefined) {
    draft = { args: tool === undefined ? {} : initialArguments(tool.inputSchema), text: null }
    drafts.set(key, draft)
    if (drafts.size > DRAFTS_MAX) drafts.delete(drafts.keys().next().value!)
  }
  const setDraft = (next: Draft): void => {
    drafts.set(key, next)
    changed()
  }
  const take = (args: Fields): void =>
    setDraft({ args, text: (drafts.get(key)?.text ?? null) === null ? null : JSON.stringify(args, null, 2) })
  useEffect(() => {
    if (tool === undefined) return
    const given = search.arguments ?? takeHandOver(place, tool.name)
    if (given === undefined) return
    take(given)
    if (search.arguments !== undefined) onTaken()
  }, [key, search.arguments])
  return { draft, setDraft, take }
}
