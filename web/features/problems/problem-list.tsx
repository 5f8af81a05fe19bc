import { Link } from '@tanstack/react-router'
import { PROBLEM_DESCRIPTIONS } from '#std/problem-guide.ts'

/** All problems of the catalogue, in its order. */
export function ProblemList() {
  return (
    <ul className="divide-y rounded-lg border bg-surface">
      {PROBLEM_DESCRIPTIONS.map(({ type, title, status }) => (
        <li key={type}>
          <Link
            to="/app/problems/$type"
            params={{ type }}
            className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 text-sm -outline-offset-2 hover:bg-hover"
          >
            <span data-tabular className="w-8 text-faint">
              {status}
            </span>
            <span className="min-w-0 grow font-medium">{title}</span>
            <span className="font-mono text-xs text-faint">{type}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
