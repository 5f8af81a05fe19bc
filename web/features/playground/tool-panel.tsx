import { RotateCcw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { initialArguments } from '@/components/schema-form/initial-value.ts'
import { validate } from '@/components/schema-form/validate.ts'
import { Button } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { inertLine } from '@/lib/inert.ts'
import type { ToolCall } from '@/lib/mcp.ts'
import type { McpTool } from '@/lib/mcp-answer.ts'
import { ArgumentsEditor, faultOf, type Draft } from './arguments-editor.tsx'
import { askingOf } from './annotations.ts'
import { ConfirmRun } from './confirm-run.tsx'
import { CopyAs } from './copy-as.tsx'
import { RunButton, RunProgress } from './run-bar.tsx'
import { ToolChips } from './tool-chips.tsx'
import { useValidation } from './use-validation.ts'
import type { Running } from './use-tool-run.ts'
import { WrongArguments } from './wrong-arguments.tsx'

interface ToolPanelProps {
  readonly tool: McpTool
  readonly endpoint: string | null
  readonly kind: 'profile' | 'deployment' | null
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly running: Running | null
  readonly onRun: (call: ToolCall) => void
  readonly onCancel: () => void
}

/** Tools that were confirmed once in this visit. */
const confirmed = new Set<string>()

/** The chosen tool: what it says of itself, its arguments, and the button that runs it. */
export function ToolPanel({ tool, endpoint, kind, draft, onDraft, running, onRun, onCancel }: ToolPanelProps) {
  const panel = useRef<HTMLDivElement>(null)
  const [isAttempted, setIsAttempted] = useState(false)
  const [asked, setAsked] = useState<ToolCall | null>(null)
  const found = useValidation(tool.inputSchema, draft.args)
  const errors = isAttempted ? found.errors : found.errors.filter(({ isMissing }) => !isMissing)
  const fault = faultOf(draft)
  const call: ToolCall = { endpoint, tool, args: draft.args }
  const go = (confirmedCall: ToolCall): void => {
    confirmed.add(`${endpoint} ${tool.name}`)
    setAsked(null)
    onRun(confirmedCall)
  }
  const ask = (): void => {
    const asking = askingOf(tool)
    if (asking === 'each-time' || (asking === 'once' && !confirmed.has(`${endpoint} ${tool.name}`))) setAsked(call)
    else go(call)
  }
  const run = async (): Promise<void> => {
    if (running !== null || fault !== null || asked !== null) return
    const { errors: wrong } = await validate(tool.inputSchema ?? true, draft.args)
    setIsAttempted(true)
    if (wrong.length === 0) return ask()
    const [first] = wrong
    const field = panel.current?.querySelector(`[data-path="${CSS.escape(first!.path)}"]`)
    field?.querySelector<HTMLElement>('input, textarea, [role="radio"], button')?.focus()
  }
  useRunKey(() => void run())
  return (
    <div ref={panel} className="min-w-0">
      <Section title={<ToolName tool={tool} />} actions={<ToolChips tool={tool} />}>
        <div className="flex flex-col gap-5">
          {tool.description !== undefined && tool.description !== '' && (
            <p className="text-sm text-soft">
              <Untrusted text={tool.description} lengthMax={500} />
            </p>
          )}
          <ArgumentsEditor schema={tool.inputSchema} draft={draft} onChange={onDraft} errors={errors} />
          {found.skipped !== null && <p className="text-xs text-faint">Not checked here: {found.skipped} The server checks them.</p>}
          {isAttempted && found.errors.length > 0 && (
            <WrongArguments errors={found.errors} onRunAnyway={ask} isRunning={running !== null} />
          )}
          {running !== null && running.tool === tool.name && <RunProgress running={running} onCancel={onCancel} />}
          <div className="-mx-4 -mb-4 flex flex-wrap items-center gap-2 rounded-b-lg border-t bg-surface px-4 py-3 lg:sticky lg:bottom-0">
            <RunButton isRunning={running !== null} isBlocked={fault !== null} onRun={() => void run()} />
            <span className="ml-auto flex flex-wrap items-center gap-1">
              <Button
                variant="ghost"
                size="icon"
                aria-label="Reset the arguments"
                title="Reset the arguments"
                onClick={() => {
                  setIsAttempted(false)
                  const args = initialArguments(tool.inputSchema)
                  onDraft({ args, text: draft.text === null ? null : JSON.stringify(args, null, 2) })
                }}
              >
                <RotateCcw />
              </Button>
              <CopyAs call={call} kind={kind} isDisabled={fault !== null} />
            </span>
          </div>
        </div>
      </Section>
      <ConfirmRun call={asked} onClose={() => setAsked(null)} onConfirm={go} />
    </div>
  )
}

function ToolName({ tool: { name, title } }: { readonly tool: McpTool }) {
  const isTitled = title !== undefined && title !== '' && title !== name
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      {isTitled && <span className="break-words">{inertLine(title, 120)}</span>}
      <code className={isTitled ? 'font-mono text-xs font-normal break-all text-faint' : 'font-mono text-sm break-all'}>
        {inertLine(name, 128)}
      </code>
    </span>
  )
}

/** ⌘ Enter and Ctrl Enter run the tool from anywhere on the page. */
function useRunKey(run: () => void): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.repeat) return
      // What lies over the page has keys of its own; nothing behind it may run.
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return
      event.preventDefault()
      event.stopPropagation()
      latest.current()
    }
    // Before the editor, which has a use of its own for the same keys.
    document.addEventListener('keydown', onKey, true)
    return () => document.removeEventListener('keydown', onKey, true)
  }, [])
}
