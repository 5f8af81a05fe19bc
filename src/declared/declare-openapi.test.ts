import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadDeclared } from './load-declared.ts'
import type { DeclaredSet } from './model.ts'

const CANARY = 'canary-4e12'
const DOCUMENT = `openapi: 3.0.3
info: { title: Pets, version: "1" }
servers: [{ url: https://api.example.com/v1 }]
paths:
  /pets:
    get: { operationId: listPets, responses: { 200: { description: ok } } }
components: { securitySchemes: { key: { type: apiKey, in: query, name: api_key }, "a b": { type: http, scheme: bearer } } }
`

/** Loads a file with one server, `petstore`, beside `petstore.yaml`. */
function load(server: object, document = DOCUMENT): Promise<DeclaredSet> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-declared-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'petstore.yaml'), document)
  const path = join(folder, 'sallyport.json')
  writeFileSync(path, `{ "mcpServers": {\n  "petstore": ${JSON.stringify(server)}\n} }`)
  return loadDeclared({
    path,
    tenant: 'default',
    env: { PETS_KEY: CANARY },
    openSecret: async () => undefined,
    seal: (name) => name,
    liveNames: new Set(),
    settingNames: [],
  })
}
const faultsOf = (server: object, document?: string): Promise<string[]> =>
  load(server, document).then(
    () => [],
    (error: unknown) => (error as Error).message.split('\n'),
  )

describe('an API in the declared file', () => {
  it('takes a file, its operations and its credentials, and is approved by declaration', async () => {
    const sallyport = {
      server: 'http://localhost:8080',
      operations: { include: ['GET *'] },
      auth: { key: 'env:PETS_KEY', 'a b': 'vault:pets' },
      title: 'Pets',
    }
    const set = await load({ openapi: './petstore.yaml', headers: { 'X-Team': 'core' }, sallyport })
    const [record] = set.deployments
    expect(record).toMatchObject({
      name: 'petstore',
      title: 'Pets',
      spec: {
        kind: 'openapi',
        document: { text: DOCUMENT },
        server: 'http://localhost:8080',
        operations: { include: ['GET *'], exclude: [] },
        headers: { 'X-Team': { text: 'core' } },
        auth: { key: { secret: `declared/petstore/auth/${Buffer.from('key').toString('hex')}` }, 'a b': { secret: 'pets' } },
      },
    })
    expect(record!.approvedDigest).toBe(record!.digest)
    expect(set.warnings).toEqual([])
    expect(JSON.stringify([...set.secrets, set.deployments])).not.toContain(CANARY)
    const other = await load({ openapi: './petstore.yaml', headers: { 'X-Team': 'core' }, sallyport }, DOCUMENT.replace('Pets', 'Cats'))
    expect(other.deployments[0]!.digest).not.toBe(record!.digest)
  })

  it('takes a URL with the digest of the one document that is meant, and warns without it', async () => {
    const documentSha256 = createHash('sha256').update(DOCUMENT).digest('hex')
    const pinned = await load({ openapi: 'https://docs.example.com/openapi.json', sallyport: { documentSha256 } })
    expect(pinned.deployments[0]!.spec).toMatchObject({
      document: { url: 'https://docs.example.com/openapi.json', sha256: documentSha256 },
    })
    expect(pinned.warnings).toEqual([])
    const open = await load({ openapi: 'https://docs.example.com/openapi.json' })
    expect(open.deployments[0]!.spec).toMatchObject({ document: { sha256: null } })
    expect(open.warnings).toMatchObject([
      { place: 'sallyport.json:2:26', message: expect.stringContaining('nothing is called before "documentSha256"') as string },
    ])
  })

  it('warns of a credential that stands there in plain text, and seals it', async () => {
    const set = await load({ openapi: './petstore.yaml', sallyport: { auth: { key: CANARY } } })
    expect(set.warnings).toMatchObject([{ message: expect.stringContaining('this is a secret in plain text') as string }])
    expect(JSON.stringify(set.deployments)).not.toContain(CANARY)
  })

  it.each([
    [{ openapi: './petstore.yaml', url: 'https://x.example' }, 'sallyport.json:2:44: an entry has either "openapi" or "url", not both'],
    [{ openapi: './petstore.yaml', command: 'x' }, 'sallyport.json:2:44: an entry has either "openapi" or "command", not both'],
    [
      { openapi: './petstore.yaml', env: { A: '1' } },
      'sallyport.json:2:44: "env" belongs to a server with "command"; an API takes "headers" and "auth"',
    ],
    [
      { openapi: './petstore.yaml', sallyport: { egress: ['a:1'] } },
      'sallyport.json:2:57: "egress" is granted to a process; an API runs elsewhere',
    ],
    [
      { openapi: './petstore.yaml', sallyport: { server: 'ftp://x' } },
      'sallyport.json:2:66: expected an http or https address, found ftp:',
    ],
    [
      { openapi: './petstore.yaml', sallyport: { documentSha256: 'f'.repeat(64) } },
      'sallyport.json:2:57: "documentSha256" belongs to a document at a URL; a file is declared as it is',
    ],
    [{ openapi: './nobody.yaml' }, 'sallyport.json:2:26: the file ./nobody.yaml does not exist'],
    [
      { openapi: './petstore.yaml', sallyport: { operations: { include: ['listPet'] } } },
      'sallyport.json:2:26: ./petstore.yaml: no operation fits "listPet". Did you mean "listPets"?',
    ],
    [
      { openapi: './petstore.yaml', sallyport: { auth: { token: 'vault:x' } } },
      'sallyport.json:2:26: ./petstore.yaml: the document has no security scheme "token"; it has "key", "a b"',
    ],
    [{ command: 'x', sallyport: { server: 'http://x' } }, 'sallyport.json:2:43: "server" belongs to a server with "openapi"'],
    [
      { url: 'https://x.example', sallyport: { operations: { exclude: ['a'] } } },
      'sallyport.json:2:55: "operations" belongs to a server with "openapi"',
    ],
  ])('is refused where it is wrong: %j', async (server, fault) => {
    expect(await faultsOf(server)).toEqual([fault])
  })

  it('names the line and column of the document', async () => {
    const broken = DOCUMENT.replace('description: ok', 'descriptio: ok')
    expect(await faultsOf({ openapi: './petstore.yaml' }, broken)).toEqual([
      'sallyport.json:2:26: ./petstore.yaml:6:48: paths./pets.get.responses.200: "description" is missing',
    ])
    expect(await faultsOf({ openapi: './petstore.yaml' }, `${DOCUMENT}paths: {}\n`)).toEqual([
      'sallyport.json:2:26: ./petstore.yaml:8:1: map keys must be unique',
    ])
  })
})
