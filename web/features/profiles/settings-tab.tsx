import { TriangleAlert } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input, Textarea } from '@/components/ui/field.tsx'
import { Facts, Section } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Select } from '@/components/ui/select.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { DeleteProfile } from './delete-profile.tsx'
import { ACCESS_LEVELS, type Access, type Profile, type ProfilePatch, readOnlyReason } from './profile-model.ts'
import { useProfileChange } from './use-profile-change.ts'

/** What is typed and not saved yet: only members that were touched, so that others keep what somebody else gave them. */
interface Draft {
  readonly title?: string
  readonly description?: string
  readonly access?: Access
}

const LABELS: Readonly<Record<keyof Draft, string>> = { title: 'title', description: 'description', access: 'access' }

/** What a profile is called and who may use it; to be read only, where it comes from elsewhere. */
export function SettingsTab({ profile }: { readonly profile: Profile }) {
  if (readOnlyReason(profile) === null) return <SettingsForm profile={profile} />
  const { label, hint } = ACCESS_LEVELS.find(({ value }) => value === profile.access)!
  return (
    <Section title="General" className="max-w-3xl">
      <Facts
        facts={[
          ['Title', inertLine(profile.title)],
          ['Description', profile.description === '' ? '–' : inertLine(profile.description, 2000)],
          ['Access', `${label}: ${hint.charAt(0).toLowerCase()}${hint.slice(1)}`],
        ]}
      />
    </Section>
  )
}

/** Title, description and access, with a line that says what is not saved; and the end of the profile. */
function SettingsForm({ profile }: { readonly profile: Profile }) {
  const [draft, setDraft] = useState<Draft>({})
  const { changeAsync } = useProfileChange(profile.name)
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const shown = { ...profile, ...draft }
  const changed = (Object.keys(draft) as (keyof Draft)[]).filter((key) => draft[key] !== profile[key])
  const fault = shown.title.trim() === '' ? 'Give it a title.' : null
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy || fault !== null || changed.length === 0) return
    setIsBusy(true)
    setProblem(null)
    const patch: ProfilePatch = Object.fromEntries(changed.map((key) => [key, draft[key]]))
    try {
      await changeAsync({ make: () => patch, done: 'Profile saved', hasOwnNote: true })
      setDraft({})
    } catch (error) {
      setProblem(error)
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <div className="flex max-w-3xl flex-col gap-6">
      <Section title="General">
        <form onSubmit={(event) => void save(event)} noValidate>
          <div className="flex flex-col gap-4">
            <Field label="Title" error={fault}>
              <Input value={shown.title} maxLength={200} onChange={({ target }) => setDraft({ ...draft, title: target.value })} />
            </Field>
            <Field label="Description" isOptional>
              <Textarea
                value={shown.description}
                maxLength={2000}
                rows={3}
                onChange={({ target }) => setDraft({ ...draft, description: target.value })}
              />
            </Field>
            <Field label="Access" hint={ACCESS_LEVELS.find(({ value }) => value === shown.access)?.hint}>
              <Select
                value={shown.access}

                options={ACCESS_LEVELS}
                onChange={(access) => setDraft({ ...draft, access })}
              />
            </Field>
            {shown.access === 'public' && <PublicWarning isSaved={profile.access === 'public'} />}
            {problem !== null && <ProblemNote problem={asProblem(problem)} />}
            <div className="flex flex-wrap items-center justify-end gap-2 border-t pt-4">
              <p role="status" className="grow text-sm text-soft">
                {changed.length === 0 ? '' : `Not saved: ${changed.map((key) => LABELS[key]).join(', ')}`}
              </p>
              {changed.length > 0 && <Button onClick={() => setDraft({})}>Discard</Button>}
              <Button type="submit" variant="primary" disabled={changed.length === 0 || fault !== null} isBusy={isBusy}>
                Save changes
              </Button>
            </div>
          </div>
        </form>
      </Section>
      <DeleteProfile name={profile.name} />
    </div>
  )
}

function PublicWarning({ isSaved }: { readonly isSaved: boolean }) {
  return (
    <div role="alert" className="flex gap-2.5 rounded-md border border-warn/30 bg-warn-soft px-3 py-2.5 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <p>
        <strong className="font-semibold">
          {isSaved
            ? 'Anybody who reaches this server can call these tools.'
            : 'Anybody who reaches this server will be able to call these tools.'}
        </strong>{' '}
        <span className="text-soft">
          No key is asked for, and the credentials that its servers hold are used for strangers. Choose it only for tools that may be
          public.
        </span>
      </p>
    </div>
  )
}
