import { TriangleAlert } from 'lucide-react'
import { JsonView } from '@/components/json-view.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { inertLine } from '@/lib/inert.ts'
import type { ToolCall } from '@/lib/mcp.ts'

interface ConfirmRunProps {
  /** Null: nothing is asked. */
  readonly call: ToolCall | null
  readonly onClose: () => void
  readonly onConfirm: (call: ToolCall) => void
}

/** Shows exactly what will be sent before a tool runs that may destroy something. */
export function ConfirmRun({ call, onClose, onConfirm }: ConfirmRunProps) {
  const isDestructive = call?.tool.annotations?.['destructiveHint'] === true
  return (
    <Dialog
      isOpen={call !== null}
      onClose={onClose}
      title="Run this tool?"
      footer={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          <Button
            variant={isDestructive ? 'danger' : 'primary'}
            autoFocus={!isDestructive}
            onClick={() => call !== null && onConfirm(call)}
          >
            Run tool
          </Button>
        </>
      }
    >
      {call !== null && (
        <div className="flex flex-col gap-4 text-sm">
          <p className="flex gap-2">
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
            <span>
              {isDestructive
                ? 'Its server says that this tool may delete or overwrite something. Sallyport cannot undo that.'
                : 'Its server does not say whether this tool changes anything, so it may. You are asked once for this tool.'}
            </span>
          </p>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt className="text-faint">Tool</dt>
            <dd className="min-w-0 font-mono break-words">{inertLine(call.tool.name, 128)}</dd>
            <dt className="text-faint">Endpoint</dt>
            <dd className="min-w-0 font-mono break-words">{call.endpoint ?? 'everything'}</dd>
          </dl>
          <div>
            <h3 className="mb-1.5 font-medium">Arguments that are sent</h3>
            <div className="max-h-72 overflow-auto rounded-md border p-2">
              <JsonView label="Arguments that are sent" value={call.args} />
            </div>
          </div>
        </div>
      )}
    </Dialog>
  )
}
