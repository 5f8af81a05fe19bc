import type { BodyOf, ResponseOf } from '#api/contract.ts'
import { inert } from './inert.ts'
import { renderFacts } from './table.ts'
import type { Terminal } from './terminal.ts'

type Shown = ResponseOf<'getDeployment'>['spec']
type Asked = BodyOf<'createDeployment'>['spec']

/** What a deployment runs and what it may reach, before and after the server took it; values are never shown. */
export function launchFacts(spec: Shown | Asked): [string, string][] {
  if (spec.kind === 'remote')
    return [
      ['calls', spec.url],
      ['headers', namesOf(spec.headers)],
    ]
  if (spec.kind === 'openapi') return apiFacts(spec)
  return [
    ['runs', [spec.command, ...spec.args].map(shellWord).join(' ')],
    ['in', spec.cwd ?? ''],
    ['environment', namesOf(spec.env)],
    ['may reach', spec.egress.length === 0 ? 'nothing on the network' : spec.egress.join('\n')],
    [
      'files',
      spec.files.length === 0
        ? 'none of yours'
        : spec.files.map(({ path, mode }) => `${path} (${mode === 'rw' ? 'read and write' : 'read only'})`).join('\n'),
    ],
    ['isolation', `${spec.isolation} or better`],
  ]
}

function apiFacts({ document, server, operations, headers, auth }: Extract<Shown | Asked, { kind: 'openapi' }>): [string, string][] {
  const url = 'url' in document ? document.url : null
  const digest = 'sha256' in document ? (document.sha256 ?? null) : null
  return [
    ['calls', server ?? 'the first server that the document names'],
    ['document', `${url ?? 'given as a text'}${digest === null ? '' : `\nSHA-256 ${digest}`}`],
    ['operations', operations.include.length === 0 ? 'all' : operations.include.join('\n')],
    ...(operations.exclude.length === 0 ? [] : [['without', operations.exclude.join('\n')] as [string, string]]),
    ['headers', namesOf(headers)],
    ['credentials', namesOf(auth)],
  ]
}

/** Tells a person what they are about to agree to. */
export function showLaunch(terminal: Terminal, name: string, facts: readonly (readonly [string, string])[]): void {
  terminal.insist(terminal.tint('bold', inert(name)))
  terminal.insist(renderFacts({ paint: terminal.tint }, facts).replace(/^/gm, '  '))
}

function namesOf(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const secret =
        typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string'
          ? value.secret
          : typeof value === 'string' && value.startsWith('vault:')
            ? value.slice('vault:'.length)
            : null
      return secret === null ? name : `${name} (secret ${secret})`
    })
    .join(', ')
}

/** A word as a shell would take it back, so that a space or quote in an argument cannot pose as several. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)
