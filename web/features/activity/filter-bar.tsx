import { Clock, X } from 'lucide-react'
import { memo, useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Select, type Option } from '@/components/ui/select.tsx'
import { dateTime } from '@/lib/format.ts'
import {
  type ActivityItem,
  type ActivitySearch,
  FIELD_LABELS,
  FIELDS,
  type Range,
  RANGES,
  readActivitySearch,
  withField,
  withoutFilters,
} from './activity-search.ts'
import { fieldText } from './activity-text.ts'
import { FilterMenu } from './filter-menu.tsx'
import { TimeDialog } from './time-dialog.tsx'
import { ToolSearch } from './tool-search.tsx'

interface FilterBarProps {
  readonly search: ActivitySearch
  /** Of the caller that is filtered by, once it is known. */
  readonly actorName: string | undefined
  /** What is shown when it is asked for: it suggests values. */
  readonly rowsNow: () => readonly ActivityItem[]
  readonly onChange: (search: ActivitySearch) => void
}

type RangeChoice = Range | 'all' | 'custom'
const RANGE_OPTIONS: readonly Option<RangeChoice>[] = [
  { value: 'all', label: 'All time' },
  ...Object.entries(RANGES).map(([value, { label }]) => ({ value: value as Range, label })),
  { value: 'custom', label: 'From … until …' },
]

/** Not drawn anew when events come in. */
export const FilterBar = memo(function FilterBar({ search, actorName, rowsNow, onChange }: FilterBarProps) {
  const [isChoosingTime, setIsChoosingTime] = useState(false)
  const hasTimes = search.since !== undefined || search.until !== undefined
  const onRange = (choice: RangeChoice): void => {
    if (choice === 'custom') return setIsChoosingTime(true)
    onChange(readActivitySearch({ ...search, since: undefined, until: undefined, range: choice }))
  }
  return (
    <div role="search" aria-label="Filter events" className="flex flex-wrap items-center gap-2">
      <ToolSearch onPick={(target) => onChange(withField(search, 'target', target))} />
      <Select
        aria-label="Time"
        value={hasTimes ? 'custom' : (search.range ?? 'all')}
        onChange={onRange}
        options={RANGE_OPTIONS}
        icon={<Clock aria-hidden className="size-4 text-faint" />}
        className="w-44 max-sm:w-auto max-sm:grow"
      />
      <FilterMenu search={search} rowsNow={rowsNow} onPick={(field, value) => onChange(withField(search, field, value))} />
      <Chips search={search} actorName={actorName} onChange={onChange} />
      <TimeDialog
        isOpen={isChoosingTime}
        since={search.since}
        until={search.until}
        onClose={() => setIsChoosingTime(false)}
        onChoose={(since, until) => {
          setIsChoosingTime(false)
          onChange(readActivitySearch({ ...search, range: undefined, since, until }))
        }}
      />
    </div>
  )
})

function Chips({ search, actorName, onChange }: Omit<FilterBarProps, 'rowsNow'>) {
  const set = FIELDS.flatMap((field) => {
    const value = search[field]
    return value === undefined ? [] : [{ field, text: field === 'actor' ? (actorName ?? value) : fieldText(field, value) }]
  })
  const times = (['since', 'until'] as const).flatMap((name) => (search[name] === undefined ? [] : [{ name, at: search[name] }]))
  if (set.length + times.length === 0) return null
  return (
    <ul aria-label="Filters in force" className="flex min-w-0 flex-wrap items-center gap-1.5">
      {set.map(({ field, text }) => (
        <Chip key={field} label={FIELD_LABELS[field]} text={text} onRemove={() => onChange(withField(search, field, undefined))} />
      ))}
      {times.map(({ name, at }) => (
        <Chip
          key={name}
          label={name === 'since' ? 'From' : 'Until'}
          text={dateTime(at)}
          onRemove={() => onChange(readActivitySearch({ ...search, [name]: undefined }))}
        />
      ))}
      <li>
        <Button variant="ghost" size="sm" onClick={() => onChange(withoutFilters(search))}>
          Clear all
        </Button>
      </li>
    </ul>
  )
}

interface ChipProps {
  readonly label: string
  readonly text: string
  readonly onRemove: () => void
}

function Chip({ label, text, onRemove }: ChipProps) {
  return (
    <li className="inline-flex h-7 max-w-72 min-w-0 items-center rounded-md border bg-accent-soft pl-2 text-xs text-accent-text">
      <span className="shrink-0">{label}</span>
      <span className="ml-1.5 truncate font-medium" title={text}>
        {text}
      </span>
      <button
        type="button"
        aria-label={`Remove the filter ${label} ${text}`}
        className="ml-0.5 grid size-6 shrink-0 place-items-center rounded-sm hover:bg-hover"
        onClick={onRemove}
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </li>
  )
}
