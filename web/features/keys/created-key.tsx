import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'

interface CreatedKeyProps {
  readonly created: ResponseOf<'createKey'>
  readonly onCopied: () => void
}

/** A new key, this once, and how it is used. */
export function CreatedKey({ created, onCopied }: CreatedKeyProps) {
  const [hasCopied, setHasCopied] = useState(false)
  const { data } = useApi('getOverview', {}, { staleTime: 60_000 })
  const copied = (): void => {
    setHasCopied(true)
    onCopied()
  }
  const server = data?.publicUrl ?? window.location.origin
  return (
    <div className="flex flex-col gap-6 text-sm">
      <div className="flex flex-col gap-2" onCopy={copied}>
        <p className="font-medium">{inertLine(created.name, 80)}</p>
        <div className="flex flex-wrap items-center gap-2 rounded-md border bg-sunken py-2 pr-2 pl-3">
          <code className="min-w-0 grow basis-56 font-mono text-xs break-all select-all">{created.key}</code>
          <CopyButton text={created.key} label="Copy the key" icon={hasCopied ? <Check /> : <Copy />} onCopied={copied}>
            Copy key
          </CopyButton>
        </div>
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">
          On the command line <span className="ml-2 font-normal text-faint">asks for the key, checks it and stores it</span>
        </p>
        <CodeBlock text={`sallyport login ${server}`} label="Command to log in" />
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">
          In a script <span className="ml-2 font-normal text-faint">the key comes from a file that only you can read</span>
        </p>
        <CodeBlock text={`sallyport login ${server} --token-file ./sallyport.key`} label="Command to log in from a file" />
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="font-medium">
          In an MCP client{' '}
          <span className="ml-2 font-normal text-faint">as a header; each profile’s Connect tab has it for every client</span>
        </p>
        <CodeBlock text="Authorization: Bearer $SALLYPORT_KEY" label="Header of a client" />
      </div>
    </div>
  )
}
