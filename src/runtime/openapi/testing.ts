import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { createEgress } from '#egress/index.ts'
import { Problem } from '#std/index.ts'
import { specDigest } from '../deployment-store.ts'
import type { DeploymentRecord, DeploymentStatus } from '../model.ts'
import { createRuntime } from '../runtime.ts'
import { compileDocument, type CompiledApi } from './compile-document.ts'
import { examineDocument } from './load-document.ts'
import type { JsonObject, OpenApiSpec } from './model.ts'

// What the tests of this folder share: documents with one operation, an HTTP server that writes down what it was asked,
// and a runtime that calls it.

/** A document with these paths. */
export function documentOf(paths: unknown, rest: JsonObject = {}): JsonObject {
  return { openapi: '3.1.0', info: { title: 'Test', version: '1' }, servers: [{ url: 'https://api.example.com/v1' }], paths, ...rest }
}

export function specOf(change: Partial<OpenApiSpec> = {}): OpenApiSpec {
  return {
    kind: 'openapi',
    document: { text: '' },
    server: null,
    operations: { include: [], exclude: [] },
    headers: {},
    auth: {},
    ...change,
  }
}

export function compiled(document: JsonObject, change: Partial<OpenApiSpec> = {}): CompiledApi {
  const api = compileDocument(document, specOf(change))
  if (!api.ok) throw new Error(api.error)
  return api.value
}

export interface SeenRequest {
  readonly method: string
  /** As it stood in the request line. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Answer = (seen: SeenRequest, response: ServerResponse) => void

export interface TestServer {
  readonly url: string
  readonly port: number
  readonly seen: SeenRequest[]
  answer: Answer
  close(): Promise<void>
}

export async function startTestServer(answer: Answer, port = 0): Promise<TestServer> {
  const seen: SeenRequest[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }
      seen.push(one)
      made.answer(one, response)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  const made: TestServer = {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    seen,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return made
}

export const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

export interface ApiUnderTest {
  readonly statuses: DeploymentStatus[]
  readonly warnings: { readonly fields: unknown; readonly text: string }[]
  status(): DeploymentStatus
  /** Resolves with the first status that fits, past ones included. */
  until(fits: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus>
  ask(method: string, params?: Record<string, unknown>, waitMs?: number): Promise<Record<string, unknown>>
  call(tool: string, args?: Record<string, unknown>, waitMs?: number): Promise<Record<string, unknown>>
  restart(): void
  reconcile(deployment: DeploymentRecord): void
  readonly runtime: ReturnType<typeof createRuntime>
  close(): Promise<void>
}

export function recordOf(spec: OpenApiSpec, change: Partial<DeploymentRecord> = {}): DeploymentRecord {
  const digest = specDigest(spec)
  return {
    id: 'dep_1',
    tenant: 'default',
    name: 'petstore',
    title: 'Petstore',
    description: '',
    access: 'granted',
    deadlineMs: 5_000,
    startDeadlineMs: 5_000,
    headersMode: 'strict',
    spec,
    origin: { kind: 'declared', place: 'sallyport.json:2:3' },
    digest,
    approvedDigest: digest,
    ...change,
  }
}

/** An API behind the whole runtime, as the gateway has it. */
export function runApi(
  deployment: DeploymentRecord,
  secrets: Readonly<Record<string, string>> = {},
  allow: readonly string[] = [],
): ApiUnderTest {
  const statuses: DeploymentStatus[] = []
  const warnings: { fields: unknown; text: string }[] = []
  const watchers = new Set<() => void>()
  const egress = createEgress({ allow })
  const runtime = createRuntime({
    dataDir: '/nonexistent',
    egress,
    secrets: (_tenant, reference) => secrets[reference] ?? '',
    now: Date.now,
    log: { info: () => undefined, warn: (fields, text) => void warnings.push({ fields, text }) },
    version: 'test',
    settings: { environment: {}, isolation: Promise.resolve({ level: 'none', reason: 'no process runs here', remedy: null, tools: null }) },
  })
  runtime.onStatus((_tenant, status) => {
    statuses.push(status)
    for (const watcher of watchers) watcher()
  })
  runtime.reconcile([deployment])
  const upstream = () => runtime.upstream('default', deployment.name)!
  const ask: ApiUnderTest['ask'] = async (method, params = {}, waitMs = 5_000) => {
    const answer = await upstream().request({ method, params, deadlineAtMs: Date.now() + waitMs }).answer
    if (answer.ok !== true) throw Object.assign(new Error('an error was answered'), answer)
    return answer.result
  }
  return {
    statuses,
    warnings,
    runtime,
    status: () => upstream().status(),
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = statuses.find(fits)
          if (found === undefined) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
      }),
    ask,
    call: (tool, args = {}, waitMs) => ask('tools/call', { name: tool, arguments: args }, waitMs),
    restart: () => runtime.restart('default', deployment.name),
    reconcile: (next) => runtime.reconcile([next]),
    async close() {
      await runtime.close()
      await egress.close()
    },
  }
}

/** Twelve operations with every place and style of a parameter. */
export const petDocument = (server: string): string => `openapi: 3.0.3
info: { title: Pet store, version: "7" }
servers: [{ url: "${server}/v1" }]
security: [{ key: [] }]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - { name: tags, in: query, schema: { type: array, items: { type: string } } }
        - { name: ids, in: query, explode: false, schema: { type: array, items: { type: integer } } }
        - { name: words, in: query, style: spaceDelimited, schema: { type: array, items: { type: string } } }
        - { name: kinds, in: query, style: pipeDelimited, schema: { type: array, items: { type: string } } }
        - { name: filter, in: query, style: deepObject, schema: { type: object } }
        - { name: raw, in: query, content: { application/json: { schema: { type: object } } } }
      responses: { 200: { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Pet" } } } } } }
    post:
      operationId: createPet
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
      responses: { 201: { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } } }
  /pets/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getPet
      parameters:
        - { name: X-Trace, in: header, schema: { type: array, items: { type: string } } }
        - { name: theme, in: cookie, schema: { type: string } }
        - { name: Authorization, in: header, schema: { type: string } }
      responses: { 200: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } } }
    head: { operationId: peekPet, responses: { 200: { description: ok } } }
    put:
      operationId: replacePet
      requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { 204: { description: done } }
    patch:
      operationId: renamePet
      requestBody: { content: { text/plain: { schema: { type: string } } } }
      responses: { 200: { description: ok, content: { text/plain: { schema: { type: string } } } } }
    delete: { operationId: deletePet, security: [], responses: { 204: { description: gone } } }
  /pets/{id}/photo{format}:
    get:
      operationId: getPhoto
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: format, in: path, required: true, style: label, schema: { type: string } }
      responses: { 200: { description: ok, content: { image/png: {} } } }
    post:
      operationId: addPhoto
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: format, in: path, required: true, style: label, schema: { type: string } }
      requestBody: { content: { multipart/form-data: { schema: { type: object, properties: { file: { type: string, format: binary }, note: { type: string } } } } } }
      responses: { 201: { description: made } }
  /matrix{area}/tree:
    get:
      operationId: getTree
      parameters: [{ name: area, in: path, required: true, style: matrix, explode: true, schema: { type: object } }]
      responses: { 200: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Node" } } } } }
  /slow: { get: { operationId: slow, responses: { 200: { description: ok } } } }
  /moved: { get: { operationId: moved, responses: { 200: { description: ok } } } }
components:
  securitySchemes: { key: { type: apiKey, in: query, name: api_key } }
  schemas:
    Pet: { type: object, required: [name], properties: { id: { type: integer, readOnly: true }, name: { type: string, nullable: true } } }
    Node: { type: object, properties: { children: { type: array, items: { $ref: "#/components/schemas/Node" } } } }
`
export const KEY = 'canary-key-&-81'

/** What is opened is closed after the test, the last first. */
function kept<T extends { close(): Promise<void> }>(one: T): T {
  onTestFinished(() => one.close())
  return one
}

export const keptServer = async (answer: Answer, port?: number): Promise<TestServer> => kept(await startTestServer(answer, port))
export const keptApi = (...args: Parameters<typeof runApi>): ApiUnderTest => kept(runApi(...args))

export const echo: Answer = (seen, response) => sendJson(response, 200, { method: seen.method, url: seen.url })

/** The pet store and a server that answers for it. */
export async function setUpPets(
  answer: Answer = echo,
  change: Partial<OpenApiSpec> = {},
): Promise<{ server: TestServer; api: ApiUnderTest }> {
  const server = await keptServer(answer)
  const auth = { key: { secret: 'petstore/key' } }
  const spec = specOf({ document: { text: petDocument(server.url) }, server: `${server.url}/v1`, auth, ...change })
  return { server, api: keptApi(recordOf(spec), { 'petstore/key': KEY }) }
}

export const textOf = (result: Record<string, unknown>): string => (result['content'] as { text: string }[])[0]!.text

/** The problem that an answer ends in. No problem holds a credential. */
export async function problemOf(answer: Promise<unknown>): Promise<Problem> {
  const error = await answer.then(
    (value) => ({ unexpected: value }),
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(Problem)
  const problem = error as Problem
  expect(JSON.stringify(problem.toDocument())).not.toMatch(/canary|api_key/)
  return problem
}

/** Reader and validator are loaded with the first document, which takes its time. */
export const loadReaders = async (): Promise<void> =>
  void (await examineDocument(petDocument('https://x.example'), specOf(), { isValidated: true }))
