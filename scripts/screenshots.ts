// `npm run screenshots`: pictures of every page of the console, from a product that is filled for it, below docs/images.
//   --only NAME[,NAME]   only these places, as test/console/places.ts names them
// Full pages in both themes, wide and narrow; how they look while loading, when nothing is there and when the server
// refuses, once wide and once narrow.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContext, Page, Route } from 'playwright-core'
import { findChromium, launchChromium, signInState } from '../test/console/browser.ts'
import { type Place, PLACES, settled, visit } from '../test/console/places.ts'
import { type Product, startProduct } from '../test/console/product.ts'
import { startSeeded } from '../test/console/seed.ts'

const FOLDER = join(import.meta.dirname, '../docs/images')
const HEIGHTS = { 1440: 900, 390: 844 } as const
const BYTES_MAX = 12 * 1024 * 1024
const COLORS = 256
/** Pages that ask the server for what they show; the rest looks the same in every state. */
const STATED = new Set(['overview', 'profiles', 'profile', 'deployments', 'deployment', 'playground', 'activity', 'keys', 'settings'])
/** Not of use to readers of the documentation. */
const LEFT_OUT = new Set(['style'])

type Theme = 'light' | 'dark'
type Width = keyof typeof HEIGHTS
type State = 'full' | 'loading' | 'empty' | 'error'

interface Way {
  readonly theme: Theme
  readonly width: Width
}

const ALL_WAYS: readonly Way[] = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 1440 },
  { theme: 'light', width: 390 },
  { theme: 'dark', width: 390 },
]
const TWO_WAYS: readonly Way[] = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 390 },
]

const { values: options } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = options.only?.split(',')
const places = PLACES.filter(({ name }) => !LEFT_OUT.has(name) && (wanted === undefined || wanted.includes(name)))
const path = findChromium()
if (path === null) {
  process.stderr.write('✘ There is no Chromium here.\n→ Install it, or name one: SALLYPORT_TEST_CHROMIUM=/path/to/chromium\n')
  process.exit(1)
}

mkdirSync(FOLDER, { recursive: true })
if (wanted === undefined) for (const name of readdirSync(FOLDER)) if (name.endsWith('.png')) rmSync(join(FOLDER, name))
const browser = await launchChromium(path)
try {
  await photographFull(browser)
  await photographEmpty(browser)
} finally {
  await browser.close()
}
writeIndex()

/** Everything of a product after a week of work, and how its pages load and fail. */
async function photographFull(browser: Browser): Promise<void> {
  const { product, stop } = await startSeeded()
  try {
    for (const way of ALL_WAYS) for (const place of places) await photograph(browser, product, place, 'full', way)
    for (const state of ['loading', 'error'] as const)
      for (const way of TWO_WAYS) for (const place of places.filter(({ name }) => STATED.has(name))) await photograph(browser, product, place, state, way)
  } finally {
    await stop()
  }
}

/** The same pages before anything was added: without the starter profile, which is taken away first. */
async function photographEmpty(browser: Browser): Promise<void> {
  const product = await startProduct()
  try {
    const welcome: Place = { name: 'welcome', path: product.ownerLink ?? '/welcome', isPublic: true }
    if (wanted === undefined || wanted.includes('welcome')) for (const way of ALL_WAYS) await photograph(browser, product, welcome, 'full', way)
    await product.api('DELETE', '/profiles/starter')
    const { items } = await product.api<{ items: readonly { name: string }[] }>('GET', '/deployments')
    for (const { name } of items) await product.api('DELETE', `/deployments/${name}`)
    const empty = places.filter(({ name }) => ['overview', 'profiles', 'deployments', 'playground', 'activity', 'keys'].includes(name))
    for (const way of TWO_WAYS) for (const { name } of empty) await photograph(browser, product, { name, path: emptyPath(name) }, 'empty', way)
  } finally {
    await product.stop()
  }
}

/** Nobody can look at Activity before something happened: a filter that fits nothing stands for it. */
const emptyPath = (name: string): string => (name === 'overview' ? '/app' : name === 'activity' ? '/app/activity?kind=call' : `/app/${name}`)

async function photograph(browser: Browser, product: Product, place: Place, state: State, way: Way): Promise<void> {
  const context = await browser.newContext({
    baseURL: product.url,
    viewport: { width: way.width, height: HEIGHTS[way.width] },
    colorScheme: way.theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...(place.isPublic === true ? {} : { storageState: await sessionOf(product) }),
  })
  try {
    const page = await context.newPage()
    await disturb(context, state)
    await show(page, place, state)
    await page.screenshot({ path: join(FOLDER, `${place.name}-${state}-${way.theme}-${String(way.width)}.png`), animations: 'disabled', caret: 'hide' })
    process.stdout.write(`✔ ${place.name} ${state} ${way.theme} ${String(way.width)}\n`)
  } catch (error) {
    process.stderr.write(`✘ ${place.name} ${state} ${way.theme} ${String(way.width)}: ${String(error).split('\n')[0] ?? ''}\n`)
    process.exitCode = 1
  } finally {
    await context.close()
  }
}

async function show(page: Page, place: Place, state: State): Promise<void> {
  if (state === 'full' || state === 'empty') return visit(page, place)
  await page.goto(place.path)
  if (state === 'error') await page.getByRole('alert').first().waitFor()
  else await page.locator('[aria-busy="true"], [aria-label="Loading"], .animate-pulse-soft.bg-hover').first().waitFor()
  if (state === 'error') await settled(page).catch(() => undefined)
}

/** Answers that never come, or refusals: of what the page shows, not of who somebody is. */
async function disturb(context: BrowserContext, state: State): Promise<void> {
  if (state === 'full' || state === 'empty') return
  const problem = {
    type: 'https://sallyport.dev/problems/overloaded',
    title: 'The server is overloaded',
    status: 500,
    detail: 'The database took longer than it may to answer.',
    remedy: 'Try again in a moment. If it stays so, look at `sallyport doctor`.',
    incident: 'inc_01jdm7x3k4q8',
  }
  await context.route(/\/api\/v1\/(?!whoami|session)|\/mcp/, (route: Route) =>
    state === 'loading' ? undefined : route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  )
}

const sessions = new Map<string, ReturnType<typeof newSession>>()
function sessionOf(product: Product): ReturnType<typeof newSession> {
  const known = sessions.get(product.url) ?? newSession(product)
  sessions.set(product.url, known)
  return known
}

async function newSession(product: Product): ReturnType<typeof signInState> {
  return signInState(product.url, (await product.createKey('owner of this console')).key)
}

/** Fewer colours where a program for it is there, and a page that shows all pictures. */
function writeIndex(): void {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.png'))
    .toSorted()
  const quantised = names.filter((name) => hasFewerColors(join(FOLDER, name))).length
  const groups = Map.groupBy(names, (name) => name.replace(/-(?:full|loading|empty|error)-(?:light|dark)-\d+\.png$/, ''))
  const sections = [...groups].map(([place, group]) => `## ${place}\n\n${group.map((name) => `- [${name.slice(place.length + 1, -4)}](${name})`).join('\n')}\n`)
  const text = `# Pictures of the console\n\nMade by \`npm run screenshots\` (place, state, theme, width). Servers, people and calls in them are made up.\n\n${sections.join('\n')}`
  writeFileSync(join(FOLDER, 'README.md'), text)
  const bytes = Number(execFileSync('du', ['-sb', FOLDER], { encoding: 'utf8' }).split('\t')[0])
  process.stdout.write(`\n${String(names.length)} pictures, ${String(quantised)} with fewer colours, ${(bytes / 1e6).toFixed(1)} MB\n`)
  if (bytes > BYTES_MAX) {
    process.stderr.write(`✘ Together they may have ${String(BYTES_MAX)} bytes.\n`)
    process.exitCode = 1
  }
}

function hasFewerColors(file: string): boolean {
  const programs = [
    ['pngquant', ['--force', '--skip-if-larger', '--ext', '.png', String(COLORS), file]],
    ['convert', [file, '-colors', String(COLORS), '-define', 'png:compression-level=9', `PNG8:${file}`]],
  ] as const
  return programs.some(([program, args]) => {
    try {
      execFileSync(program, args, { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}
