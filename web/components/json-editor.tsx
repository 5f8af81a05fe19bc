import { lazy, Suspense, useId } from 'react'
import { Skeleton } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { patiently } from '@/lib/patiently.ts'

export interface JsonEditorProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly label: string
  /** Pixels. It grows with its text up to `maxHeight`. */
  readonly minHeight?: number
  readonly maxHeight?: number
  /** What is wrong with the text beyond its grammar; announced. */
  readonly problem?: string | null | undefined
  readonly isReadOnly?: boolean
  readonly className?: string
}

// CodeMirror is the second largest thing here; it comes with the first editor.
const EditorField = lazy(patiently(async () => ({ default: (await import('./json-editor-field.tsx')).JsonEditorField })))

/** A text field for JSON: colours, brackets, what is wrong and where. Tab leaves it, Ctrl ] and Ctrl [ indent. */
export function JsonEditor({ minHeight = 160, maxHeight = 480, className, problem = null, ...rest }: JsonEditorProps) {
  const id = useId()
  const isBad = problem !== null && problem !== ''
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <div
        className={cn(
          'min-w-0 overflow-hidden rounded-md border border-line-strong/60 bg-surface focus-within:border-accent focus-within:outline-1 focus-within:outline-accent',
          isBad && 'border-bad',
          rest.isReadOnly === true && 'border-line bg-sunken',
        )}
      >
        <Suspense
          fallback={
            <div style={{ height: minHeight }} className="flex flex-col gap-2 p-3">
              <Skeleton className="h-3.5 w-40" />
              <Skeleton className="h-3.5 w-56" />
            </div>
          }
        >
          <EditorField {...rest} minHeight={minHeight} maxHeight={maxHeight} describedBy={id} isInvalid={isBad} />
        </Suspense>
      </div>
      <span id={id} className={isBad ? 'text-xs break-words text-bad' : 'sr-only'} aria-live="polite">
        {isBad ? problem : 'Tab leaves the editor. Control and ] indents a line.'}
      </span>
    </div>
  )
}
