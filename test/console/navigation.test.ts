// Every step somebody takes has an address, and the back button takes it back.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'
import { addServer } from './servers.ts'

const PLACES = ['Overview', 'Profiles', 'Deployments', 'Playground', 'Activity', 'Keys', 'Settings'] as const

const here = (page: Page): string => new URL(page.url()).pathname + new URL(page.url()).search

describe('going about', () => {
  const suite = useConsole({ prepare: (product) => addServer(product, 'bench', 'workbench-server.mjs') })

  it('leads to every place by the sidebar, with one heading and a title each', async () => {
    const { page } = await suite.owner()
    await page.goto('/app')
    for (const place of PLACES) {
      await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click()
      await page.getByRole('heading', { level: 1, name: place }).waitFor()
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      await page.waitForFunction((name) => document.title.startsWith(name), place)
    }
  })

  it('takes back list, detail, tab and sheet, one step each', async () => {
    const { page } = await suite.owner()
    await page.goto('/app')
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Deployments' }).click()
    await page.getByRole('row').filter({ hasText: 'bench' }).getByRole('link').first().click()
    await page.getByRole('tab', { name: /^Tools/ }).click()
    await page.waitForURL('**tab=tools')
    await page.getByRole('tab', { name: /^Access/ }).click()
    await page.getByRole('button', { name: 'Grant access' }).click()
    await page.getByRole('dialog').waitFor()
    const steps = [here(page)]
    for (const step of [
      '/app/deployments/bench?tab=access',
      '/app/deployments/bench?tab=tools',
      '/app/deployments/bench',
      '/app/deployments',
      '/app',
    ]) {
      await page.goBack()
      await page.waitForFunction((to) => location.pathname + location.search === to, step)
      steps.push(here(page))
    }
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.goForward()
    await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()
  })

  it('finds places by the palette and by keys, and shows which keys there are', async () => {
    const { page } = await suite.owner()
    await page.goto('/app')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /^Search/ }).fill('activ')
    await page
      .getByRole('option', { name: /Activity/ })
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor({ state: 'detached' })
  })

  it('says that a page does not exist', async () => {
    const { page } = await suite.owner()
    for (const path of ['/app/nowhere', '/app/deployments/a/b/c']) {
      await page.goto(path)
      await page.getByText('There is no page at this address').waitFor()
    }
  })

  it('keeps the chosen theme over a reload, without a flash of the other', async () => {
    const { page } = await suite.owner({ colorScheme: 'light' })
    await page.goto('/app')
    await page.getByRole('button', { name: 'Account and theme' }).click()
    await page.getByRole('menuitem', { name: 'Dark theme' }).click()
    await page.waitForFunction(() => document.documentElement.classList.contains('dark'))
    // Before the first paint: the class is there when the document has just been read.
    await page.addInitScript(() => {
      document.addEventListener('DOMContentLoaded', () => {
        const seen = globalThis as unknown as { wasDark: boolean }
        seen.wasDark = document.documentElement.classList.contains('dark')
      })
    })
    await page.reload()
    expect(await page.evaluate(() => (globalThis as unknown as { wasDark: boolean }).wasDark)).toBe(true)
  })
})
