import { Link } from '@tanstack/react-router'
import { RotateCw, Trash2 } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { toastDone, toastProblem } from '@/components/ui/toast.tsx'
import { useApi } from '@/lib/queries.ts'
import { PROFILE_QUERY } from './add-to-profile.tsx'
import { type Deployment, isWritable } from './deployment-model.ts'
import { ReadOnlyNote } from './read-only-note.tsx'
import { SettingsForm } from './settings-form.tsx'
import { useAsk } from './use-ask.ts'
import { useRestart } from './use-changes.ts'

/** What can be set about a deployment beyond its launch, and its end. */
export function SettingsTab({ deployment }: { readonly deployment: Deployment }) {
  const mayChange = isWritable(deployment)
  return (
    <div className="flex max-w-3xl flex-col gap-6">
      <ReadOnlyNote deployment={deployment} />
      {mayChange && (
        <Section title="General">
          <SettingsForm key={deployment.name} deployment={deployment} />
        </Section>
      )}
      <Running deployment={deployment} />
    </div>
  )
}

function Running({ deployment }: { readonly deployment: Deployment }) {
  const { name, spec, isApproved } = deployment
  const { mutate, isPending } = useRestart()
  const isRemote = spec.kind !== 'process'
  return (
    <Section isPadded={false}>
      <h2 className="sr-only">Running and removing</h2>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3 not-last:border-b">
        <div className="min-w-0 grow basis-60 text-sm">
          <p className="font-medium">{isRemote ? 'Check again' : 'Restart'}</p>
          <p className="text-soft">
            {isRemote
              ? 'Asks the server anew what it speaks and offers.'
              : 'Calls that are under way fail; the next ones wait for the start.'}
          </p>
        </div>
        <Button
          disabled={!isApproved}
          isBusy={isPending}
          onClick={() =>
            mutate(name, {
              onSuccess: () => toastDone(isRemote ? `${name} is asked again` : `${name} starts again`),
              onError: toastProblem,
            })
          }
        >
          <RotateCw /> {isRemote ? 'Check again' : 'Restart'}
        </Button>
      </div>
      {isWritable(deployment) && <Removing name={name} />}
    </Section>
  )
}

function Removing({ name }: { readonly name: string }) {
  const ask = useAsk()
  const { data } = useApi('listProfiles', PROFILE_QUERY)
  const users = (data?.items ?? []).filter(({ servers }) => servers.includes(name))
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 py-3">
      <div className="min-w-0 grow basis-60 text-sm">
        <p className="font-medium">Remove server</p>
        <p className="text-soft">
          {users.length === 0
            ? 'No profile offers it. Its secrets go with it.'
            : `Offered by ${users.length === 1 ? 'the profile ' : 'the profiles '}`}
          {users.map((profile, index) => (
            <span key={profile.name}>
              {index > 0 && ', '}
              <Link to="/app/profiles/$name" params={{ name: profile.name }} className="font-mono text-accent-text underline">
                {profile.name}
              </Link>
            </span>
          ))}
          {users.length > 0 && '; take it out of there first.'}
        </p>
      </div>
      <Button className="text-bad" onClick={() => ask('remove')}>
        <Trash2 /> Remove server
      </Button>
    </div>
  )
}
