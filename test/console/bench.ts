// `npm run bench -- --console`: how fast the console is in a real browser, over a seeded product on loopback.
// First view, layout shift of every page, frames while scrolling through 10,000 events, a live tail of 200 events a second.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { BrowserContext, Page } from 'playwright-core'
import { findChromium, launchChromium, NO_CHROMIUM, signInState } from './chromium.ts'
import { DIST } from './console-build.ts'
import { PLACES, settled, visit } from './places.ts'
import { startSeeded } from './seed.ts'
import { callTool } from './servers.ts'
import { shellFiles } from './shell-files.ts'
import { type Figure, renderFigures } from '../bench/budgets.ts'
import { median } from '../bench/measure.ts'

const EVENTS = 10_000
const VIEWS = 7
const SCROLL_MS = 4_000
const SCROLL_STEP_PX = 300
const TAIL_MS = 5_000
const TAIL_PER_SECOND = 200
const FRAME_MS = 1_000 / 60

export async function benchConsole(): Promise<void> {
  const path = findChromium()
  if (path === null) {
    process.stderr.write(`✘ ${NO_CHROMIUM}\n`)
    process.exitCode = 1
    return
  }
  const { product, stop } = await startSeeded({ events: EVENTS })
  const browser = await launchChromium(path)
  try {
    const storageState = await signInState(product.url, (await product.createKey('bench')).key)
    const client = await product.createKey('tail', { scopes: ['mcp:list', 'mcp:call'] })
    const open = (): Promise<BrowserContext> =>
      browser.newContext({ baseURL: product.url, viewport: { width: 1440, height: 900 }, storageState })
    const figures: Figure[] = [
      { name: 'what loads before the first view, gzip', value: shellKb(), unit: 'kB', budget: 180 },
      { name: 'first view of the overview, nothing cached', value: await measureFirstView(open), unit: 'ms', budget: 1_000 },
      ...(await measureScroll(open)),
      ...(await measureTail(open, () => callTool(product, 'workbench', client.key, 'add', { a: 1, b: 2 }))),
      ...(await measureShifts(open)),
    ]
    process.stdout.write(renderFigures(figures))
  } finally {
    await browser.close()
    await stop()
  }
}

const shellKb = (): number =>
  shellFiles(DIST).reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0) / 1_000

type Open = () => Promise<BrowserContext>

async function withPage<Value>(open: Open, work: (page: Page) => Promise<Value>): Promise<Value> {
  const context = await open()
  try {
    return await work(await context.newPage())
  } finally {
    await context.close()
  }
}

/** From the start of the navigation to the heading of the page, in a browser that has loaded nothing before. */
async function measureFirstView(open: Open): Promise<number> {
  const all: number[] = []
  for (let view = 0; view < VIEWS; view++) {
    const ms = await withPage(open, async (page) => {
      await page.goto('/app', { waitUntil: 'commit' })
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      return await page.evaluate(() => performance.now())
    })
    all.push(ms)
  }
  return median(all)
}

/** The share of frames that came late, while somebody turns the wheel through all events. */
async function measureScroll(open: Open): Promise<Figure[]> {
  return withPage(open, async (page) => {
    await page.goto('/app/activity')
    await settled(page)
    await page.getByRole('grid', { name: /^Events/ }).hover()
    const frames = watchFrames(page, SCROLL_MS)
    for (const until = performance.now() + SCROLL_MS; performance.now() < until;) await page.mouse.wheel(0, SCROLL_STEP_PX)
    return frameFigures('scrolling through 10,000 events', await frames)
  })
}

async function measureTail(open: Open, call: () => Promise<unknown>): Promise<Figure[]> {
  return withPage(open, async (page) => {
    await page.goto('/app/activity?kind=call')
    await page.getByRole('button', { name: /^Live/ }).waitFor()
    const frames = watchFrames(page, TAIL_MS)
    const startedMs = performance.now()
    let calls = 0
    const pending: Promise<unknown>[] = []
    for (; performance.now() - startedMs < TAIL_MS; await new Promise((resolve) => setTimeout(resolve, 10))) {
      const due = Math.floor(((performance.now() - startedMs) * TAIL_PER_SECOND) / 1_000)
      for (; calls < due; calls++) pending.push(call())
    }
    await Promise.all(pending)
    const perSecond = calls / ((performance.now() - startedMs) / 1_000)
    return [{ name: 'live tail: events a second', value: perSecond, unit: '/s' }, ...frameFigures('live tail', await frames)]
  })
}

/** The times between frames, in milliseconds. */
function watchFrames(page: Page, ms: number): Promise<number[]> {
  return page.evaluate(
    (length) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = []
        const endMs = performance.now() + length
        let lastMs = performance.now()
        const next = (nowMs: number): void => {
          gaps.push(nowMs - lastMs)
          lastMs = nowMs
          if (nowMs < endMs) requestAnimationFrame(next)
          else resolve(gaps)
        }
        requestAnimationFrame(next)
      }),
    ms,
  )
}

function frameFigures(name: string, gaps: readonly number[]): Figure[] {
  const sorted = gaps.toSorted((a, b) => a - b)
  return [
    { name: `${name}: time of a frame, p50`, value: sorted[Math.floor(sorted.length * 0.5)] ?? 0, unit: 'ms', budget: FRAME_MS * 1.5 },
    { name: `${name}: time of a frame, p95`, value: sorted[Math.floor(sorted.length * 0.95)] ?? 0, unit: 'ms', budget: 50 },
    { name: `${name}: longest frame`, value: sorted.at(-1) ?? 0, unit: 'ms' },
  ]
}

/** Cumulative layout shift per page; what is above zero is listed, the worst always. */
async function measureShifts(open: Open): Promise<Figure[]> {
  const pages = PLACES.filter(({ open: steps, isPublic, isNeverDone }) => steps === undefined && isPublic !== true && isNeverDone !== true)
  const shifts: Figure[] = []
  for (const place of pages) {
    const value = await withPage(open, async (page) => {
      await page.addInitScript(() => {
        const seen = globalThis as unknown as { shift: number }
        seen.shift = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
            if (!entry.hadRecentInput) seen.shift += entry.value
        }).observe({ type: 'layout-shift', buffered: true })
      })
      await visit(page, place)
      return await page.evaluate(() => (globalThis as unknown as { shift: number }).shift)
    })
    shifts.push({ name: `layout shift: ${place.name}`, value, unit: '×', budget: 0.1 })
  }
  const worst = shifts.toSorted((a, b) => b.value - a.value)
  return worst.filter(({ value }, index) => index === 0 || value > 0.001)
}
