import { Link } from '@tanstack/react-router'
import { ChevronRight, FlaskConical } from 'lucide-react'
import { useMemo, useState } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Badge } from '@/components/ui/badge.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { cn } from '@/lib/cn.ts'
import { bytes, exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { hintsOf, type Parameter, parametersOf, sizeOf } from './tool-definition.ts'

export type Tool = ResponseOf<'listDeploymentTools'>['items'][number]

interface ToolCardProps {
  readonly endpoint: string
  readonly tool: Tool
  readonly isOpen: boolean
  readonly onToggle: () => void
}

/** A tool: a line with its claims about itself, and the whole definition when it is opened. */
export function ToolCard({ endpoint, tool, isOpen, onToggle }: ToolCardProps) {
  const size = useMemo(() => sizeOf(tool), [tool])
  const name = inertLine(tool.name, 160)
  return (
    <li className="border-b last:border-b-0">
      <div className="flex items-start gap-2 px-2 py-1.5 sm:px-3">
        <h3 className="min-w-0 grow">
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={onToggle}
            className="flex w-full items-start gap-2 rounded-sm py-0.5 text-left text-sm font-normal"
          >
            <ChevronRight aria-hidden className={cn('mt-0.5 size-4 shrink-0 text-faint transition-transform', isOpen && 'rotate-90')} />
            <span className="min-w-0 grow">
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <code className="font-mono font-medium break-all">{name}</code>
                {hintsOf(tool['annotations']).map(({ label, tone, meaning }) => (
                  <Badge key={label} tone={tone} title={meaning}>
                    {label}
                  </Badge>
                ))}
              </span>
              {!isOpen && tool.description !== undefined && (
                <span className="mt-0.5 block truncate text-soft">{inertLine(tool.description, 240)}</span>
              )}
            </span>
          </button>
        </h3>
        <span className="pt-1 text-xs whitespace-nowrap text-faint max-sm:hidden" data-tabular title={`${exact(size.bytes)} bytes`}>
          {bytes(size.bytes)} · about {exact(size.tokens)} tokens
        </span>
        <Link
          to="/app/playground"
          search={{ endpoint, tool: tool.name }}
          aria-label={`Try ${name}`}
          className={buttonClass({ size: 'sm' })}
        >
          <FlaskConical /> Try
        </Link>
      </div>
      {isOpen && <Definition tool={tool} name={name} />}
    </li>
  )
}

function Definition({ tool, name }: { readonly tool: Tool; readonly name: string }) {
  const parameters = useMemo(() => parametersOf(tool.inputSchema), [tool])
  const [view, setView] = useState<'table' | 'json'>(parameters === null ? 'json' : 'table')
  return (
    <div className="flex flex-col gap-3 px-4 pt-1 pb-4 sm:pl-11">
      {tool.title !== undefined && <p className="text-sm font-medium">{inertLine(tool.title, 200)}</p>}
      {tool.description !== undefined && (
        <p className="max-w-prose text-sm text-soft">
          <Untrusted text={tool.description} lengthMax={1_500} />
        </p>
      )}
      <Segmented
        aria-label={`View of ${name}`}
        className="self-start"
        value={view}
        onChange={setView}
        options={[
          { value: 'table', label: 'Parameters' },
          { value: 'json', label: 'JSON' },
        ]}
      />
      {view === 'json' ? (
        <div className="min-w-0 overflow-hidden rounded-md border">
          <JsonView value={tool} label={`Definition of ${name}`} />
        </div>
      ) : (
        <Parameters parameters={parameters} name={name} />
      )}
    </div>
  )
}

const PARAMETERS_MAX = 200

function Parameters({ parameters, name }: { readonly parameters: readonly Parameter[] | null; readonly name: string }) {
  if (parameters === null) return <p className="text-sm text-faint">Its schema is not a plain list of parameters. The JSON shows it.</p>
  if (parameters.length === 0) return <p className="text-sm text-faint">It takes no parameters.</p>
  return (
    <div className="overflow-x-auto rounded-md border" tabIndex={0} role="region" aria-label={`Parameters of ${name}`}>
      <table className="w-full text-left text-sm">
        <thead className="text-xs text-faint">
          <tr className="border-b">
            <th scope="col" className="px-3 py-1.5 font-medium">
              Parameter
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              Type
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              Description
            </th>
          </tr>
        </thead>
        <tbody>
          {parameters.slice(0, PARAMETERS_MAX).map((parameter) => (
            <tr key={parameter.name} className="border-b align-top last:border-b-0">
              <td className="px-3 py-1.5">
                <code className="font-mono text-xs break-all">{inertLine(parameter.name, 120)}</code>
                {parameter.isRequired && <span className="ml-1.5 text-xs text-warn">required</span>}
              </td>
              <td className="px-3 py-1.5">
                <code className="font-mono text-xs break-words text-soft">{inertLine(parameter.type, 160)}</code>
              </td>
              <td className="min-w-40 px-3 py-1.5 text-soft">
                <Untrusted text={parameter.description} lengthMax={300} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {parameters.length > PARAMETERS_MAX && (
        <p className="px-3 py-2 text-xs text-faint">{exact(parameters.length - PARAMETERS_MAX)} more; the JSON shows them all.</p>
      )}
    </div>
  )
}
