// Profiles: what is switched on or off here is what clients see there.
import { describe, expect, it, vi } from 'vitest'
import { useConsole } from './browser.ts'
import { addServer, toolsAt } from './servers.ts'

describe('profiles', () => {
  let key = ''
  const suite = useConsole({
    prepare: async (product) => {
      key = (await product.createKey('client', { scopes: ['mcp:list', 'mcp:call'] })).key
      await addServer(product, 'bench', 'workbench-server.mjs')
    },
  })
  const shows = (name: string, names: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect((await toolsAt(suite.product, name, key)).toSorted()).toEqual(names.toSorted()), { timeout: 10_000 })

  it('are created with servers, and their address works at once', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/profiles')
    await page.getByRole('button', { name: 'Create profile' }).first().click()
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Team One')
    await dialog.getByText('The address will be /mcp/team-one').waitFor()
    await dialog.getByRole('checkbox', { name: /bench/ }).click()
    await dialog.getByRole('button', { name: 'Create profile' }).click()
    await page.waitForURL('**/app/profiles/team-one')
    await shows('team-one', ['bench__add', 'bench__slow', 'bench__wipe', 'bench__fail'])
  })

  it('leave out a tool that is switched off, and take it in again', async () => {
    await suite.product.api('POST', '/profiles', { name: 'switched', title: 'Switched', access: 'tenant', servers: ['bench'] })
    const { page } = await suite.owner()
    await page.goto('/app/profiles/switched')
    const wipe = page.getByRole('switch', { name: /^Offer .*wipe$/ })
    await wipe.click()
    await shows('switched', ['bench__add', 'bench__slow', 'bench__fail'])
    await page.reload()
    await wipe.waitFor()
    expect(await wipe.getAttribute('aria-checked')).toBe('false')
    await wipe.click()
    await shows('switched', ['bench__add', 'bench__slow', 'bench__wipe', 'bench__fail'])
  })

  it('refuse a name that is taken, and keep what was typed', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/profiles?create=1')
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('bench')
    await dialog.getByRole('button', { name: 'Create profile' }).click()
    await dialog
      .getByText(/bench.*(taken|exists|used|name)|already/i)
      .first()
      .waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('bench')
  })

  it('lose and gain servers', async () => {
    await suite.product.api('POST', '/profiles', { name: 'servers', title: 'Servers', access: 'tenant', servers: ['bench'] })
    const { page } = await suite.owner()
    await page.goto('/app/profiles/servers?tab=servers')
    await page.getByRole('combobox', { name: 'Server to add' }).click()
    await page
      .getByRole('option', { name: /clock|time|units/i })
      .first()
      .click()
    await page.getByRole('button', { name: 'Add to profile' }).click()
    await vi.waitFor(async () => expect((await toolsAt(suite.product, 'servers', key)).length).toBeGreaterThan(4), { timeout: 10_000 })
  })

  it('are deleted after their name was typed, and their address is gone', async () => {
    await suite.product.api('POST', '/profiles', { name: 'doomed', title: 'Doomed', access: 'tenant', servers: ['bench'] })
    await shows('doomed', ['bench__add', 'bench__slow', 'bench__wipe', 'bench__fail'])
    const { page } = await suite.owner()
    await page.goto('/app/profiles/doomed?tab=settings')
    await page.getByRole('button', { name: 'Delete profile' }).click()
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('textbox').fill('doomed')
    await dialog.getByRole('button', { name: 'Delete profile' }).click()
    await page.waitForURL('**/app/profiles')
    await shows('doomed', [])
  })
})
