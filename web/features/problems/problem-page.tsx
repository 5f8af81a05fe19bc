import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft, BookOpen } from 'lucide-react'
import { PROBLEM_DESCRIPTIONS, type ProblemDescription } from '#std/problem-guide.ts'
import { Wordmark } from '@/components/shell/mark.tsx'
import { Facts } from '@/components/ui/layout.tsx'
import { Remedy } from '@/components/ui/problem.tsx'
import { inertLine } from '@/lib/inert.ts'
import { useTitle } from '@/lib/use-title.ts'
import { MenderList } from './mender-list.tsx'
import { ProblemList } from './problem-list.tsx'

/** Where the type of a problem leads: what it means, who must act, what mends it. Needs no sign-in. */
export function ProblemPage() {
  const { type } = useParams({ from: '/app/problems/$type' })
  const found = PROBLEM_DESCRIPTIONS.find((row) => row.type === type)
  useTitle(found?.title ?? 'Unknown problem')
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 pt-[8vh] pb-16">
      <main className="flex w-full max-w-2xl flex-col gap-7">
        <Link to="/app" aria-label="Sallyport, overview" className="self-start">
          <Wordmark />
        </Link>
        {found === undefined ? <UnknownType type={type} /> : <Description problem={found} />}
        <footer className="flex flex-wrap gap-x-6 gap-y-2 border-t pt-4 text-sm">
          <Link to="/app" className="inline-flex items-center gap-1.5 text-accent-text underline-offset-2 hover:underline">
            <ArrowLeft aria-hidden className="size-4" /> Go to the console
          </Link>
          {found !== undefined && (
            <Link to="/app/problems" className="inline-flex items-center gap-1.5 text-accent-text underline-offset-2 hover:underline">
              <BookOpen aria-hidden className="size-4" /> All problems
            </Link>
          )}
        </footer>
      </main>
    </div>
  )
}

/** The whole catalogue. */
export function ProblemsPage() {
  useTitle('Problems')
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 pt-[8vh] pb-16">
      <main className="flex w-full max-w-2xl flex-col gap-7">
        <Link to="/app" aria-label="Sallyport, overview" className="self-start">
          <Wordmark />
        </Link>
        <header>
          <h1 className="text-2xl font-semibold tracking-tight">Problems</h1>
          <p className="mt-1.5 text-soft">Every way this server says no, and what to do about it.</p>
        </header>
        <ProblemList />
      </main>
    </div>
  )
}

function Description({ problem }: { readonly problem: ProblemDescription }) {
  return (
    <>
      <header>
        <p className="font-mono text-sm text-faint">{problem.type}</p>
        <h1 className="mt-1 text-2xl font-semibold tracking-tight text-balance">{problem.title}</h1>
        <p className="mt-2 max-w-prose text-soft">{problem.meaning}</p>
      </header>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold">What usually mends it</h2>
        <ul className="flex flex-col divide-y rounded-lg border bg-surface">
          {problem.mend.map((sentence) => (
            <li key={sentence} className="px-4 py-2.5 text-sm">
              <Remedy text={sentence} />
            </li>
          ))}
        </ul>
      </section>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold">Who must act</h2>
        <MenderList menders={problem.mendedBy} />
      </section>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold">On the wire</h2>
        <Facts
          facts={[
            [
              'HTTP status',
              <span key="status" data-tabular>
                {problem.status}
              </span>,
            ],
            [
              'JSON-RPC code',
              <span key="code" data-tabular>
                {problem.code}
              </span>,
            ],
            [
              'Type',
              <code key="type" className="font-mono text-xs break-all">
                {problem.uri}
              </code>,
            ],
          ]}
        />
      </section>
    </>
  )
}

function UnknownType({ type }: { readonly type: string }) {
  return (
    <>
      <header>
        <h1 className="text-2xl font-semibold tracking-tight">There is no such problem</h1>
        <p className="mt-1.5 break-words text-soft">
          No refusal of this server is called <code className="font-mono text-xs">{inertLine(type, 80)}</code>. It may come from a newer
          version, or from another server on the way. These are all that this one knows:
        </p>
      </header>
      <ProblemList />
    </>
  )
}
