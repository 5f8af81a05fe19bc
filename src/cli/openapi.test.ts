import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deployment, ok, run, startServer, temporaryFolder, type Handlers } from './testing.ts'

const ready = { ...deployment().status!, state: 'ready', toolCount: 8, era: 'modern', isolation: 'remote' } as const
const made = deployment({
  name: 'pets',
  spec: {
    kind: 'openapi',
    document: { url: null, sha256: null },
    server: null,
    operations: { include: [], exclude: [] },
    headers: {},
    auth: {},
  },
  status: ready,
})
const handlers: Handlers = { createDeployment: () => ({ status: 201, body: made }), getDeployment: () => ok(made) }

describe('deployment add --openapi', () => {
  it('asks first and sends the address of the document, or the text of the file', async () => {
    await using server = await startServer(handlers)
    const url = [
      'deployment',
      'add',
      'pets',
      '--openapi',
      'https://docs.example.com/openapi.json',
      '--operation',
      'GET *',
      '--exclude',
      'GET /admin*',
    ]
    const { exit, stderr } = await run([...url, '--server', 'https://api.example.com', '--auth', 'key=env:KEY', '--yes'], {
      server,
      env: { KEY: 'canary' },
    })
    expect(exit).toBe(0)
    expect(stderr).toMatchInlineSnapshot(`
      "pets
        calls        https://api.example.com
        document     https://docs.example.com/openapi.json
        operations   GET *
        without      GET /admin*
        credentials  key
      ✔ pets is ready: 8 tools, modern era, remote
      → sallyport tool list --deployment pets
      "
    `)
    expect(stderr).not.toContain('canary')
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'pets.yaml'), 'openapi: 3.1.0')
    await run(['deployment', 'add', 'pets', '--openapi', 'pets.yaml', '--yes'], { server, cwd: folder })
    expect(server.calls.filter(({ route }) => route === 'createDeployment').map(({ body }) => body)).toEqual([
      {
        name: 'pets',
        spec: {
          kind: 'openapi',
          document: { url: 'https://docs.example.com/openapi.json' },
          server: 'https://api.example.com',
          operations: { include: ['GET *'], exclude: ['GET /admin*'] },
          headers: {},
          auth: { key: 'canary' },
        },
      },
      expect.objectContaining({ spec: expect.objectContaining({ document: { text: 'openapi: 3.1.0' }, server: null }) as unknown }),
    ])
  })

  it.each([
    [['--openapi', 'x.yaml'], 'The name of the deployment is missing'],
    [['pets', 'https://x.example', '--openapi', 'x.yaml'], 'More than one source is given'],
    [['pets', '--openapi', 'x.yaml', '--egress', 'a:1'], 'An API is called and not run'],
    [['pets', 'https://x.example', '--operation', 'GET *'], 'belong to --openapi'],
  ])('with %j says what does not go together', async (args, text) => {
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(['deployment', 'add', ...args, '--yes'], { server })
    expect([exit, stderr]).toEqual([2, expect.stringContaining(text)])
    expect(server.calls).toEqual([])
  })
})
