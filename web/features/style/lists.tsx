import { Server } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemNote, ProblemView } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { type ColumnDef, DataTable } from '@/components/data-table.tsx'
import { VirtualList } from '@/components/virtual-list.tsx'
import { count, duration, exact } from '@/lib/format.ts'
import { ProblemError } from '@/lib/problem.ts'
import { SAMPLE_PROBLEM, SAMPLE_SERVERS, type SampleServer } from './samples.ts'
import { Chapter, Specimen } from './specimen.tsx'

const COLUMNS: readonly ColumnDef<SampleServer>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => <span className="font-medium">{name}</span>, sortBy: ({ name }) => name },
  {
    id: 'state',
    header: 'State',
    cell: ({ isRunning }) => (isRunning ? 'Running' : 'Stopped'),
    sortBy: ({ isRunning }) => Number(isRunning),
  },
  { id: 'tools', header: 'Tools', cell: ({ tools }) => tools, sortBy: ({ tools }) => tools, align: 'right', isHiddenNarrow: true },
  { id: 'calls', header: 'Calls', cell: ({ calls }) => count(calls), sortBy: ({ calls }) => calls, align: 'right' },
  {
    id: 'p95',
    header: '95 %',
    cell: ({ p95Us }) => (p95Us === null ? <span className="text-faint">–</span> : duration(p95Us)),
    sortBy: ({ p95Us }) => p95Us,
    align: 'right',
    isHiddenNarrow: true,
  },
]

type State = 'full' | 'loading' | 'empty' | 'error'

export function Lists() {
  const [state, setState] = useState<State>('full')
  return (
    <Chapter
      id="lists"
      title="Tables and lists"
      rule="Every view has four states, and moving between them shifts nothing. Headers sort; a row opens by click and Enter."
    >
      <Section
        title="Deployments"
        isPadded={false}
        actions={
          <Segmented
            aria-label="State of the table"
            value={state}
            onChange={setState}
            options={[
              { value: 'full', label: 'Full' },
              { value: 'loading', label: 'Loading' },
              { value: 'empty', label: 'Empty' },
              { value: 'error', label: 'Error' },
            ]}
          />
        }
      >
        {state === 'error' ? (
          <div className="p-4">
            <ProblemView error={new ProblemError(SAMPLE_PROBLEM)} onRetry={() => setState('full')} />
          </div>
        ) : (
          <DataTable
            columns={COLUMNS}
            rows={state === 'full' ? SAMPLE_SERVERS : []}
            rowKey={({ name }) => name}
            label="Deployments"
            isLoading={state === 'loading'}
            skeletonRows={4}
            initialSort={{ id: 'name', desc: false }}
            onOpen={({ name }) => toastDone('Opened', name)}
            empty={
              <Empty icon={<Server />} title="Add your first server" action={<Button variant="primary">Add server</Button>}>
                Paste a configuration, or name a package or an address.
              </Empty>
            }
          />
        )}
      </Section>
      <TenThousand />
      <Specimen name="A problem in a form">
        <ProblemNote problem={SAMPLE_PROBLEM} />
      </Specimen>
    </Chapter>
  )
}

interface Line {
  readonly id: number
  readonly us: number
}

const LINES: readonly Line[] = Array.from({ length: 10_000 }, (_, index) => ({ id: 10_000 - index, us: ((index * 7_919) % 90_000) + 400 }))
const LINE_COLUMNS: readonly ColumnDef<Line>[] = [
  { id: 'id', header: 'Call', cell: ({ id }) => exact(id), width: '6rem' },
  { id: 'tool', header: 'Tool', cell: ({ id }) => <span className="font-mono text-xs">notes__search_{id % 7}</span> },
  { id: 'caller', header: 'Caller', cell: () => 'laptop', width: '8rem', isHiddenNarrow: true },
  { id: 'time', header: 'Time', cell: ({ us }) => duration(us), width: '6rem', align: 'right' },
]

function TenThousand() {
  const [rows, setRows] = useState(LINES)
  const add = (): void =>
    setRows([...Array.from({ length: 100 }, (_, index) => ({ id: rows[0]!.id + 100 - index, us: 1_000 + index })), ...rows])
  return (
    <Section
      title="Ten thousand rows"
      isPadded={false}
      actions={
        <Button size="sm" onClick={add}>
          Add 100 before the first
        </Button>
      }
    >
      <VirtualList
        columns={LINE_COLUMNS}
        rows={rows}
        rowKey={({ id }) => String(id)}
        label="Calls"
        onOpen={({ id }) => toastDone('Opened', String(id))}
        className="h-80 rounded-b-[9px]"
      />
    </Section>
  )
}
