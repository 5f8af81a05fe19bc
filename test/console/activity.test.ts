// The audit trail as a person reads it: filters in the address, events as they happen, one event whole.
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'
import { addServer, callTool } from './servers.ts'

describe('activity', () => {
  let key = ''
  const suite = useConsole({
    prepare: async (product) => {
      key = (await product.createKey('laptop', { scopes: ['mcp:list', 'mcp:call'] })).key
      await addServer(product, 'bench', 'workbench-server.mjs')
      await callTool(product, 'bench', key, 'add', { a: 1, b: 2 })
      await callTool(product, 'bench', key, 'fail')
    },
  })

  it('shows what happens while it happens', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/activity?kind=call')
    await page.getByRole('button', { name: /^Live/ }).waitFor()
    const rows = page.getByRole('row').filter({ hasText: 'wipe' })
    expect(await rows.count()).toBe(0)
    await callTool(suite.product, 'bench', key, 'wipe')
    await rows.first().waitFor()
  })

  it('stands still while it is paused, and catches up', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/activity?kind=call&target=slow')
    await page.getByRole('button', { name: /^Live/ }).click()
    await callTool(suite.product, 'bench', key, 'slow')
    const rows = page.getByRole('row').filter({ hasText: 'slow' })
    expect(await rows.count()).toBe(0)
    await page.getByRole('button', { name: /^Paused/ }).click()
    await rows.first().waitFor()
  })

  it('keeps its filters in the address, and the back button undoes them', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/activity?kind=call')
    await calls(page, 'fail').first().waitFor()
    await page.getByRole('combobox', { name: 'Tool name' }).fill('add')
    await page.getByRole('combobox', { name: 'Tool name' }).press('Enter')
    await page.getByRole('list', { name: 'Filters in force' }).getByText('add').waitFor()
    expect(new URL(page.url()).searchParams.get('target')).toBe('add')
    await calls(page, 'fail').first().waitFor({ state: 'detached' })
    await page.goBack()
    await calls(page, 'fail').first().waitFor()
    expect(new URL(page.url()).searchParams.get('target')).toBe(null)
    await page.goto('/app/activity?kind=call&outcome=tool-error')
    await calls(page, 'fail').first().waitFor()
    expect(await calls(page, 'add').count()).toBe(0)
  })

  it('opens an event as a place of its own: flight, facts, and a way back', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/activity?kind=call')
    await page.getByRole('row').filter({ hasText: 'add' }).first().getByText(/ms|µs/).first().click()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Flight record').waitFor()
    for (const step of ['identify', 'authorize', 'forward']) await sheet.getByText(step, { exact: false }).first().waitFor()
    const { href } = new URL(page.url())
    expect(href).toMatch(/id=evt/)
    await page.goBack()
    await sheet.waitFor({ state: 'detached' })
    await page.goto(href)
    await sheet.getByText('Flight record').waitFor()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('id=evt')
  })

  it('says that an event does not exist', async () => {
    const { page, expects } = await suite.owner()
    expects(/status of 404/)
    await page.goto('/app/activity?id=evt_nobody')
    await page.getByRole('dialog').getByRole('alert').waitFor()
  })

  it('shows nothing matches, and the way out', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/activity?target=nothing-is-called-so')
    await page.getByRole('button', { name: /Clear/ }).last().click()
    await page.getByRole('row').filter({ hasText: 'add' }).first().waitFor()
  })
})

/** Rows about a tool. By its whole name: an outcome may hold the same letters. */
function calls(page: Page, tool: string): Locator {
  return page.getByRole('row').filter({ has: page.getByText(tool, { exact: true }) })
}
