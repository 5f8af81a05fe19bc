import { useMutation } from '@tanstack/react-query'
import type { KeyboardEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { Field, Textarea } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { api } from '@/lib/api.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Proposal } from './launch-draft.ts'

interface AddPasteProps {
  readonly isOpen: boolean
  readonly text: string
  readonly onText: (text: string) => void
  readonly onRead: (proposals: readonly Proposal[]) => void
  readonly onClose: () => void
}

const TEXT_LENGTH_MAX = 262_144

const EXAMPLES: readonly (readonly [kind: string, text: string])[] = [
  ['An address', 'https://mcp.example.com/mcp'],
  ['A command', 'npx -y @modelcontextprotocol/server-everything'],
  ['JSON of a client', '{ "mcpServers": { "time": { "command": "uvx", "args": ["mcp-server-time"] } } }'],
]

/** One field for whatever people have at hand. */
export function AddPaste({ isOpen, text, onText, onRead, onClose }: AddPasteProps) {
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => api('parseDeployments', { body: { text } }),
    onSuccess: ({ proposals }) => onRead(proposals),
  })
  const isTooLong = text.length > TEXT_LENGTH_MAX
  const mayGoOn = text.trim() !== '' && !isTooLong && !isPending
  const onKeyDown = (event: KeyboardEvent): void => {
    const isOneLine = !text.includes('\n') && !text.trimStart().startsWith('{')
    if (event.key !== 'Enter' || event.shiftKey || !(isOneLine || event.metaKey || event.ctrlKey)) return
    event.preventDefault()
    if (mayGoOn) mutate()
  }
  return (
    <Sheet
      isOpen={isOpen}
      onClose={onClose}
      title="Add server"
      description="Nothing is stored or started until you have seen what it is."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!mayGoOn} isBusy={isPending} onClick={() => mutate()}>
            Continue
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field
          label="Address, command or JSON"
          error={isTooLong ? 'This is too long. Paste only the part with the servers.' : null}
          hint="The JSON may be the whole file of Claude, Cursor or VS Code, or one entry of it."
        >
          <Textarea
            autoFocus
            value={text}
            rows={7}
            placeholder="npx -y @modelcontextprotocol/server-everything"
            className="font-mono text-sm"
            onKeyDown={onKeyDown}
            onChange={(event) => {
              onText(event.target.value)
              reset()
            }}
          />
        </Field>
        {error !== null && <ProblemNote problem={asProblem(error)} />}
        {text === '' && (
          <div className="flex flex-col gap-2 text-sm">
            <p className="text-soft">For example</p>
            {EXAMPLES.map(([kind, example]) => (
              <button
                key={kind}
                type="button"
                onClick={() => onText(example)}
                className="grid gap-x-3 rounded-md border px-3 py-2 text-left hover:bg-hover sm:grid-cols-[8rem_minmax(0,1fr)]"
              >
                <span className="text-soft">{kind}</span>
                <code className="truncate font-mono text-xs leading-5">{example}</code>
              </button>
            ))}
          </div>
        )}
      </div>
    </Sheet>
  )
}
