import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'

interface TryLinkProps {
  readonly endpoint: string
  readonly tool: string
  readonly size: 'sm' | 'md'
  readonly className?: string
  readonly children: ReactNode
}

/** To the Playground, with this tool open. */
export function TryLink({ endpoint, tool, size, className, children }: TryLinkProps) {
  return (
    <Link to="/app/playground" search={{ endpoint, tool }} className={buttonClass({ size, className })}>
      {children}
    </Link>
  )
}
