import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { Field, Input } from '@/components/ui/field.tsx'

interface TimeDialogProps {
  readonly isOpen: boolean
  readonly since: string | undefined
  readonly until: string | undefined
  readonly onClose: () => void
  readonly onChoose: (since: string | undefined, until: string | undefined) => void
}

const FORM = 'activity-time'

/** Exact times, in the zone of whoever looks. */
export function TimeDialog(props: TimeDialogProps) {
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      title="Choose a time"
      description="In your time zone. Leave a field empty for no bound."
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary">
            Show events
          </Button>
        </>
      }
    >
      <TimeForm {...props} />
    </Dialog>
  )
}

function TimeForm({ since, until, onChoose }: TimeDialogProps) {
  const [from, setFrom] = useState(() => localText(since))
  const [to, setTo] = useState(() => localText(until))
  const isReversed = from !== '' && to !== '' && from >= to
  const submit = (event: { preventDefault(): void }): void => {
    event.preventDefault()
    if (!isReversed) onChoose(isoText(from), isoText(to))
  }
  return (
    <form id={FORM} onSubmit={submit} className="grid gap-4 sm:grid-cols-2">
      <Field label="From" isOptional>
        <Input type="datetime-local" step={1} value={from} onChange={(event) => setFrom(event.target.value)} />
      </Field>
      <Field label="Until" isOptional error={isReversed ? 'This is not after “From”; choose a later time.' : null}>
        <Input type="datetime-local" step={1} value={to} onChange={(event) => setTo(event.target.value)} />
      </Field>
    </form>
  )
}

/** As the field wants it: local time without a zone. */
function localText(at: string | undefined): string {
  if (at === undefined) return ''
  const moment = new Date(at)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

const isoText = (local: string): string | undefined =>
  local === '' || Number.isNaN(Date.parse(local)) ? undefined : new Date(local).toISOString()
