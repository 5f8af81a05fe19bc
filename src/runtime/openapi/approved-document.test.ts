import { beforeAll, describe, expect, it } from 'vitest'
import { documentDigest } from './document-digest.ts'
import {
  type Answer,
  type ApiUnderTest,
  echo,
  keptApi,
  keptServer,
  loadReaders,
  petDocument,
  problemOf,
  recordOf,
  setUpPets,
  specOf,
  type TestServer,
  textOf,
} from './testing.ts'

// Which document is used, and what happens when it is another one, or none.
beforeAll(loadReaders, 120_000)

describe('a document at a URL', () => {
  const serve =
    (text: string): Answer =>
    (seen, response) =>
      seen.url === '/openapi.yaml' ? void response.writeHead(200, { 'content-type': 'application/yaml' }).end(text) : echo(seen, response)
  const setUpUrl = async (
    sha256: (text: string) => string | null,
    origin = {},
  ): Promise<{ server: TestServer; api: ApiUnderTest; text: string }> => {
    const server = await keptServer(echo)
    const text = petDocument('').replace('url: "/v1"', 'url: "./v1"')
    server.answer = serve(text)
    const spec = specOf({ document: { url: `${server.url}/openapi.yaml`, sha256: sha256(text) } })
    const api = keptApi(recordOf(spec, origin), {}, [`127.0.0.1:${server.port}`])
    return { server, api, text }
  }

  it('is fetched, and its server stands beside it', async () => {
    const { api, server } = await setUpUrl(documentDigest)
    await api.until(({ state }) => state === 'ready')
    expect(textOf(await api.call('getPet', { id: '1' }))).toBe('{"method":"GET","url":"/v1/pets/1"}')
    expect(server.seen.map(({ url }) => url)).toEqual(['/openapi.yaml', '/v1/pets/1'])
  })

  it('that has changed stops the deployment until it is approved', async () => {
    const { api, server, text } = await setUpUrl(documentDigest, { origin: { kind: 'api' } })
    await api.until(({ state }) => state === 'ready')
    server.answer = serve(text.replace('operationId: listPets', 'operationId: listAllPets'))
    // What was approved goes on until the document is read again.
    expect((await api.ask('tools/list'))['tools']).toHaveLength(12)
    api.restart()
    const status = await api.until(({ state }) => state === 'waiting-approval')
    expect(status.cause).toBe(`The OpenAPI document of petstore at ${server.url}/openapi.yaml has changed since it was approved.`)
    expect(status.remedy).toContain('sallyport deployment approve petstore')
    const problem = await problemOf(api.call('getPet', { id: '1' }))
    expect(problem.type).toBe('upstream-down')
    expect(server.seen.filter(({ url }) => url.startsWith('/v1'))).toEqual([])
    const { spec } = recordOf(
      specOf({
        document: {
          url: `${server.url}/openapi.yaml`,
          sha256: documentDigest(text.replace('operationId: listPets', 'operationId: listAllPets')),
        },
      }),
    )
    api.reconcile(recordOf(spec as never))
    expect(((await api.ask('tools/list'))['tools'] as { name: string }[])[0]!.name).toBe('listAllPets')
  })

  it('that nobody has named is not used, and the state says which one is there', async () => {
    const { api, text } = await setUpUrl(() => null)
    const status = await api.until(({ state }) => state === 'waiting-approval')
    expect(status.remedy).toBe(
      `Look at it. If it is right, write "documentSha256": "${documentDigest(text)}" into the "sallyport" part of its entry at sallyport.json:2:3.`,
    )
  })

  it('that cannot be had is tried again, and every caller is told why', async () => {
    const { api, server } = await setUpUrl(documentDigest)
    await api.until(({ state }) => state === 'ready')
    server.answer = (_seen, response) => void response.writeHead(503).end()
    api.restart()
    expect(await api.until(({ state }) => state === 'backoff')).toMatchObject({
      cause: `127.0.0.1:${server.port} answered 503 and no OpenAPI document.`,
    })
    expect((await problemOf(api.call('slow'))).message).toContain('answered 503')
  })
})

describe('a deployment', () => {
  it('that was not approved calls nothing', async () => {
    const server = await keptServer(echo)
    const spec = specOf({ document: { url: `${server.url}/openapi.yaml`, sha256: null }, server: server.url })
    const api = keptApi(recordOf(spec, { approvedDigest: null }))
    await api.until(({ state }) => state === 'waiting-approval')
    expect((await problemOf(api.call('slow'))).type).toBe('upstream-down')
    expect(server.seen).toEqual([])
  })

  it.each([
    ['cannot be used', { document: { text: 'openapi: 3.0.3' } }, 'failed', 'The OpenAPI document of petstore cannot be used'],
    ['names no scheme', { auth: { nobody: { text: 'x' } } }, 'failed', 'no security scheme "nobody"'],
    [
      'has a credential that no header takes',
      {
        document: { text: petDocument('http://x.example').replace('in: query, name: api_key', 'in: header, name: X-Key') },
        auth: { key: { text: 'canary\r\n' } },
      },
      'needs-input',
      'holds a line break',
    ],
  ])('that %s says so', async (_what, change, state, cause) => {
    const { api } = await setUpPets(echo, change)
    const status = await api.until((one) => one.state === state)
    expect(status.cause).toContain(cause)
    expect(status.cause).not.toContain('canary')
  })

  it('lists many tools page by page, and names what it leaves out', async () => {
    const paths = Array.from(
      { length: 250 },
      (_, index) => `  /p${index}: { get: { operationId: op${index}, responses: { 200: { description: ok } } } }`,
    )
    const text = `openapi: 3.0.3\ninfo: { title: Many, version: "1" }\npaths:\n${paths.join('\n')}\n  /q?x: { get: { responses: { 200: { description: ok } } } }\n`
    const { api } = await setUpPets(echo, { document: { text }, auth: {} })
    const sizes: number[] = []
    let cursor: unknown
    do {
      const page: Record<string, unknown> = await api.ask('tools/list', cursor === undefined ? {} : { cursor })
      sizes.push((page['tools'] as unknown[]).length)
      cursor = page['nextCursor']
    } while (cursor !== undefined)
    expect(sizes).toEqual([100, 100, 50])
    expect(api.warnings).toEqual([
      {
        fields: {
          deployment: 'petstore',
          leftOut: [{ operation: 'GET /q?x', reason: 'its path holds a query, a fragment or a backslash' }],
        },
        text: '1 operations of the document are left out',
      },
    ])
  })

  it('ends its calls when it is taken away', async () => {
    const asked = Promise.withResolvers<void>()
    const { api } = await setUpPets(() => asked.resolve())
    const call = api.call('slow')
    await asked.promise
    api.runtime.reconcile([])
    expect((await problemOf(call)).message).toBe('petstore has been stopped.')
  })
})
