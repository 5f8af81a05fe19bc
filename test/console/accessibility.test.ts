// WCAG 2.2 AA as a test: every page and everything that opens over one, in both themes, wide and narrow.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium, launchChromium, NO_CHROMIUM, signInState } from './chromium.ts'
import { type Place, PLACES, settled, visit } from './places.ts'
import { type Seeded, startSeeded } from './seed.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Colours depend on the theme alone and the layout on the width alone: two ways see all four. */
const WAYS = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 390 },
] as const

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
    if (browser === undefined) ctx.skip(NO_CHROMIUM)
  })

  it.each(PLACES.map((place) => [place.name, place] as const))('can be used by all: %s', async (_, place) => {
    const context = await browser!.newContext({
      baseURL: seeded!.product.url,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      // axe is brought in by the test, which the policy of the product rightly refuses.
      bypassCSP: true,
      ...(place.isPublic === true ? {} : { storageState }),
    })
    try {
      const page = await context.newPage()
      await visit(page, place)
      await page.evaluate(AXE)
      expect(await findingsOfAllWays(page, place)).toEqual([])
    } finally {
      await context.close()
    }
  })
})

async function findingsOfAllWays(page: Page, place: Place): Promise<readonly string[]> {
  const found: string[] = []
  for (const { theme, width } of WAYS) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme: theme })
    await settled(page, place)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) found.push(`${theme} ${String(width)}: the page is ${String(wide)} px wider than the window`)
    for (const finding of await findings(page)) found.push(`${theme} ${String(width)}: ${finding}`)
  }
  return found
}

async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await page.evaluate(
    (rules) =>
      (globalThis as unknown as { axe: { run(root: Document, options: object): Promise<AxeResults> } }).axe.run(document, {
        runOnly: rules,
      }),
    RULES,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 160)}`),
  )
}
