import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleX, FileCode2, TriangleAlert } from 'lucide-react'
import { type ColumnDef, DataTable } from '@/components/data-table.tsx'
import { Badge } from '@/components/ui/badge.tsx'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { Empty, Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'

type Declared = ResponseOf<'getOverview'>['declared']

interface Row {
  readonly name: string
  readonly kind: 'Profile' | 'Deployment'
  readonly place: string
}

const REFRESH_MS = 5_000

/** The declared file: where it lies, whether it was taken over, and what stands in it. */
export function DeclaredTab() {
  const { data, error, isPending, refetch } = useApi('getOverview', {}, { refetchInterval: REFRESH_MS })
  if (error !== null && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />
  if (isPending || data === undefined) return <Skeleton className="h-40" />
  return data.declared.file === null && data.declared.error === null ? <NoFile /> : <DeclaredFile declared={data.declared} />
}

function NoFile() {
  return (
    <Section isPadded={false}>
      <Empty icon={<FileCode2 />} title="Declare servers in a file">
        <p>
          What stands in <code className="font-mono text-xs">sallyport.json</code> is there whenever the server starts, can be reviewed and
          kept in version control. It is watched: an edit is in force at once.
        </p>
        <CodeBlock text="sallyport serve --config ./sallyport.json" label="Command with a declared file" className="mt-4 text-left" />
      </Empty>
    </Section>
  )
}

function DeclaredFile({ declared: { file, error, warnings } }: { readonly declared: Declared }) {
  return (
    <div className="flex flex-col gap-6">
      <Section
        title="File"
        actions={
          error !== null ? (
            <Badge tone="bad" icon={<CircleX />}>
              Not taken over
            </Badge>
          ) : warnings.length > 0 ? (
            <Badge tone="warn" icon={<TriangleAlert />}>
              {warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`}
            </Badge>
          ) : (
            <Badge tone="ok" icon={<CircleCheck />}>
              In force
            </Badge>
          )
        }
      >
        <div className="flex flex-col gap-3 text-sm">
          {file !== null && (
            <p className="flex items-center gap-1">
              <code className="font-mono text-xs break-all">{inertLine(file)}</code>
              <CopyButton text={file} label="Copy the path" />
            </p>
          )}
          {error !== null && (
            <div role="alert" className="rounded-md border border-bad/30 bg-bad-soft px-3 py-2.5">
              <p className="font-semibold">The last edit was not taken over</p>
              <p className="mt-1 font-mono text-xs leading-5">
                <Untrusted text={error} />
              </p>
              <p className="mt-1 text-soft">
                What it said before stays in force. Mend the place and save the file: it is read again at once.
              </p>
            </div>
          )}
          {warnings.map((warning) => (
            <p key={warning} className="rounded-md border border-warn/30 bg-warn-soft px-3 py-2 font-mono text-xs leading-5">
              <Untrusted text={warning} />
            </p>
          ))}
          {error === null && warnings.length === 0 && (
            <p className="text-soft">It was read without a complaint. It is watched: an edit is in force at once.</p>
          )}
        </div>
      </Section>
      <DeclaredThings />
    </div>
  )
}

function DeclaredThings() {
  const deployments = useApi('listDeployments', { query: { limit: 500 } })
  const profiles = useApi('listProfiles', { query: { limit: 500 } })
  const rows: readonly Row[] = [
    ...(profiles.data?.items ?? []).flatMap(({ name, origin }) =>
      origin.kind === 'declared' ? [{ name, kind: 'Profile' as const, place: origin.place }] : [],
    ),
    ...(deployments.data?.items ?? []).flatMap(({ name, origin }) =>
      origin.kind === 'declared' ? [{ name, kind: 'Deployment' as const, place: origin.place }] : [],
    ),
  ]
  return (
    <Section title="In force from this file" isPadded={false}>
      <DataTable
        label="Declared profiles and deployments"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ kind, name }) => `${kind} ${name}`}
        isLoading={deployments.isPending || profiles.isPending}
        empty={<Empty title="Nothing is declared">It holds settings only, or was never taken over.</Empty>}
      />
    </Section>
  )
}

const COLUMNS: readonly ColumnDef<Row>[] = [
  {
    id: 'name',
    header: 'Name',
    sortBy: ({ name }) => name,
    cell: ({ name, kind }) => (
      <Link
        to={kind === 'Profile' ? '/app/profiles/$name' : '/app/deployments/$name'}
        params={{ name }}
        className="font-mono text-xs font-medium hover:underline"
      >
        {inertLine(name, 80)}
      </Link>
    ),
  },
  { id: 'kind', header: 'Kind', width: '9rem', sortBy: ({ kind }) => kind, cell: ({ kind }) => kind },
  {
    id: 'place',
    header: 'Place',
    isHiddenNarrow: true,
    cell: ({ place }) => <code className="font-mono text-xs text-soft">{inertLine(place)}</code>,
  },
]
