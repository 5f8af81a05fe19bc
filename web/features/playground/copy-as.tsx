import { Code2, SquareTerminal, Terminal } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import type { ToolCall } from '@/lib/mcp.ts'
import { asCli, asCurl, asTypeScript } from './snippets.ts'

type Form = 'curl' | 'cli' | 'typescript'

interface CopyAsProps {
  readonly call: ToolCall
  readonly kind: 'profile' | 'deployment' | null
  readonly isDisabled: boolean
}

/** The call as it stands, to take along. */
export function CopyAs({ call, kind, isDisabled }: CopyAsProps) {
  const [isOpen, setIsOpen] = useState(false)
  const [form, setForm] = useState<Form>('curl')
  return (
    <>
      <Button variant="ghost" disabled={isDisabled} onClick={() => setIsOpen(true)}>
        <Code2 /> Copy as code
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title="Copy as code"
        description="The call with the arguments as they stand now."
        className="w-[min(48rem,calc(100vw-2rem))]"
      >
        {isOpen && <Forms call={call} kind={kind} form={form} onForm={setForm} />}
      </Dialog>
    </>
  )
}

function Forms({
  call,
  kind,
  form,
  onForm,
}: Omit<CopyAsProps, 'isDisabled'> & { readonly form: Form; readonly onForm: (form: Form) => void }) {
  const { origin } = window.location
  const cli = asCli(call, kind, origin)
  const tabs = [
    {
      value: 'curl',
      label: (
        <>
          <Terminal aria-hidden className="size-4" /> curl
        </>
      ),
    },
    {
      value: 'cli',
      label: (
        <>
          <SquareTerminal aria-hidden className="size-4" /> Sallyport CLI
        </>
      ),
    },
    {
      value: 'typescript',
      label: (
        <>
          <Code2 aria-hidden className="size-4" /> TypeScript
        </>
      ),
    },
  ] as const
  return (
    <Tabs<Form> aria-label="Form" value={form} onChange={onForm} tabs={tabs}>
      <TabPanel value="curl">
        <CodeBlock label="The call for curl" text={asCurl(call, origin)} />
        <KeyNote />
      </TabPanel>
      <TabPanel value="cli">
        {cli === null ? (
          <p className="text-sm text-soft">The name of this tool begins with a dash; the command line would read it as a flag. Use curl.</p>
        ) : (
          <CodeBlock label="The call for the command line" text={cli} />
        )}
        <p className="mt-3 text-sm text-soft">On this machine it needs no key; elsewhere it takes SALLYPORT_KEY or the stored login.</p>
      </TabPanel>
      <TabPanel value="typescript">
        <CodeBlock label="The call in TypeScript" text={asTypeScript(call, origin)} />
        <KeyNote />
      </TabPanel>
    </Tabs>
  )
}

function KeyNote() {
  return (
    <p className="mt-3 text-sm text-soft">
      The key comes from the environment variable <code className="font-mono text-xs">SALLYPORT_KEY</code>. Make one under Keys.
    </p>
  )
}
