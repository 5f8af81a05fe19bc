import { useState } from 'react'
import { cn } from '@/lib/cn.ts'
import { count } from '@/lib/format.ts'
import { cut, inert } from '@/lib/inert.ts'
import { Button } from './button.tsx'

interface UntrustedProps {
  readonly text: string
  /** How many characters are shown before “Show more”. */
  readonly lengthMax?: number
  readonly className?: string
}

/**
 * Text that a server, a tool or a caller wrote. Shown as the characters it is: no markup, no links, hidden characters
 * made visible, its length bounded.
 */
export function Untrusted({ text, lengthMax = 600, className }: UntrustedProps) {
  const [shownMax, setShownMax] = useState(lengthMax)
  const { text: shown, left } = cut(text, shownMax)
  return (
    <span dir="ltr" className={cn('break-words whitespace-pre-wrap [unicode-bidi:isolate]', className)}>
      {inert(shown)}
      {left > 0 && (
        <>
          <span className="text-faint">…</span>{' '}
          <Button size="sm" onClick={() => setShownMax(shownMax + 20_000)}>
            Show more ({count(left)} characters left)
          </Button>
        </>
      )}
    </span>
  )
}
