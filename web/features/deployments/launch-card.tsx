import {
  FileText,
  Fingerprint,
  Globe,
  FolderLock,
  KeyRound,
  Minus,
  Plus,
  SquareTerminal,
  Unplug,
  Wrench,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { Badge } from '@/components/ui/badge.tsx'
import { cn } from '@/lib/cn.ts'
import { inert } from '@/lib/inert.ts'
import { ISOLATION_LOOKS } from './state-badge.tsx'
import { type ApiSpec, namedValues, type ProcessSpec, type Spec, VALUE_LABELS, whatRuns } from './deployment-model.ts'
import type { DiffLine } from './launch-diff.ts'

/** A launch as it is approved: what runs, what it may reach, and the digest that stands for all of it. */
export function LaunchCard({ spec, digest }: { readonly spec: Spec; readonly digest?: string | null }) {
  const values = Object.entries(namedValues(spec))
  const isProcess = spec.kind === 'process'
  return (
    <dl className="divide-y rounded-md border text-sm">
      <Part icon={isProcess ? SquareTerminal : Globe} label={isProcess ? 'What runs' : 'What is called'}>
        <CodeBlock text={whatRuns(spec)} label={isProcess ? 'The command line' : 'The address'} />
        {spec.kind === 'process' && spec.cwd !== null && <p className="text-soft">in {inert(spec.cwd)}</p>}
        {spec.kind === 'process' && isPackage(spec) && (
          <p className="text-xs text-faint">The package is fetched once, before it starts, and pinned to what was fetched.</p>
        )}
      </Part>
      {spec.kind === 'process' && <Reach spec={spec} />}
      {spec.kind === 'openapi' && <Api spec={spec} />}
      <Part icon={KeyRound} label={VALUE_LABELS[spec.kind]}>
        {values.length === 0 ? (
          <Nothing>None</Nothing>
        ) : (
          <ul className="flex flex-col gap-1">
            {values.map(([name, { secret }]) => (
              <li key={name} className="break-all">
                <code className="font-mono text-xs">{inert(name)}</code>
                <span className="text-faint"> {secret === null ? 'a plain value' : `from the vault: ${secret}`}</span>
              </li>
            ))}
          </ul>
        )}
      </Part>
      {digest !== undefined && digest !== null && (
        <Part icon={Fingerprint} label="Digest">
          <span className="flex items-start gap-1">
            <code className="font-mono text-xs break-all text-soft">{digest}</code>
            <CopyButton text={digest} label="Copy the digest" />
          </span>
        </Part>
      )}
    </dl>
  )
}

const isPackage = ({ command }: ProcessSpec): boolean => /(^|\/)(npx|uvx)$/.test(command)

function Reach({ spec }: { readonly spec: ProcessSpec }) {
  return (
    <>
      <Part icon={spec.egress.length === 0 ? Unplug : Globe} label="Network">
        {spec.egress.length === 0 ? <Nothing>No network</Nothing> : <Names names={spec.egress} />}
      </Part>
      <Part icon={FolderLock} label="Files">
        {spec.files.length === 0 ? (
          <Nothing>None of this machine’s files</Nothing>
        ) : (
          <ul className="flex flex-col gap-1">
            {spec.files.map(({ path, mode }) => (
              <li key={path} className="flex items-start gap-2">
                <code className="min-w-0 font-mono text-xs break-all">{inert(path)}</code>
                <Badge tone={mode === 'rw' ? 'warn' : 'neutral'}>{mode === 'rw' ? 'read and write' : 'read only'}</Badge>
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Part icon={ISOLATION_LOOKS[spec.isolation].icon} label="Isolation">
        {spec.isolation === 'none'
          ? 'As much as this machine can; it also starts without a sandbox'
          : `At least ${spec.isolation}, or it does not start`}
      </Part>
    </>
  )
}

/** Which document describes it, and which of its operations become tools. */
function Api({ spec: { document, operations } }: { readonly spec: ApiSpec }) {
  return (
    <>
      <Part icon={FileText} label="Document">
        <span className="break-all">{document.url === null ? 'A file' : inert(document.url)}</span>
        {document.sha256 !== null && <code className="font-mono text-xs break-all text-soft">SHA-256 {document.sha256}</code>}
      </Part>
      <Part icon={Wrench} label="Operations">
        {operations.include.length === 0 ? <span>All of them</span> : <Names names={operations.include} />}
        {operations.exclude.length > 0 && (
          <>
            <span className="text-soft">but not</span>
            <Names names={operations.exclude} />
          </>
        )}
      </Part>
    </>
  )
}

function Part({ icon: Icon, label, children }: { readonly icon: LucideIcon; readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-1 px-3 py-2.5 sm:grid-cols-[8.5rem_minmax(0,1fr)]">
      <dt className="flex items-center gap-2 self-start text-soft">
        <Icon aria-hidden className="size-4 text-faint" />
        {label}
      </dt>
      <dd className="flex min-w-0 flex-col gap-1">{children}</dd>
    </div>
  )
}

const Nothing = ({ children }: { readonly children: ReactNode }) => <span className="text-faint">{children}</span>

function Names({ names }: { readonly names: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-1">
      {names.map((name) => (
        <li key={name} className="max-w-full">
          <code className="inline-block max-w-full rounded-sm bg-hover px-1.5 font-mono text-xs leading-5 break-all">{inert(name)}</code>
        </li>
      ))}
    </ul>
  )
}

/** What changes between two launches; each line says so with a sign, not by colour alone. */
export function LaunchDiff({ lines, label }: { readonly lines: readonly DiffLine[]; readonly label: string }) {
  return (
    <ul aria-label={label} className="overflow-hidden rounded-md border font-mono text-xs leading-5">
      {lines.map(({ part, text, change }) => (
        <li
          key={change + part + text}
          className={cn(
            'grid grid-cols-[1rem_4.5rem_minmax(0,1fr)] gap-2 px-2.5 py-0.5',
            change === 'added' && 'bg-ok-soft text-ok',
            change === 'removed' && 'bg-bad-soft text-bad',
            change === 'same' && 'text-soft',
          )}
        >
          <span className="pt-1">
            {change === 'added' && <Plus role="img" aria-label="Added" className="size-3" />}
            {change === 'removed' && <Minus role="img" aria-label="Removed" className="size-3" />}
          </span>
          <span className="font-sans">{part}</span>
          <span className="break-all">{inert(text)}</span>
        </li>
      ))}
    </ul>
  )
}
