import { Tabs as BaseTabs } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

interface TabsProps<Value extends string> {
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly tabs: readonly { readonly value: Value; readonly label: ReactNode; readonly count?: number | null }[]
  readonly 'aria-label': string
  readonly className?: string
  /** `TabPanel`s. */
  readonly children: ReactNode
}

/** Underlined tabs over panels. Keep `value` in the URL where the tab is part of a page. */
export function Tabs<Value extends string>({ value, onChange, tabs, className, children, ...rest }: TabsProps<Value>) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next) => onChange(next as Value)} className={className}>
      <BaseTabs.List {...rest} className="flex gap-1 overflow-x-auto border-b">
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px inline-flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-sm font-medium whitespace-nowrap text-soft -outline-offset-2 hover:text-text data-active:border-accent data-active:text-text"
          >
            {tab.label}
            {tab.count !== undefined && tab.count !== null && (
              <span data-tabular className="rounded-sm bg-hover px-1 text-xs text-soft">
                {tab.count}
              </span>
            )}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {children}
    </BaseTabs.Root>
  )
}

export function TabPanel({
  value,
  className,
  children,
}: {
  readonly value: string
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <BaseTabs.Panel value={value} className={cn('pt-4 outline-none', className)}>
      {children}
    </BaseTabs.Panel>
  )
}
