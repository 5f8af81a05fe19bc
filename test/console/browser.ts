// A real browser in front of the real program. Whatever a page must not do, it must not do in any test: errors on the
// console, violations of the content security policy, requests to anybody else.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { findChromium, launchChromium, NO_CHROMIUM, signInState } from './chromium.ts'
import { type Product, type ProductOptions, startProduct } from './product.ts'

const START_MS_MAX = 240_000
const WAIT_MS_MAX = 15_000

/** Somebody in front of a browser of their own: own cookies, own storage. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** A fault that this test brings about on purpose. */
  readonly expects: (fault: RegExp) => void
  /** What the pages did that they must not do. */
  readonly faults: readonly string[]
  /** Another tab of the same browser. */
  readonly newTab: () => Promise<Page>
}

export interface Suite {
  readonly product: Product
  readonly browser: Browser
  /** Somebody who has not signed in. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>
  /** Somebody with a session of a fresh admin key. */
  owner(options?: BrowserContextOptions): Promise<Visitor & { readonly keyId: string; readonly key: string }>
}

export interface SuiteOptions extends ProductOptions {
  /** What the tests find when they begin. */
  readonly prepare?: (product: Product) => Promise<void>
}

/** Registers what a suite needs around its tests. Without a browser its tests are skipped and say so. */
export function useConsole({ prepare, ...options }: SuiteOptions = {}): Suite {
  const path = findChromium()
  const open: { visitor: Visitor; expected: readonly RegExp[] }[] = []
  let running: { readonly product: Product; readonly browser: Browser } | undefined
  beforeAll(async () => {
    if (path === null) return
    const product = await startProduct(options)
    running = { product, browser: await launchChromium(path) }
    await prepare?.(product)
  }, START_MS_MAX)
  afterAll(async () => {
    await running?.browser.close()
    await running?.product.stop()
  })
  beforeEach((ctx) => {
    if (path === null) ctx.skip(NO_CHROMIUM)
  })
  afterEach(async (ctx) => {
    const seen = open.splice(0)
    if (ctx.task.result?.state === 'fail' && process.env['SALLYPORT_TEST_SHOTS'] !== undefined) await keepShots(ctx.task.name, seen)
    for (const { visitor } of seen) await visitor.context.close()
    const faults = seen.flatMap(({ visitor, expected }) => visitor.faults.filter((fault) => !expected.some((each) => each.test(fault))))
    expect(faults).toEqual([])
  })
  const here = (): NonNullable<typeof running> => {
    if (running === undefined) throw new Error('The console is used before its suite has begun.')
    return running
  }
  const visitor = async (contextOptions: BrowserContextOptions = {}): Promise<Visitor> => {
    const expected: RegExp[] = []
    const made = await openVisitor(here().browser, here().product.url, contextOptions, expected)
    open.push({ visitor: made, expected })
    return made
  }
  return {
    get product() {
      return here().product
    },
    get browser() {
      return here().browser
    },
    visitor,
    owner: async (contextOptions = {}) => {
      const { product } = here()
      const { id, key } = await product.createKey('console test')
      const storageState = await signInState(product.url, key)
      return { ...(await visitor({ storageState, ...contextOptions })), keyId: id, key }
    },
  }
}

async function openVisitor(browser: Browser, url: string, options: BrowserContextOptions, expected: RegExp[]): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, ...options })
  context.setDefaultTimeout(WAIT_MS_MAX)
  const faults: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => faults.push(`page: ${String(error.error().stack ?? error.error())}`))
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== url && protocol !== 'data:' && protocol !== 'blob:') faults.push(`foreign: ${request.url()}`)
  })
  return {
    context,
    page: await context.newPage(),
    faults,
    expects: (fault) => void expected.push(fault),
    newTab: () => context.newPage(),
  }
}

/** For whoever looks into a failure: what the pages showed. */
async function keepShots(name: string, seen: readonly { readonly visitor: Visitor }[]): Promise<void> {
  const folder = process.env['SALLYPORT_TEST_SHOTS'] ?? ''
  const pages = seen.flatMap(({ visitor }) => visitor.context.pages())
  for (const [index, page] of pages.entries()) {
    const path = `${folder}/${name.replaceAll(/\W+/g, '-').slice(0, 60)}-${String(index)}.png`
    await page.screenshot({ path }).catch(() => undefined)
  }
}
