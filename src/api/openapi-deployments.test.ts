import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DEFAULT_TENANT } from '#identity/index.ts'
import { call, CANARY, openTestApi, refusal, type TestApi } from './testing.ts'

const DOCUMENT = `openapi: 3.0.3
info: { title: Pets, version: "1" }
servers: [{ url: https://api.example.com/v1 }]
paths:
  /pets:
    get: { operationId: listPets, responses: { 200: { description: ok } } }
components: { securitySchemes: { key: { type: apiKey, in: query, name: api_key } } }
`
const URL_OF_IT = 'https://docs.example.com/openapi.yaml?key=hidden'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const pets = (spec: object): object => ({ name: 'pets', spec: { kind: 'openapi', ...spec } })

/** The documents of the network, by URL; what is asked for is written down. */
function documents(api: TestApi, at: Map<string, string>): string[] {
  const asked: string[] = []
  Object.assign(api.deps, {
    fetchDocument: async (url: string) => {
      asked.push(url)
      return at.get(url)
    },
  })
  return asked
}

describe('an API by its document', () => {
  it('is made, approved and shown, and its credentials lie in the vault', async () => {
    const api = await openTestApi()
    const auth = { key: `${CANARY}-key` }
    const created = await call(
      api,
      'createDeployment',
      '/deployments',
      pets({ document: { text: DOCUMENT }, auth, headers: { 'X-Team': 'core' } }),
    )
    expect(created.isApproved).toBe(true)
    expect(created.spec).toEqual({
      kind: 'openapi',
      document: { url: null, sha256: sha256(DOCUMENT) },
      server: null,
      operations: { include: [], exclude: [] },
      headers: { 'X-Team': { secret: 'deployment/pets/header/x-team' } },
      auth: { key: { secret: 'deployment/pets/auth/key' } },
    })
    expect(await api.vault.get(DEFAULT_TENANT, 'deployment/pets/auth/key')).toBe(`${CANARY}-key`)
    expect(JSON.stringify(api.deps.snapshots.current())).not.toContain(CANARY)
    await call(api, 'updateDeployment', '/deployments/pets', { spec: { kind: 'openapi', document: { text: DOCUMENT } } })
    expect(await api.vault.list(DEFAULT_TENANT)).toEqual([])
  })

  it('at a URL is fetched once, and its digest is part of what was approved', async () => {
    const api = await openTestApi()
    const at = new Map([[URL_OF_IT, DOCUMENT]])
    const asked = documents(api, at)
    const created = await call(api, 'createDeployment', '/deployments', pets({ document: { url: URL_OF_IT } }))
    expect(created.spec).toMatchObject({ document: { url: 'https://docs.example.com/openapi.yaml?key=…', sha256: sha256(DOCUMENT) } })
    expect(asked).toEqual([URL_OF_IT])

    await call(api, 'restartDeployment', '/deployments/pets/restart')
    expect(api.runtime.restarted).toEqual(['pets'])

    const other = DOCUMENT.replace('listPets', 'listAllPets')
    at.set(URL_OF_IT, other)
    const changed = await call(api, 'restartDeployment', '/deployments/pets/restart')
    expect(changed).toMatchObject({ isApproved: false, spec: { document: { sha256: sha256(other) } } })
    expect(changed.digest).not.toBe(created.digest)
    expect(api.deps.snapshots.current().deployments[0]!.approvedDigest).toBe(created.digest)
    expect(await refusal(api, 'POST', '/deployments/pets/restart')).toMatchObject({ type: 'approval-needed' })
    expect((await call(api, 'approveDeployment', '/deployments/pets/approve', { digest: changed.digest })).isApproved).toBe(true)
  })

  it('is refused when it is not the one that was meant', async () => {
    const api = await openTestApi()
    documents(api, new Map([[URL_OF_IT, DOCUMENT]]))
    const problem = await refusal(api, 'POST', '/deployments', pets({ document: { url: URL_OF_IT, sha256: '0'.repeat(64) } }))
    expect(problem).toMatchObject({
      type: 'conflict',
      detail: `The OpenAPI document at docs.example.com is not the one that is meant: its SHA-256 is ${sha256(DOCUMENT)}.`,
    })
    expect(await call(api, 'listDeployments', '/deployments')).toMatchObject({ items: [] })
  })

  it.each([
    [
      { document: { text: DOCUMENT.replace('responses:', 'respones:') } },
      'invalid-input',
      'line 6, column 5 (paths./pets.get): "responses" is missing',
    ],
    [{ document: { text: DOCUMENT }, operations: { include: ['listPet'] } }, 'invalid-input', 'Did you mean "listPets"?'],
    [{ document: { text: DOCUMENT }, auth: { nobody: 'x' } }, 'invalid-input', 'no security scheme "nobody"; it has "key"'],
    [{ document: { text: DOCUMENT }, headers: { Host: 'x' } }, 'invalid-input', 'the header Host is set by Sallyport itself'],
    [{ document: { text: DOCUMENT }, auth: { key: 'env:KEY' } }, 'invalid-input', 'refers to the environment'],
    [{ document: { text: DOCUMENT }, auth: { key: 'vault:deployment/other/auth/key' } }, 'invalid-input', 'a secret of another deployment'],
    [{ document: { text: DOCUMENT.replace('https://api.example.com', 'http://internal.internal') } }, 'egress-denied', 'internal.internal'],
    [{ document: { text: DOCUMENT }, server: 'http://10.0.0.1:8080' }, 'egress-denied', '10.0.0.1'],
    [{ document: { url: 'http://10.0.0.1/openapi.json' } }, 'egress-denied', '10.0.0.1'],
    [{ document: { text: DOCUMENT, url: URL_OF_IT } }, 'invalid-input', ''],
  ])('that does not fit is refused: %#', async (spec, type, detail) => {
    const api = await openTestApi()
    const problem = await refusal(api, 'POST', '/deployments', pets(spec))
    expect(problem.type).toBe(type)
    expect(problem.detail.toLowerCase()).toContain(detail.toLowerCase())
    expect(await call(api, 'listDeployments', '/deployments')).toMatchObject({ items: [] })
  })

  it('that has changed at its address is something to look at', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', pets({ document: { text: DOCUMENT } }))
    const status = {
      name: 'pets',
      state: 'waiting-approval',
      era: null,
      isolation: 'remote',
      pid: null,
      restarts: 0,
      sinceMs: 0,
      toolCount: null,
    } as const
    api.runtime.states.set('pets', { ...status, cause: 'It has changed.', remedy: 'sallyport deployment restart pets', denied: [] })
    expect((await call(api, 'listAttention', '/attention')).items).toMatchObject([
      { id: 'approval:pets', kind: 'approval', detail: 'It has changed.', remedy: 'sallyport deployment restart pets' },
    ])
  })
})
