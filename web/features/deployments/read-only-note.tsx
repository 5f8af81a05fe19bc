import { FileLock2 } from 'lucide-react'
import { CopyButton } from '@/components/ui/copy.tsx'
import { inertLine } from '@/lib/inert.ts'
import { type Deployment, readOnlyReason } from './deployment-model.ts'

/** Says why nothing can be changed here, and where it can. */
export function ReadOnlyNote({ deployment }: { readonly deployment: Deployment }) {
  const reason = readOnlyReason(deployment)
  if (reason === null) return null
  return (
    <div className="flex gap-2.5 rounded-md border bg-surface px-3 py-2.5 text-sm">
      <FileLock2 aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
      <div className="min-w-0">
        <p>
          <strong className="font-semibold">Read-only.</strong> <span className="text-soft">{reason.text}</span>
        </p>
        {reason.place !== null && (
          <p className="mt-0.5 flex items-center gap-1">
            <code className="font-mono text-xs break-all">{inertLine(reason.place)}</code>
            <CopyButton text={reason.place} label="Copy the place" />
          </p>
        )}
      </div>
    </div>
  )
}
