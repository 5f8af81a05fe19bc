import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useDeferredValue } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemNote, Remedy } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { count } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Profile } from './profile-model.ts'
import { readOnlyReason } from './profile-model.ts'
import { isMeant } from './profile-tools.ts'
import { ToolGroupCard } from './tool-group-card.tsx'
import { ToolSheet } from './tool-sheet.tsx'
import { type ProfileTools, useProfileTools } from './use-profile-tools.ts'

/** What the profile offers, server by server, and what it leaves out. Switches apply at once. */
export function ToolsTab({ profile }: { readonly profile: Profile }) {
  const { q = '', tool } = useSearch({ from: '/app/profiles/$name' })
  const navigate = useNavigate()
  const tools = useProfileTools(profile)
  const meant = useDeferredValue(q)
  const isReadOnly = readOnlyReason(profile) !== null
  const go = (search: { q?: string | undefined; tool?: string | undefined }, replace: boolean): void =>
    void navigate({
      to: '/app/profiles/$name',
      params: { name: profile.name },
      search: { q: q === '' ? undefined : q, ...search },
      replace,
    })
  if (profile.servers.length === 0) return <NoServers name={profile.name} isReadOnly={isReadOnly} />
  const all = tools.groups.flatMap((group) => group.tools)
  const open = all.find(({ fullName }) => fullName === tool)
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Totals tools={tools} />
        <SearchField
          label="Search tools"
          placeholder="Search tools"
          value={q}
          className="sm:ml-auto"
          onChange={(next) => go({ q: next === '' ? undefined : next }, true)}
        />
      </div>
      <Troubles tools={tools} />
      {tools.groups.map((group) => (
        <ToolGroupCard
          key={group.server}
          profile={profile}
          group={{ ...group, tools: group.tools.filter((each) => isMeant(each, meant)) }}
          all={all}
          isReadOnly={isReadOnly}
          isFiltered={meant.trim() !== ''}
          onOpen={(each) => go({ tool: each.fullName }, false)}
        />
      ))}
      <ToolSheet profile={profile} tool={open ?? null} all={all} isReadOnly={isReadOnly} onClose={() => go({}, false)} />
    </div>
  )
}

function Totals({ tools: { groups } }: { readonly tools: ProfileTools }) {
  const all = groups.flatMap(({ tools }) => tools)
  const offered = all.filter(({ isOffered }) => isOffered)
  const tokens = offered.reduce((sum, tool) => sum + tool.tokens, 0)
  return (
    <p data-tabular className="text-sm text-soft">
      <strong className="font-semibold text-text">{count(offered.length)}</strong> of {count(all.length)} tools offered, about{' '}
      <strong className="font-semibold text-text">{count(tokens)}</strong> tokens of a model’s context
    </p>
  )
}

function Troubles({ tools: { view, viewError } }: { readonly tools: ProfileTools }) {
  if (viewError !== null && view === undefined) return <ProblemNote problem={asProblem(viewError)} />
  const troubles = [
    ...(view?.unavailable ?? []).map(({ server, state, cause, remedy }) => ({
      what: state === 'stale' ? `${server}: its tools may be old` : `${server} does not answer`,
      cause,
      remedy,
    })),
    ...(view?.leftOut ?? []).map(({ server, tool, cause, remedy }) => ({ what: `${tool} of ${server} is left out`, cause, remedy })),
  ]
  return troubles.map(({ what, cause, remedy }) => (
    <div key={what} className="flex gap-2.5 rounded-md border border-warn/30 bg-warn-soft px-3 py-2.5 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0">
        <p className="font-semibold break-words">{inertLine(what, 200)}</p>
        <p className="text-soft">
          <Untrusted text={cause} lengthMax={400} />
        </p>
        <Remedy text={remedy} />
      </div>
    </div>
  ))
}

function NoServers({ name, isReadOnly }: { readonly name: string; readonly isReadOnly: boolean }) {
  return (
    <Section>
      <Empty
        title="Add a server to this profile"
        action={
          isReadOnly ? undefined : (
            <Link to="/app/profiles/$name" params={{ name }} search={{ tab: 'servers' }} className={buttonClass({ variant: 'primary' })}>
              Choose servers
            </Link>
          )
        }
      >
        Its tools come from servers; it has none yet.
      </Empty>
    </Section>
  )
}
