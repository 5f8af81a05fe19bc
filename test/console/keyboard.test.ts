// The whole way without a mouse: nothing is pointed at, every step is a key.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'
import { addServer } from './servers.ts'

const TABS_MAX = 60
/** A call that has just happened is in the trail a moment later; the page asks again. */
const EARLY = /status of 404 .*\/activity\/evt_/

/** Presses Tab until something with this name has the focus; fails when it cannot be reached. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < TABS_MAX; presses++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ''
      const labelled = element.getAttribute('aria-labelledby')
      const label = labelled === null ? null : document.getElementById(labelled.split(' ')[0]!)?.textContent
      const field = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels?.[0]?.textContent : null
      return (element.getAttribute('aria-label') ?? label ?? field ?? element.textContent ?? '').trim()
    })
    if (name.test(focused)) return expectVisibleFocus(page)
    seen.push(focused)
    await page.keyboard.press('Tab')
  }
  throw new Error(`No key leads to ${String(name)}; passed: ${seen.join(' | ')}`)
}

/** Whoever cannot point must see where they are. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const isVisible = await page.evaluate(() => {
    const marks = (element: Element | null): boolean => {
      if (element === null) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none'
    }
    return marks(document.activeElement) || marks(document.activeElement?.parentElement ?? null)
  })
  expect(isVisible).toBe(true)
}

describe('without a mouse', () => {
  const suite = useConsole({ prepare: (product) => addServer(product, 'bench', 'workbench-server.mjs') })

  it('the first run is done', async () => {
    const { page, expects } = await suite.visitor()
    expects(EARLY)
    await page.goto(suite.product.ownerLink!)
    await page.getByRole('button', { name: 'Create the owner' }).waitFor()
    await tabTo(page, /^Create the owner$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'You are the owner' }).waitFor()
    await tabTo(page, /^Continue$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'What you have' }).waitFor()
    await page.locator('section').getByRole('link', { name: 'Connect a client' }).waitFor()
    await tabTo(page, /^Connect a client$/)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Call this tool' }).waitFor()
    await tabTo(page, /^Call this tool$/)
    await page.keyboard.press('Enter')
    await page.getByText('It works').waitFor()
  })

  it('a tool is found, filled in and run in the Playground', async () => {
    const { page } = await suite.owner()
    await page.goto('/app')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
    await page.goto('/app/playground?endpoint=bench&tool=add')
    await page.getByRole('button', { name: 'Run tool' }).waitFor()
    await tabTo(page, /^a\b/)
    await page.keyboard.type('40')
    await page.keyboard.press('Tab')
    await tabTo(page, /^b\b/)
    await page.keyboard.type('2')
    await page.keyboard.press('Control+Enter')
    await page.getByText('The sum is 42').first().waitFor()
  })

  it('a sheet takes the focus, keeps it and gives it back', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/deployments')
    await page.getByRole('button', { name: 'Add server' }).first().waitFor()
    await tabTo(page, /^Add server$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').locator(':focus').waitFor()
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      const outside = (): Promise<string | null> =>
        page.evaluate(() => {
          const element = document.activeElement
          // The body has it while the round begins anew.
          return element !== document.body &&
            element?.closest('[role="dialog"]') === null &&
            !element.hasAttribute('data-base-ui-focus-guard')
            ? element.outerHTML.slice(0, 200)
            : null
        })
      // The end of the round gives it back in a moment of its own.
      await expect.poll(outside).toBe(null)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 80))).toBe('Add server')
  })

  it('rows of a table are gone through and opened', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/deployments')
    await page.getByRole('row').filter({ hasText: 'bench' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/app/deployments/bench')
  })
})
