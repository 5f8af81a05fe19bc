import { Search } from 'lucide-react'
import type { KeyboardEvent } from 'react'
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
  readonly onKeyDown?: (event: KeyboardEvent) => void
}

/** Filters the list below it. The shell goes to it on `/`, by its `data-search`. */
export function SearchField({ value, onChange, label, placeholder, className, onKeyDown }: SearchFieldProps) {
  return (
    <div className={cn('relative min-w-40 grow sm:max-w-72', className)}>
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <Input
        type="search"
        data-search
        aria-label={label}
        placeholder={placeholder}
        value={value}
        maxLength={200}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="pr-9 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {value === '' && <SearchKey />}
    </div>
  )
}

/** Says inside a field that `/` leads to it. */
export function SearchKey() {
  return (
    <span aria-hidden className="pointer-events-none absolute top-1.5 right-1.5 max-sm:hidden">
      <Kbd>/</Kbd>
    </span>
  )
}
