import { Menu as BaseMenu } from '@base-ui/react/menu'
import { ChevronRight, ListFilter } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { useApi } from '@/lib/queries.ts'
import { type ActivityItem, type ActivitySearch, type Field, FIELD_LABELS, FIELDS, valueOf } from './activity-search.ts'
import { fieldText } from './activity-text.ts'
import { useActorNames } from './use-actor-names.ts'

interface FilterMenuProps {
  readonly search: ActivitySearch
  readonly rowsNow: () => readonly ActivityItem[]
  readonly onPick: (field: Field, value: string) => void
}

const POPUP =
  'popup-motion max-h-[min(24rem,var(--available-height))] min-w-40 overflow-y-auto rounded-md border bg-surface p-1 shadow-float outline-none'
const ITEM =
  'flex h-8 max-w-72 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover data-popup-open:bg-hover'
const CHOICES_MAX = 200
const ROWS_LOOKED_AT = 2_000
/** Tools have their own field in the bar. */
const MENU_FIELDS = FIELDS.filter((field) => field !== 'target')

/** Adds a filter: first what is compared, then with which of the values that exist. */
export function FilterMenu({ search, rowsNow, onPick }: FilterMenuProps) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger
        render={
          <Button>
            <ListFilter /> Add filter
          </Button>
        }
      />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={4} align="start" className="z-60">
          <BaseMenu.Popup className={POPUP}>
            {MENU_FIELDS.map((field) => (
              <BaseMenu.SubmenuRoot key={field}>
                <BaseMenu.SubmenuTrigger className={ITEM}>
                  {FIELD_LABELS[field]}
                  <ChevronRight aria-hidden className="ml-auto size-4 text-faint" />
                </BaseMenu.SubmenuTrigger>
                <BaseMenu.Portal>
                  <BaseMenu.Positioner sideOffset={4} className="z-60">
                    <BaseMenu.Popup className={POPUP}>
                      <Choices field={field} current={search[field]} rowsNow={rowsNow} onPick={onPick} />
                    </BaseMenu.Popup>
                  </BaseMenu.Positioner>
                </BaseMenu.Portal>
              </BaseMenu.SubmenuRoot>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

interface ChoicesProps extends Pick<FilterMenuProps, 'rowsNow' | 'onPick'> {
  readonly field: Field
  readonly current: string | undefined
}

function Choices({ field, current, rowsNow, onPick }: ChoicesProps) {
  // Those in sight when the list opens: it must not change under the pointer.
  const [rows] = useState(rowsNow)
  const choices = useChoices(field, rows)
  if (choices.length === 0) return <p className="px-2 py-1.5 text-sm text-faint">Nothing to choose from yet</p>
  return choices.map(([value, label]) => (
    <BaseMenu.Item key={value} className={ITEM} onClick={() => onPick(field, value)}>
      <span className="truncate">{label}</span>
      {value === current && <span className="ml-auto text-xs text-accent-text">on</span>}
    </BaseMenu.Item>
  ))
}

const KNOWN: Partial<Readonly<Record<Field, readonly string[]>>> = {
  kind: ['call', 'admin', 'system'],
  verdict: ['allow', 'deny'],
  method: ['tools/call', 'tools/list'],
  outcome: ['ok', 'tool-error', 'cancelled', 'unauthenticated', 'not-found', 'rate-limited', 'upstream-failed', 'upstream-timeout'],
}

/** Values and how they are shown: those that exist, and those in sight. */
function useChoices(field: Field, rows: readonly ActivityItem[]): readonly (readonly [value: string, label: string])[] {
  const query = { query: { limit: CHOICES_MAX } }
  const deployments = useApi('listDeployments', query, { enabled: field === 'deployment' || field === 'endpoint', staleTime: 30_000 })
  const profiles = useApi('listProfiles', query, { enabled: field === 'endpoint', staleTime: 30_000 })
  const actors = useActorNames(field === 'actor', rows)
  if (field === 'actor') return [...actors].slice(0, CHOICES_MAX)
  const seen = field === 'kind' || field === 'verdict' ? [] : rows.slice(0, ROWS_LOOKED_AT).map((item) => valueOf(item, field))
  const names = [
    ...(KNOWN[field] ?? []),
    ...(field === 'endpoint' ? (profiles.data?.items ?? []).map(({ name }) => name) : []),
    ...(field === 'endpoint' || field === 'deployment' ? (deployments.data?.items ?? []).map(({ name }) => name) : []),
    ...seen,
  ]
  return [...new Set(names)]
    .filter((value) => value !== '')
    .slice(0, CHOICES_MAX)
    .map((value) => [value, fieldText(field, value)] as const)
}
