// Keys and settings: made, shown once, revoked at once; secrets that nobody is shown again.
import { describe, expect, it } from 'vitest'
import { callModern } from '../e2e/wire.ts'
import { useConsole } from './browser.ts'

describe('keys', () => {
  const suite = useConsole()
  const statusOf = async (key: string): Promise<number> => (await callModern(`${suite.product.url}/mcp`, 'tools/list', {}, { key })).status

  it('are made with a name, shown once, and work', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/keys')
    await page.getByRole('button', { name: 'Create key' }).first().click()
    const sheet = page.getByRole('dialog').last()
    await sheet.getByRole('textbox', { name: 'Name' }).fill('ada laptop')
    await sheet.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('heading', { name: 'Copy the key now' }).waitFor()
    const key = /sp_[\w-]{20,}/.exec(await sheet.innerText())?.[0] ?? ''
    expect(await statusOf(key)).toBe(200)
    await page.goto('/app/keys')
    await page.getByRole('row').filter({ hasText: 'ada laptop' }).first().waitFor()
    expect(await page.locator('body').innerText()).not.toContain(key)
    expect(page.url()).not.toContain(key)
  })

  it('stop working when they are revoked', async () => {
    const { key, id } = await suite.product.createKey('doomed', { scopes: ['mcp:list', 'mcp:call'] })
    expect(await statusOf(key)).toBe(200)
    const { page } = await suite.owner()
    await page.goto(`/app/keys?key=${id}&revoke=1`)
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('button', { name: 'Revoke key' }).waitFor()
    const name = dialog.getByRole('textbox')
    if ((await name.count()) > 0) await name.fill('doomed')
    await dialog.getByRole('button', { name: 'Revoke key' }).click()
    await expect.poll(() => statusOf(key), { timeout: 5_000 }).toBe(401)
  })
})

describe('settings', () => {
  const suite = useConsole()

  it('say what is set and where it came from, and can be searched', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/settings')
    const row = page.getByText('SALLYPORT_DATA_DIR').filter({ visible: true })
    await row.first().waitFor()
    await page.getByRole('searchbox', { name: 'Search settings' }).fill('workers')
    await expect.poll(() => row.count()).toBe(0)
    expect(new URL(page.url()).searchParams.get('q')).toBe('workers')
  })

  it('keep secrets that nobody is shown again', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/settings?tab=secrets')
    await page.getByRole('button', { name: 'Add secret' }).first().click()
    const dialog = page.getByRole('dialog').last()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('tokens/calendar')
    await dialog.getByLabel('Value', { exact: true }).fill('nobody-may-read-this')
    await dialog
      .getByRole('button', { name: /secret/ })
      .last()
      .click()
    await page.getByRole('row').filter({ hasText: 'tokens/calendar' }).waitFor()
    await page.reload()
    await page.getByRole('row').filter({ hasText: 'tokens/calendar' }).waitFor()
    expect(await page.locator('body').innerText()).not.toContain('nobody-may-read-this')
  })

  it('check the chain of the audit trail', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/settings?tab=health')
    await page
      .getByRole('button', { name: /(Check|Verify)/ })
      .first()
      .click()
    await page
      .getByText(/(whole|unbroken|intact|no .*changed|events? .*(checked|verified)|complete)/i)
      .first()
      .waitFor()
  })
})
