import { Lock, Search } from 'lucide-react'
import { type ColumnDef, DataTable } from '@/components/data-table.tsx'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { Prose } from '@/components/ui/prose.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { exact } from '@/lib/format.ts'
import { useApi } from '@/lib/queries.ts'
import { arrangeSettings, ORIGINS, type Setting, valueText } from './setting-model.ts'

const VALUE_LENGTH_MAX = 120

/** Every setting of the server: its value, where it came from, and how it is set. */
export function SettingsList({ q, onSearch }: { readonly q: string; readonly onSearch: (q: string) => void }) {
  const { data, error, isPending, refetch } = useApi('listSettings')
  const shown = arrangeSettings(data?.items ?? [], q)
  if (error !== null && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SearchField label="Search settings" placeholder="Search by name or meaning" value={q} onChange={onSearch} />
        <p role="status" className="text-sm text-faint">
          {q !== '' && data !== undefined && `${exact(shown.length)} of ${exact(data.items.length)}`}
        </p>
        <p className="text-sm text-soft sm:ml-auto">Set where the server is started; a change needs a new start.</p>
      </div>
      <Section isPadded={false}>
        <DataTable
          label="Settings"
          columns={COLUMNS}
          rows={shown}
          rowKey={({ name }) => name}
          isLoading={isPending}
          skeletonRows={12}
          empty={
            <Empty
              icon={<Search />}
              title="Search for something else"
              action={<Button onClick={() => onSearch('')}>Show all settings</Button>}
            >
              No setting matches it.
            </Empty>
          }
        />
      </Section>
    </div>
  )
}

const COLUMNS: readonly ColumnDef<Setting>[] = [
  {
    id: 'name',
    header: 'Setting',
    width: '30%',
    cell: (row) => (
      <span className="flex flex-col py-0.5">
        <span className="font-medium">{row.name}</span>
        <span className="max-w-prose text-xs sm:min-w-48 text-soft">
          <Prose text={row.doc} />
        </span>
        {/* On narrow screens the other columns stand here. */}
        <span className="mt-1 flex flex-col gap-0.5 sm:hidden">
          <Value row={row} />
          <Copied text={row.env} label={`Copy ${row.env}`} />
          {row.flag !== null && <Copied text={`--${row.flag}`} label={`Copy --${row.flag}`} />}
        </span>
      </span>
    ),
  },
  { id: 'value', header: 'Value', isHiddenNarrow: true, cell: (row) => <Value row={row} /> },
  {
    id: 'origin',
    header: 'From',
    width: '8rem',
    sortBy: ({ origin }) => ORIGINS[origin],
    cell: ({ origin }) => <Badge tone={origin === 'default' ? 'neutral' : 'accent'}>{ORIGINS[origin]}</Badge>,
  },
  { id: 'env', header: 'Environment', isHiddenNarrow: true, cell: ({ env }) => <Copied text={env} label={`Copy ${env}`} /> },
  {
    id: 'flag',
    header: 'Flag',
    isHiddenNarrow: true,
    cell: ({ flag }) => (flag === null ? <span className="text-faint">none</span> : <Copied text={`--${flag}`} label={`Copy --${flag}`} />),
  },
]

function Value({ row }: { readonly row: Setting }) {
  if (row.isSecret)
    return row.isSet ? (
      <Badge icon={<Lock />} tone="ok">
        Set
      </Badge>
    ) : (
      <span className="text-faint">not set</span>
    )
  const text = valueText(row)
  if (text === null) return <span className="text-faint">not set</span>
  return <Untrusted text={text} lengthMax={VALUE_LENGTH_MAX} className="font-mono text-xs break-all" />
}

function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <code className="font-mono text-xs">{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  )
}
