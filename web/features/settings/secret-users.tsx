import { Link } from '@tanstack/react-router'
import { inertLine } from '@/lib/inert.ts'

/** Deployments that refer to a secret. */
export function SecretUsers({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <span className="text-faint">nothing</span>
  return (
    <span className="flex flex-wrap gap-x-2">
      {names.map((name) => (
        <Link
          key={name}
          to="/app/deployments/$name"
          params={{ name }}
          className="font-mono text-xs text-accent-text underline-offset-2 hover:underline"
        >
          {inertLine(name, 60)}
        </Link>
      ))}
    </span>
  )
}
