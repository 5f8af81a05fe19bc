import { describe, expect, it } from 'vitest'
import { createProfileStore } from '#profile/index.ts'
import { openTestStores, problem } from '#store/testing.ts'
import { createDeploymentStore, specDigest } from './deployment-store.ts'
import type { LaunchSpec } from './model.ts'

const remote: LaunchSpec = {
  kind: 'remote',
  url: 'https://mcp.example.com/mcp',
  headers: { Authorization: { secret: 'deployment/docs/header/Authorization' } },
}
const launched: LaunchSpec = {
  kind: 'process',
  command: 'npx',
  args: ['-y', 'server'],
  env: { TOKEN: { secret: 'deployment/x/env/TOKEN' }, MODE: { text: 'fast' } },
  cwd: null,
  files: [{ path: '/notes', mode: 'ro' }],
  egress: ['api.github.com:443'],
  isolation: 'strong',
}

describe.each(openTestStores())('the deployment store over $name', ({ open }) => {
  async function setUp() {
    const store = await open()
    const now = () => 1_000
    return { store, now, deployments: createDeploymentStore({ store, now, isTaken: (_tenant, name) => name === 'declared' }) }
  }

  it('keeps what was created, not approved', async () => {
    const { deployments } = await setUp()
    const created = await deployments.create('default', { name: 'Docs', spec: remote, access: 'public', deadlineMs: 5_000 })
    expect(created).toEqual({
      id: expect.stringMatching(/^dep_/) as string,
      tenant: 'default',
      name: 'docs',
      title: 'Docs',
      description: '',
      access: 'public',
      deadlineMs: 5_000,
      startDeadlineMs: 60_000,
      headersMode: 'strict',
      spec: remote,
      origin: { kind: 'api' },
      digest: specDigest(remote),
      approvedDigest: null,
    })
    expect(await deployments.get('default', 'docs')).toEqual(created)
    expect(await deployments.list()).toEqual([created])
    expect(await deployments.list('acme')).toEqual([])
  })

  it('approves exactly what was looked at', async () => {
    const { deployments } = await setUp()
    const { digest } = await deployments.create('default', { name: 'docs', spec: remote })
    await expect(deployments.approve('default', 'other', digest)).rejects.toEqual(problem('not-found'))
    await expect(deployments.approve('default', 'docs', specDigest(launched))).rejects.toEqual(problem('conflict'))
    expect((await deployments.get('default', 'docs'))?.approvedDigest).toBeNull()
    expect((await deployments.approve('default', 'docs', digest)).approvedDigest).toBe(digest)
  })

  it('needs a new approval for a new specification, and none for a new title', async () => {
    const { deployments } = await setUp()
    const { digest } = await deployments.create('default', { name: 'docs', spec: remote })
    await deployments.approve('default', 'docs', digest)
    expect(await deployments.update('default', 'docs', { title: 'Manual' })).toMatchObject({
      title: 'Manual',
      digest,
      approvedDigest: digest,
    })
    expect(await deployments.update('default', 'docs', { spec: launched })).toMatchObject({
      title: 'Manual',
      spec: launched,
      digest: specDigest(launched),
      approvedDigest: digest,
    })
    await expect(deployments.update('default', 'none', {})).rejects.toEqual(problem('not-found'))
  })

  it('shares its names with profiles and with what is declared', async () => {
    const { store, now, deployments } = await setUp()
    const profiles = createProfileStore({ store, now })
    await profiles.create('default', { name: 'dev' })
    await expect(deployments.create('default', { name: 'dev', spec: remote })).rejects.toEqual(problem('conflict'))
    await expect(deployments.create('default', { name: 'declared', spec: remote })).rejects.toEqual(problem('conflict'))
    await deployments.create('default', { name: 'docs', spec: remote })
    await expect(profiles.create('default', { name: 'docs' })).rejects.toEqual(problem('conflict'))
    await deployments.remove('default', 'docs')
    await expect(deployments.remove('default', 'docs')).rejects.toEqual(problem('not-found'))
    await expect(profiles.create('default', { name: 'docs' })).resolves.toMatchObject({ name: 'docs' })
  })

  it('refuses names that cannot be', async () => {
    const { deployments } = await setUp()
    await expect(deployments.create('default', { name: 'ws', spec: remote })).rejects.toEqual(problem('invalid-input', 'reserved'))
  })
})

describe('the digest of a launch specification', () => {
  it('does not depend on the order of keys', () => {
    const reversed = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value
    expect(specDigest(reversed(launched) as LaunchSpec)).toBe(specDigest(launched))
    expect(specDigest(launched)).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    { what: 'command', change: { command: 'node' } },
    { what: 'arguments', change: { args: ['server', '-y'] } },
    { what: 'plain value', change: { env: { ...launched.env, MODE: { text: 'slow' } } } },
    { what: 'secret reference', change: { env: { ...launched.env, TOKEN: { secret: 'other' } } } },
    { what: 'secret made plain', change: { env: { ...launched.env, TOKEN: { text: 'deployment/x/env/TOKEN' } } } },
    { what: 'variable name', change: { env: { TOKEN2: { secret: 'deployment/x/env/TOKEN' }, MODE: { text: 'fast' } } } },
    { what: 'folder', change: { cwd: '/' } },
    { what: 'file grant', change: { files: [{ path: '/notes', mode: 'rw' as const }] } },
    { what: 'egress grant', change: { egress: [] } },
    { what: 'isolation', change: { isolation: 'none' as const } },
  ])('changes with the $what', ({ change }) => {
    expect(specDigest({ ...launched, ...change })).not.toBe(specDigest(launched))
  })
})
