import { beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { echo, KEY, keptServer, loadReaders, problemOf, sendJson, setUpPets, textOf } from './testing.ts'

// A document of twelve operations with every place and style of a parameter, behind the runtime as the gateway has it, and a
// real HTTP server that writes down what arrives.
beforeAll(loadReaders, 120_000)

describe('an API', () => {
  it('is ready once its document was read, and says what it is', async () => {
    const { api, server } = await setUpPets()
    expect(await api.until(({ state }) => state === 'ready')).toMatchObject({
      toolCount: 12,
      era: 'modern',
      isolation: 'remote',
      cause: null,
    })
    const upstream = api.runtime.upstream('default', 'petstore')!
    expect(await upstream.describe(Date.now() + 1_000)).toEqual({
      era: 'modern',
      protocolVersion: '2026-07-28',
      capabilities: { tools: {} },
      serverInfo: { name: 'petstore', title: 'Pet store', version: '7' },
      instructions: null,
    })
    expect(upstream.http).toBeNull()
    expect(server.seen).toEqual([])
  })

  it('lists its operations as tools', async () => {
    const { api } = await setUpPets()
    const { tools, nextCursor } = await api.ask('tools/list')
    const list = tools as { name: string; inputSchema: object; outputSchema?: object; annotations: object }[]
    expect(nextCursor).toBeUndefined()
    expect(list.map(({ name }) => name)).toEqual(
      'listPets createPet getPet peekPet replacePet renamePet deletePet getPhoto addPhoto getTree slow moved'.split(' '),
    )
    const get = list.find(({ name }) => name === 'getPet')!
    expect(get).toEqual({
      name: 'getPet',
      description: 'GET /pets/{id}',
      inputSchema: {
        type: 'object',
        properties: { id: { type: 'string' }, 'X-Trace': { type: 'array', items: { type: 'string' } }, theme: { type: 'string' } },
        required: ['id'],
        additionalProperties: false,
      },
      outputSchema: { type: 'object', properties: { id: { type: ['integer', 'null'] }, name: { type: ['string', 'null'] } } },
      annotations: { readOnlyHint: true },
    })
    expect(list.find(({ name }) => name === 'createPet')!.inputSchema).toMatchObject({
      properties: { body: { properties: { name: { type: ['string', 'null'] } } } },
    })
    expect(list.find(({ name }) => name === 'getTree')!.outputSchema).toMatchObject({ $defs: { Node: {} }, $ref: '#/$defs/Node' })
  })

  it('answers nothing but tools', async () => {
    const { api } = await setUpPets()
    await expect(api.ask('resources/list')).rejects.toMatchObject({ error: { code: -32601 } })
    await expect(api.call('noPet')).rejects.toMatchObject({ error: { code: -32602, message: 'Unknown tool: noPet' } })
    await expect(api.call('constructor')).rejects.toMatchObject({ error: { code: -32602 } })
    await expect(api.ask('tools/list', { cursor: '7' })).rejects.toMatchObject({ error: { code: -32602 } })
  })
})

it('each operation becomes the request that its document describes', async () => {
  const { api, server } = await setUpPets()
  const query = { tags: ['a', 'b&c'], ids: [1, 2], words: ['x', 'y'], kinds: ['k', 'l'], filter: { age: { gt: 2 } }, raw: { a: 1 } }
  await api.call('listPets', query)
  await api.call('createPet', { body: { name: 'Ada' } })
  await api.call('getPet', { id: 'a/b', 'X-Trace': ['1', '2'], theme: 'dark;x' })
  await api.call('peekPet', { id: '1' })
  await api.call('replacePet', { id: '1', body: { name: 'B & C' } })
  await api.call('renamePet', { id: '1', body: 'Cy' })
  await api.call('deletePet', { id: '1' })
  await api.call('getPhoto', { id: '1', format: 'png' })
  await api.call('addPhoto', { id: '1', format: 'png', body: { file: btoa('bytes'), note: 'n' } })
  await api.call('getTree', { area: { x: 1, y: 2 } })
  const key = `api_key=${encodeURIComponent(KEY)}`
  expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET /v1/pets?tags=a&tags=b%26c&ids=1,2&words=x%20y&kinds=k%7Cl&filter%5Bage%5D%5Bgt%5D=2&raw=%7B%22a%22%3A1%7D&${key}`,
    `POST /v1/pets?${key}`,
    `GET /v1/pets/a%2Fb?${key}`,
    `HEAD /v1/pets/1?${key}`,
    `PUT /v1/pets/1?${key}`,
    `PATCH /v1/pets/1?${key}`,
    // This one says that it needs no credential, so it gets none.
    'DELETE /v1/pets/1',
    `GET /v1/pets/1/photo.png?${key}`,
    `POST /v1/pets/1/photo.png?${key}`,
    `GET /v1/matrix;x=1;y=2/tree?${key}`,
  ])
  const [, create, get, , replace, rename, , , photo] = server.seen
  expect([create!.headers['content-type'], create!.body.toString()]).toEqual(['application/json', '{"name":"Ada"}'])
  expect([get!.headers['x-trace'], get!.headers['cookie'], get!.headers['authorization']]).toEqual(['1,2', 'theme=dark%3Bx', undefined])
  expect([replace!.headers['content-type'], replace!.body.toString()]).toEqual(['application/x-www-form-urlencoded', 'name=B%20%26%20C'])
  expect([rename!.headers['content-type'], rename!.body.toString()]).toEqual(['text/plain; charset=utf-8', 'Cy'])
  expect(photo!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(photo!.body.toString()).toContain('\r\n\r\nbytes\r\n')
})

describe('arguments that cannot be sent', () => {
  it.each([
    [{ id: '../../admin' }, '"id" holds a step to another path (. or ..).'],
    [{ id: '' }, '"id" is empty, and a part of the path cannot be.'],
    [{}, 'getPet needs "id".'],
    [{ id: '1', Authorization: 'Bearer mine' }, 'getPet has no argument "Authorization"; it takes id, X-Trace, theme.'],
    [{ id: '1', 'X-Trace': ['a\r\nHost: evil'] }, '"X-Trace" holds a line break or another character that no header may hold.'],
  ])('%j reach nobody, and the model is told why', async (args, text) => {
    const { api, server } = await setUpPets()
    expect(await api.call('getPet', args)).toEqual({ isError: true, content: [{ type: 'text', text }] })
    expect(server.seen).toEqual([])
  })
})

describe('an answer', () => {
  it('that repeats the credential does not give it away', async () => {
    const { api } = await setUpPets((seen, response) =>
      sendJson(response, seen.url.includes('/1') ? 403 : 200, { name: seen.url, key: KEY }),
    )
    const result = await api.call('getPet', { id: '2' })
    expect(result['structuredContent']).toEqual({ name: '/v1/pets/2?api_key=…', key: '…' })
    expect(textOf(await api.call('getPet', { id: '1' }))).toBe(
      'petstore answered 403 Forbidden.\n\n{"name":"/v1/pets/1?api_key=…","key":"…"}',
    )
  })

  it('that is larger than accepted ends the call', async () => {
    const { api } = await setUpPets((_seen, response) => void response.writeHead(200).end(Buffer.alloc(LIMITS.resultBytesMax + 1)))
    const problem = await problemOf(api.call('slow', {}, 15_000))
    expect([problem.type, problem.message]).toEqual([
      'upstream-failed',
      expect.stringContaining(`more than ${LIMITS.resultBytesMax} bytes`),
    ])
  })

  it('that does not come ends the call at its deadline', async () => {
    const asked = Promise.withResolvers<void>()
    const { api } = await setUpPets(() => asked.resolve())
    await api.until(({ state }) => state === 'ready')
    const problem = await problemOf(api.call('slow', {}, 1_000))
    expect([problem.type, problem.message]).toEqual([
      'upstream-timeout',
      expect.stringMatching(/^petstore did not finish its answer within \d+ ms\.$/),
    ])
    await asked.promise
  })

  it('is no longer waited for once the call is cancelled', async () => {
    const asked = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    const { api } = await setUpPets((_seen, response) => {
      response.on('close', () => gone.resolve())
      asked.resolve()
    })
    await api.until(({ state }) => state === 'ready')
    const pending = api.runtime
      .upstream('default', 'petstore')!
      .request({ method: 'tools/call', params: { name: 'slow' }, deadlineAtMs: Date.now() + 30_000 })
    await asked.promise
    pending.cancel('nobody waits')
    expect((await problemOf(pending.answer)).message).toBe('The call to petstore was cancelled.')
    await gone.promise
  })
})

describe('a redirect', () => {
  it('of a GET within the origin is followed', async () => {
    const { api, server } = await setUpPets((seen, response) => {
      if (seen.url.startsWith('/v1/moved')) response.writeHead(302, { location: '/elsewhere' }).end()
      else echo(seen, response)
    })
    expect(textOf(await api.call('moved'))).toBe('{"method":"GET","url":"/elsewhere"}')
    expect(server.seen).toHaveLength(2)
  })

  it('to another origin, or of another method, is not', async () => {
    const other = await keptServer(echo)
    const { api } = await setUpPets((_seen, response) => void response.writeHead(307, { location: `${other.url}/steal?x=1` }).end())
    for (const call of [api.call('moved'), api.call('createPet', { body: {} })]) {
      const result = await call
      expect(result['isError']).toBe(true)
      expect(textOf(result)).toBe(
        `petstore answered 307 Temporary Redirect. It points to ${other.url}/steal, and that redirect is not followed.`,
      )
    }
    expect(other.seen).toEqual([])
  })

  it('that never ends is given up', async () => {
    const { api } = await setUpPets((_seen, response) => void response.writeHead(302, { location: '/v1/moved' }).end())
    expect((await problemOf(api.call('moved'))).message).toContain('redirected too often')
  })
})

describe('a server that cannot be reached', () => {
  it('is said to be so, and is ready again by itself when it is back', async () => {
    const { api, server } = await setUpPets()
    await api.until(({ state }) => state === 'ready')
    await server.close()
    const problem = await problemOf(api.call('slow'))
    expect(problem.type).toBe('upstream-failed')
    expect(problem.message).toMatch(/^petstore: 127\.0\.0\.1:\d+ refused the connection\.$/)
    expect(api.status()).toMatchObject({ state: 'backoff', cause: problem.message })
    const again = await keptServer(echo, server.port)
    api.statuses.length = 0
    expect(await api.until(({ state }) => state === 'ready')).toMatchObject({ toolCount: 12, cause: null })
    // It is knocked at without any credential.
    expect(again.seen).toMatchObject([{ method: 'HEAD', url: '/v1/' }])
  })

  it('is not dialled when the operator did not name it: a document may say anything', async () => {
    const { api, server } = await setUpPets(echo, { server: null })
    await api.until(({ state }) => state === 'ready')
    const problem = await problemOf(api.call('slow'))
    expect(problem.message).toContain('may not be reached')
    expect(api.status()).toMatchObject({ state: 'failed', denied: [`127.0.0.1:${server.port}`] })
    expect(server.seen).toEqual([])
  })
})
