import { Check, Copy, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { copyOut } from '@/lib/clipboard.ts'
import { cn } from '@/lib/cn.ts'
import { inert } from '@/lib/inert.ts'
import { Button } from './button.tsx'

interface CopyButtonProps {
  /** A function when the text is made only for copying. */
  readonly text: string | (() => string)
  readonly label: string
  readonly icon?: ReactNode
  /** Shown beside the icon. */
  readonly children?: string
  readonly className?: string
  /** The text is on the clipboard. */
  readonly onCopied?: (() => void) | undefined
}

/** Copies a text and says so for two seconds. */
export function CopyButton({ text, label, icon = <Copy />, children, className, onCopied }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return undefined
    const timer = window.setTimeout(() => setState('idle'), 2_000)
    return () => window.clearTimeout(timer)
  }, [state])
  const said = { idle: '', done: 'Copied', failed: 'Could not copy' }[state]
  return (
    <Button
      variant={children === undefined ? 'ghost' : 'secondary'}
      size={children === undefined ? 'icon' : 'md'}
      aria-label={said === '' ? label : said}
      title={children === undefined ? label : undefined}
      className={cn(children === undefined && 'size-6', className)}
      onClick={() =>
        void copyOut(typeof text === 'string' ? text : text()).then((isDone) => {
          setState(isDone ? 'done' : 'failed')
          if (isDone) onCopied?.()
        })
      }
    >
      {{ idle: icon, done: <Check className="text-ok" />, failed: <X className="text-bad" /> }[state]}
      {children !== undefined && (said === '' ? children : said)}
      <span role="status" className="sr-only">
        {said}
      </span>
    </Button>
  )
}

/** A command or a piece of text to take along. */
export function CodeBlock({ text, label, className }: { readonly text: string; readonly label: string; readonly className?: string }) {
  return (
    <div className={cn('relative rounded-md border bg-sunken', className)}>
      <pre tabIndex={0} aria-label={label} className="mr-9 overflow-x-auto py-2.5 pr-2 pl-3 font-mono text-xs leading-5 whitespace-pre">
        {inert(text)}
      </pre>
      <CopyButton text={text} label={`Copy: ${label}`} className="absolute top-1.5 right-1.5" />
    </div>
  )
}
