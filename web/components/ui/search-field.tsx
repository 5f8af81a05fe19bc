import { Search } from 'lucide-react'
import { type RefObject, useEffect, useRef } from 'react'
import { cn } from '@/lib/cn.ts'
import { Input } from './field.tsx'
import { Kbd } from './layout.tsx'

interface SearchFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  /** What is searched, for screen readers. */
  readonly label: string
  readonly placeholder: string
  readonly className?: string
}

/** Filters the list below it. `/` goes there from anywhere on the page. */
export function SearchField({ value, onChange, label, placeholder, className }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useSlash(input)
  return (
    <div className={cn('relative min-w-40 grow sm:max-w-72', className)}>
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        maxLength={200}
        onChange={(event) => onChange(event.target.value)}
        className="pr-9 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      <span className="pointer-events-none absolute top-1.5 right-1.5 max-sm:hidden">
        <Kbd>/</Kbd>
      </span>
    </div>
  )
}

/** `/` goes to the field unless somebody is typing. */
function useSlash(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = (event.target as Element).closest('input,textarea,select,[contenteditable="true"],[role="dialog"]') !== null
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping || input.current === null) return
      event.preventDefault()
      input.current.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
