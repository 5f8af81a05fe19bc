import { FileWarning } from 'lucide-react'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { useApi } from '@/lib/queries.ts'
import { inertLine } from '@/lib/inert.ts'

/** What is wrong with the declared file; nothing while all is well. */
export function DeclaredBanner() {
  const { data } = useApi('getOverview', {}, { refetchInterval: 10_000 })
  const declared = data?.declared
  if (declared === undefined || (declared.error === null && declared.warnings.length === 0)) return null
  const isBroken = declared.error !== null
  return (
    <section
      aria-label="Declared file"
      className={`flex gap-2.5 rounded-md border px-3 py-2.5 text-sm ${isBroken ? 'border-bad/30 bg-bad-soft' : 'border-warn/30 bg-warn-soft'}`}
    >
      <FileWarning aria-hidden className={`mt-0.5 size-4 shrink-0 ${isBroken ? 'text-bad' : 'text-warn'}`} />
      <div className="min-w-0">
        <p className="font-semibold">
          {isBroken ? 'The last edit of the declared file was not taken over' : 'The declared file has warnings'}
        </p>
        {declared.error !== null && (
          <p>
            <Untrusted text={declared.error} className="text-soft" />
          </p>
        )}
        {declared.warnings.map((warning) => (
          <p key={warning}>
            <Untrusted text={warning} className="text-soft" />
          </p>
        ))}
        {declared.file !== null && (
          <p className="mt-0.5 text-xs text-faint">
            {isBroken ? 'What it said before stays in force. ' : ''}
            <code className="font-mono break-all">{inertLine(declared.file)}</code>
          </p>
        )}
      </div>
    </section>
  )
}
