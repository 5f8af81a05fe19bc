import { Ban, FolderPlus, Globe, Pencil, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { inertLine } from '@/lib/inert.ts'
import {
  deniedOf,
  type Deployment,
  isWritable,
  namedValues,
  openDenials,
  type ProcessSpec,
  type Spec,
  VALUE_LABELS,
} from './deployment-model.ts'
import { ReadOnlyNote } from './read-only-note.tsx'
import { RevokeButton } from './revoke-button.tsx'
import { useAsk } from './use-ask.ts'

/** What a server may reach, what it asked for and was refused, and the secrets it is given. */
export function AccessTab({ deployment }: { readonly deployment: Deployment }) {
  const { spec } = deployment
  const ask = useAsk()
  const mayChange = isWritable(deployment)
  return (
    <div className="flex flex-col gap-4">
      <ReadOnlyNote deployment={deployment} />
      {spec.kind === 'process' ? (
        <>
          <Refused deployment={deployment} />
          <Granted deployment={deployment} spec={spec} />
        </>
      ) : (
        <Section title="Reach">
          <p className="text-sm text-soft">
            It runs elsewhere: Sallyport cannot say what it reaches there. From here it is sent calls, and the headers below.
          </p>
        </Section>
      )}
      <Section
        title={VALUE_LABELS[spec.kind]}
        description="Names only. Values lie sealed in the vault."
        isPadded={false}
        actions={
          mayChange &&
          spec.kind !== 'openapi' && (
            <Button size="sm" onClick={() => ask('edit')}>
              <Pencil /> Edit launch
            </Button>
          )
        }
      >
        <Values spec={spec} />
      </Section>
    </div>
  )
}

function Refused({ deployment }: { readonly deployment: Deployment }) {
  const ask = useAsk()
  const denied = deployment.status?.denied ?? []
  const open = new Set(openDenials(deployment).map(({ what }) => what))
  if (denied.length === 0) return null
  return (
    <Section
      title="Asked for and refused"
      description="What the server says it missed. Its words are not proof: grant only what you know it needs."
      isPadded={false}
    >
      <ul aria-label="Refused" className="divide-y">
        {denied.map((what) => (
          <Row key={what} icon={deniedOf(what).kind === 'egress' ? <Globe /> : <FolderPlus />} text={what}>
            {!open.has(what) ? (
              <span className="text-xs text-faint">granted since</span>
            ) : (
              <>
                <Badge tone="bad" icon={<Ban aria-hidden />}>
                  Refused
                </Badge>
                {isWritable(deployment) && (
                  <Button size="sm" aria-label={`Grant ${inertLine(what, 80)}`} onClick={() => ask('grant', what)}>
                    Grant
                  </Button>
                )}
              </>
            )}
          </Row>
        ))}
      </ul>
    </Section>
  )
}

function Granted({ deployment, spec }: { readonly deployment: Deployment; readonly spec: ProcessSpec }) {
  const ask = useAsk()
  const mayChange = isWritable(deployment)
  const isEmpty = spec.egress.length === 0 && spec.files.length === 0
  return (
    <Section
      title="Granted"
      description="Everything it may reach beyond its own program."
      isPadded={false}
      actions={
        mayChange && (
          <Button size="sm" onClick={() => ask('grant')}>
            <Plus /> Grant access
          </Button>
        )
      }
    >
      {isEmpty ? (
        <p className="px-4 py-3 text-sm text-faint">Nothing: no network, and none of this machine’s files.</p>
      ) : (
        <ul aria-label="Granted" className="divide-y">
          {spec.egress.map((destination) => (
            <Row key={destination} icon={<Globe />} text={destination}>
              {mayChange && (
                <RevokeButton deployment={deployment} spec={spec} gone={{ egress: [destination], files: [] }} what={destination} />
              )}
            </Row>
          ))}
          {spec.files.map((file) => (
            <Row key={file.path} icon={<FolderPlus />} text={file.path}>
              <Badge tone={file.mode === 'rw' ? 'warn' : 'neutral'}>{file.mode === 'rw' ? 'read and write' : 'read only'}</Badge>
              {mayChange && <RevokeButton deployment={deployment} spec={spec} gone={{ egress: [], files: [file] }} what={file.path} />}
            </Row>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Row({ icon, text, children }: { readonly icon: ReactNode; readonly text: string; readonly children?: ReactNode }) {
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-2 px-4 py-1 text-sm [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-faint">
      {icon}
      <code className="min-w-0 grow font-mono text-xs break-all">{inertLine(text, 600)}</code>
      {children}
    </li>
  )
}

function Values({ spec }: { readonly spec: Spec }) {
  const values = Object.entries(namedValues(spec))
  if (values.length === 0) return <p className="px-4 py-3 text-sm text-faint">None.</p>
  return (
    <ul aria-label={VALUE_LABELS[spec.kind]} className="divide-y">
      {values.map(([name, { secret }]) => (
        <li key={name} className="grid gap-x-4 px-4 py-2 text-sm sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
          <code className="font-mono text-xs leading-5 break-all">{inertLine(name, 200)}</code>
          <span className="break-all text-soft">
            {secret === null ? 'a plain value, not shown' : <code className="font-mono text-xs leading-5">{inertLine(secret, 300)}</code>}
          </span>
        </li>
      ))}
    </ul>
  )
}
