import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { SkeletonRows } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { asProblem } from '@/lib/problem.ts'
import type { Profile } from './profile-model.ts'
import type { ProfileTool } from './profile-tools.ts'
import { ToolRow } from './tool-row.tsx'
import { withoutServer, withoutTool, withServer, withTools } from './tool-rules.ts'
import { useProfileChange } from './use-profile-change.ts'
import type { ToolGroup } from './use-profile-tools.ts'

interface ToolGroupCardProps {
  readonly profile: Profile
  /** With the tools that are to be shown. */
  readonly group: ToolGroup
  /** Every tool of the profile. */
  readonly all: readonly ProfileTool[]
  readonly isReadOnly: boolean
  readonly isFiltered: boolean
  readonly onOpen: (tool: ProfileTool) => void
}

const SHOWN_FIRST = 100

/** The tools of one server with a switch for each, and one for all. */
export function ToolGroupCard({ profile, group, all, isReadOnly, isFiltered, onOpen }: ToolGroupCardProps) {
  const [shownMax, setShownMax] = useState(SHOWN_FIRST)
  const { change } = useProfileChange(profile.name)
  const { server, tools, isLoading, error } = group
  if (isFiltered && tools.length === 0 && error === null) return null
  const names = all.map(({ fullName }) => fullName)
  const own = all.filter((tool) => tool.server === server)
  const offered = own.filter(({ isOffered }) => isOffered).length
  const setServer = (isOn: boolean): void =>
    change({
      make: ({ tools: rules }) => ({ tools: isOn ? withServer(rules, server, names) : withoutServer(rules, server) }),
      done: isOn ? `All tools of ${server} are offered` : `No tool of ${server} is offered`,
    })
  const setTool = ({ fullName }: ProfileTool, isOn: boolean): void =>
    change({
      make: ({ tools: rules }) => ({ tools: isOn ? withTools(rules, [fullName], names) : withoutTool(rules, fullName) }),
    })
  return (
    <section className="min-w-0 overflow-hidden rounded-lg border bg-surface">
      <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2">
        <h2 className="min-w-0 grow truncate font-mono text-sm font-semibold">
          <Link to="/app/deployments/$name" params={{ name: server }} className="hover:underline">
            {server}
          </Link>
        </h2>
        <span data-tabular className="text-sm text-soft">
          {isLoading ? '' : offered === own.length ? `all ${own.length}` : `${offered} of ${own.length}`}
        </span>
        {!isReadOnly && own.length > 0 && <Both server={server} offered={offered} total={own.length} onSet={setServer} />}
      </header>
      {isLoading ? (
        <SkeletonRows rows={3} className="p-4" />
      ) : error !== null ? (
        <ProblemNote problem={asProblem(error)} className="m-3" />
      ) : tools.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-soft">This server offers no tools.</p>
      ) : (
        <ul className="divide-y" aria-label={`Tools of ${server}`}>
          {tools.slice(0, shownMax).map((tool) => (
            <ToolRow
              key={tool.fullName}
              endpoint={profile.name}
              tool={tool}
              isReadOnly={isReadOnly}
              onSwitch={(isOn) => setTool(tool, isOn)}
              onOpen={() => onOpen(tool)}
            />
          ))}
        </ul>
      )}
      {tools.length > shownMax && (
        <div className="border-t px-4 py-2">
          <Button size="sm" onClick={() => setShownMax(shownMax + SHOWN_FIRST * 5)}>
            Show more ({tools.length - shownMax} left)
          </Button>
        </div>
      )}
    </section>
  )
}

interface BothProps {
  readonly server: string
  readonly offered: number
  readonly total: number
  readonly onSet: (isOn: boolean) => void
}

/** The switch for all tools of a server, which may be neither on nor off. */
function Both({ server, offered, total, onSet }: BothProps) {
  return (
    <span className="flex gap-1">
      {offered < total && (
        <Button size="sm" aria-label={`Offer all: ${server}`} onClick={() => onSet(true)}>
          Offer all
        </Button>
      )}
      {offered > 0 && (
        <Button size="sm" aria-label={`Leave all out: ${server}`} onClick={() => onSet(false)}>
          Leave all out
        </Button>
      )}
    </span>
  )
}
