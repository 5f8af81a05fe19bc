import { Braces, Download, Sheet } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Menu, MenuItem } from '@/components/ui/menu.tsx'
import { toastDone, toastProblem } from '@/components/ui/toast.tsx'
import { exact } from '@/lib/format.ts'
import type { ActivitySearch } from './activity-search.ts'
import { EXPORT_ROWS_MAX, exportActivity } from './export-activity.ts'
import type { ExportForm } from './export-text.ts'

/** Takes what is filtered away as a file. */
export function ExportMenu({ search }: { readonly search: ActivitySearch }) {
  const [isBusy, setIsBusy] = useState(false)
  const run = (form: ExportForm): void => {
    setIsBusy(true)
    exportActivity(search, form)
      .then(({ count, isCut }) =>
        toastDone(
          `${exact(count)} events exported`,
          isCut ? `The newest ${exact(EXPORT_ROWS_MAX)}; older ones are left out. Narrow the time for the rest.` : undefined,
        ),
      )
      .catch(toastProblem)
      .finally(() => setIsBusy(false))
  }
  return (
    <Menu trigger={<Button isBusy={isBusy}>{!isBusy && <Download />} Export</Button>}>
      <MenuItem icon={<Braces />} onSelect={() => run('jsonl')}>
        JSON Lines
      </MenuItem>
      <MenuItem icon={<Sheet />} onSelect={() => run('csv')}>
        CSV
      </MenuItem>
    </Menu>
  )
}
