import { readUrl, type Egress } from '#egress/index.ts'
import { Problem } from '#std/index.ts'
import { assertApproved, openSecret } from '../blocked-upstream.ts'
import type { DeploymentRecord, SecretOr, UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import type { Sender } from './build-request.ts'
import { callOperation } from './call-operation.ts'
import type { CompiledApi } from './compile-document.ts'
import { type Credential, credentialFor, credentialOf } from './credentials.ts'
import { hideSecrets } from './hide-secrets.ts'
import { documentDigest } from './document-digest.ts'
import { documentProblem, examineDocument, fetchOpenApiDocument } from './load-document.ts'
import type { OpenApiSpec, Operation, Tool } from './model.ts'
import type { SendOptions } from './send-request.ts'

/** An API whose document is known and approved and whose secrets are open. */
export interface ReadyApi {
  readonly compiled: CompiledApi
  readonly tools: readonly Tool[]
  readonly info: UpstreamInfo
  readonly sender: Sender
  /** The operator named the server: it may be private. */
  readonly isTrusted: boolean
  credentialOf(operation: Operation): Credential
  readonly withoutSecrets: (text: string) => string
  /** Answers `tools/call`. */
  call(request: UpstreamRequest, options: CallOptions): Promise<UpstreamAnswer>
}

export interface CallOptions extends Pick<SendOptions, 'signal' | 'remainingMs' | 'onUnreachable'> {
  readonly onReached: () => void
}

export interface PrepareOptions {
  readonly egress: Pick<Egress, 'safeFetch'>
  readonly secrets: (tenant: string, reference: string) => string
  /** Documents that nobody has looked at before are compared with the schema of OpenAPI as well. */
  readonly isValidating: boolean
}

const PROTOCOL_VERSION = '2026-07-28'

/**
 * Makes an API ready: its approval, its document, its operations, its credentials. Rejects with `approval-needed` when the
 * document is not the one that was approved, `invalid-input` for what cannot be used, and as requests do.
 */
export async function prepareApi(deployment: DeploymentRecord, spec: OpenApiSpec, options: PrepareOptions): Promise<ReadyApi> {
  assertApproved(deployment)
  const text = await approvedDocument(deployment, spec, options.egress)
  const isNew = 'url' in spec.document && deployment.origin.kind !== 'api'
  const examined = await examineDocument(text, spec, { isValidated: isNew && options.isValidating })
  if (!examined.ok) throw documentProblem(deployment.name, examined.error)
  const compiled = examined.value
  const open = (value: SecretOr): string => ('text' in value ? value.text : openSecret(options.secrets, deployment, value.secret))
  const headers = Object.fromEntries(Object.entries(spec.headers).map(([name, value]) => [name.toLowerCase(), open(value)]))
  const auth = Object.entries(spec.auth).map(([name, value]) => [name, open(value)] as const)
  const credentials = new Map(
    auth.map(([name, secret]) => [name, usable(deployment.name, name, credentialOf(compiled.schemes.get(name)!, secret))]),
  )
  const byOperation = new Map(
    [...compiled.operations.values()].map((operation) => [operation, credentialFor(operation.security, credentials)]),
  )
  const secretHeaders = Object.entries(spec.headers).flatMap(([name, value]) => ('secret' in value ? [headers[name.toLowerCase()]!] : []))
  const api: ReadyApi = {
    compiled,
    tools: [...compiled.operations.values()].map(({ tool }) => tool),
    info: infoOf(deployment, compiled),
    sender: { server: compiled.server, headers },
    isTrusted: deployment.origin.kind !== 'api' && compiled.server.isNamed,
    credentialOf: (operation) => byOperation.get(operation)!,
    withoutSecrets: hideSecrets([...auth.map(([, secret]) => secret), ...secretHeaders]),
    call: (request, call) => callOperation(api, request, call, { name: deployment.name, egress: options.egress }),
  }
  return api
}

/** The document as its owner approved it: a place on the network may say something else today. */
async function approvedDocument({ name, origin }: DeploymentRecord, spec: OpenApiSpec, egress: PrepareOptions['egress']): Promise<string> {
  const { document } = spec
  if ('text' in document) return document.text
  const text = await fetchOpenApiDocument(egress, document.url, origin.kind !== 'api')
  const digest = documentDigest(text)
  if (digest === document.sha256) return text
  const url = readUrl(document.url)
  const place = `${url.origin}${url.pathname}`
  const detail =
    document.sha256 === null
      ? `The OpenAPI document of ${name} at ${place} has not been approved: nothing says which one is meant.`
      : `The OpenAPI document of ${name} at ${place} has changed since it was approved.`
  throw new Problem('approval-needed', detail, {
    remedy:
      origin.kind === 'declared'
        ? `Look at it. If it is right, write "documentSha256": "${digest}" into the "sallyport" part of its entry at ${origin.place}.`
        : `Look at it, then: sallyport deployment restart ${name} && sallyport deployment approve ${name}`,
  })
}

function usable(deployment: string, scheme: string, credential: ReturnType<typeof credentialOf>): Credential {
  if (credential.ok) return credential.value
  throw new Problem(
    'invalid-input',
    `The credential of ${deployment} for the security scheme ${JSON.stringify(scheme)} ${credential.error}.`,
    {
      remedy: 'Store it again: sallyport secret set NAME',
      extensions: { state: 'needs-input' },
    },
  )
}

function infoOf({ name, title }: DeploymentRecord, compiled: CompiledApi): UpstreamInfo {
  return {
    era: 'modern',
    protocolVersion: PROTOCOL_VERSION,
    capabilities: { tools: {} },
    serverInfo: { name, title: compiled.title ?? title, version: compiled.version ?? '0' },
    instructions: null,
  }
}
