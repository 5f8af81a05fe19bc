import { describe, expect, it } from 'vitest'
import { openTestStores, problem } from '#store/testing.ts'
import { createProfileStore, type NameTaken, NO_TOOL_RULES } from './index.ts'

describe.each(openTestStores())('the profile store over $name', ({ open, reopen }) => {
  async function setUp(isTaken: NameTaken = () => false) {
    const store = await open()
    await store.db.insertInto('tenant').values({ id: 'acme', title: 'Acme', created_at_ms: 1 }).execute()
    const now = () => 1_000
    return { store, now, profiles: createProfileStore({ store, now, isTaken }) }
  }

  it('keeps what was created, with a name made of the title', async () => {
    const { profiles } = await setUp()
    const tools = { ...NO_TOOL_RULES, exclude: ['a__*'], rename: { a__b: 'c' }, fix: { a__b: { depth: 3, path: ['x'] } } }
    const created = await profiles.create('default', { name: 'My Tools', access: 'tenant', servers: ['a', 'b'], tools })
    expect(created).toEqual({
      id: expect.stringMatching(/^prf_/) as string,
      tenant: 'default',
      name: 'my-tools',
      title: 'My Tools',
      description: '',
      access: 'tenant',
      servers: ['a', 'b'],
      tools,
      origin: { kind: 'api' },
    })
    expect(await profiles.get('default', 'my-tools')).toEqual(created)
    expect(await profiles.get('acme', 'my-tools')).toBeNull()
  })

  it('lists one tenant or all, by name', async () => {
    const { profiles } = await setUp()
    for (const [tenant, name] of [
      ['default', 'b'],
      ['acme', 'b'],
      ['default', 'a'],
    ] as const)
      await profiles.create(tenant, { name })
    const names = async (tenant?: string) => (await profiles.list(tenant)).map((profile) => `${profile.tenant}/${profile.name}`)
    expect(await names('default')).toEqual(['default/a', 'default/b'])
    expect(await names()).toEqual(['acme/b', 'default/a', 'default/b'])
  })

  it('changes what is given and nothing else', async () => {
    const { profiles } = await setUp()
    const before = await profiles.create('default', { name: 'dev', title: 'Dev', servers: ['a'] })
    expect(await profiles.update('default', 'dev', { description: 'new', servers: ['b'] })).toEqual({
      ...before,
      description: 'new',
      servers: ['b'],
    })
    expect(await profiles.get('default', 'dev')).toEqual({ ...before, description: 'new', servers: ['b'] })
    await expect(profiles.update('acme', 'dev', { title: 'x' })).rejects.toEqual(problem('not-found', 'dev'))
  })

  it('gives a name free with its profile', async () => {
    const { profiles } = await setUp()
    await profiles.create('default', { name: 'dev' })
    await expect(profiles.remove('acme', 'dev')).rejects.toEqual(problem('not-found'))
    await expect(profiles.create('default', { name: 'DEV' })).rejects.toEqual(problem('conflict', 'dev'))
    await profiles.remove('default', 'dev')
    await expect(profiles.remove('default', 'dev')).rejects.toEqual(problem('not-found'))
    await expect(profiles.create('default', { name: 'dev' })).resolves.toMatchObject({ name: 'dev' })
  })

  it('refuses names that cannot be and names that something declared has, and leaves nothing behind', async () => {
    const { store, profiles } = await setUp((tenant, name) => tenant === 'default' && name === 'declared')
    await expect(profiles.create('default', { name: 'a__b' })).rejects.toEqual(problem('invalid-input', 'separates'))
    await expect(profiles.create('default', { name: 'declared' })).rejects.toEqual(problem('conflict', 'declared'))
    expect(await store.db.selectFrom('endpoint_name').selectAll().execute()).toEqual([])
    await expect(profiles.create('acme', { name: 'declared' })).resolves.toMatchObject({ tenant: 'acme' })
  })

  it('gives a name to exactly one of two nodes that take it together', async () => {
    const { store, now, profiles } = await setUp()
    const elsewhere = createProfileStore({ store: reopen === null ? store : await reopen(), now })
    const outcomes = await Promise.allSettled(
      [profiles, elsewhere, profiles, elsewhere].map((node) => node.create('default', { name: 'dev' })),
    )
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(refusals).toEqual(Array.from({ length: 3 }, () => problem('conflict')))
  })
})
