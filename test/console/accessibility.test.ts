// WCAG 2.2 AA as a test: every page and everything that opens over one, in both themes, wide and narrow.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium, launchChromium, signInState } from './browser.ts'
import { type Place, PLACES, visit } from './places.ts'
import { type Seeded, startSeeded } from './seed.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const WAYS = (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })))

describe('the console, for everybody', () => {
  let seeded: Seeded | undefined
  let browser: Browser | undefined
  let storageState: Awaited<ReturnType<typeof signInState>>
  beforeAll(async () => {
    const path = findChromium()
    if (path === null) return
    seeded = await startSeeded({ events: 400 })
    browser = await launchChromium(path)
    storageState = await signInState(seeded.product.url, (await seeded.product.createKey('axe')).key)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await seeded?.stop()
  })
  beforeEach((ctx) => {
    if (browser === undefined) ctx.skip('no Chromium here: install it, or name one in SALLYPORT_TEST_CHROMIUM')
  })

  const newContext = (theme: 'light' | 'dark', width: number, place: Place): Promise<BrowserContext> =>
    browser!.newContext({
      baseURL: seeded!.product.url,
      viewport: { width, height: 900 },
      colorScheme: theme,
      reducedMotion: 'reduce',
      // axe is brought in by the test, which the policy of the product rightly refuses.
      bypassCSP: true,
      ...(place.isPublic === true ? {} : { storageState }),
    })

  it.each(PLACES.map((place) => [place.name, place] as const))('can be used by all: %s', async (_, place) => {
    const found: string[] = []
    for (const { theme, width } of WAYS) {
      const context = await newContext(theme, width, place)
      try {
        const page = await context.newPage()
        await visit(page, place)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (wide > 0) found.push(`${theme} ${String(width)}: the page is ${String(wide)} px wider than the window`)
        for (const finding of await findings(page)) found.push(`${theme} ${String(width)}: ${finding}`)
      } finally {
        await context.close()
      }
    }
    expect(found).toEqual([])
  })
})

async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    (rules) => (globalThis as unknown as { axe: { run(root: Document, options: object): Promise<AxeResults> } }).axe.run(document, { runOnly: rules }),
    RULES,
  )
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 160)}`))
}
