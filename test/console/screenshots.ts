// `npm run screenshots`: pictures of every page of the console, from a product that is filled for it, below docs/images.
//   --port PORT          where the product listens meanwhile; it is in the pictures
//   --only NAME[,NAME]   only these places, as places.ts names them
// Full pages in both themes, wide and narrow; how they look while loading, when nothing is there and when the server
// refuses, once wide and once narrow.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Route } from 'playwright-core'
import { findChromium, launchChromium, signInState } from './chromium.ts'
import { frameShown, type Place, PLACES, visit } from './places.ts'
import { type Product, startProduct } from './product.ts'
import { startSeeded } from './seed.ts'
import { reduceColors } from './reduce-colors.ts'

const FOLDER = join(import.meta.dirname, '../../docs/images')
const HEIGHTS = { 1440: 900, 390: 844 } as const
const BYTES_MAX = 12 * 1024 * 1024
/** Pages that ask the server for what they show; the rest looks the same in every state. */
const STATED = new Set(['overview', 'profiles', 'profile', 'deployments', 'deployment', 'playground', 'activity', 'keys', 'settings'])
/** Where each of them is empty. Each start leaves events of its own: only calls are missing from the activity. */
const EMPTY: Readonly<Record<string, string>> = {
  overview: '/app',
  profiles: '/app/profiles',
  deployments: '/app/deployments',
  playground: '/app/playground',
  activity: '/app/activity?kind=call',
  keys: '/app/keys',
}
const PROBLEM = {
  type: 'https://sallyport.dev/problems/overloaded',
  title: 'The server is overloaded',
  status: 500,
  detail: 'The database took longer than it may to answer.',
  remedy: 'Try again in a moment. If it stays so, look at `sallyport doctor`.',
  incident: 'inc_01jdm7x3k4q8',
}
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

const { values: options } = parseArgs({ options: { only: { type: 'string' }, port: { type: 'string', default: '7255' } } })
const PORT = Number(options.port)
const wanted = options.only?.split(',')
const chosen = PLACES.filter(({ name }) => !LEFT_OUT.has(name) && (wanted === undefined || wanted.includes(name)))
const path = findChromium()
if (path === null) {
  process.stderr.write('✘ There is no Chromium here.\n→ Install it, or name one: SALLYPORT_TEST_CHROMIUM=/path/to/chromium\n')
  process.exit(1)
}

const sessions = new Map<Product, ReturnType<typeof newSession>>()
mkdirSync(FOLDER, { recursive: true })
if (wanted === undefined) for (const name of readdirSync(FOLDER)) if (name.endsWith('.png')) rmSync(join(FOLDER, name))
const chromium = await launchChromium(path)
try {
  await photographFull(chromium)
  await photographEmpty(chromium)
} finally {
  await chromium.close()
}
writeIndex()

/** Everything of a product after a week of work, and how its pages load and fail. */
async function photographFull(browser: Browser): Promise<void> {
  const { product, stop } = await startSeeded({ port: PORT })
  try {
    for (const way of ALL_WAYS) await photograph(browser, product, chosen, 'full', way)
    const stated = chosen.filter(({ name }) => STATED.has(name))
    for (const state of ['loading', 'error'] as const) for (const way of TWO_WAYS) await photograph(browser, product, stated, state, way)
  } finally {
    await stop()
  }
}

/** The same pages before anything was added. The starter profile is not there while a file is declared. */
async function photographEmpty(browser: Browser): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-empty-'))
  const file = join(folder, 'sallyport.json')
  writeFileSync(file, '{ "mcpServers": {} }')
  const product = await startProduct({ port: PORT, env: { SALLYPORT_CONFIG: file } })
  try {
    const welcome: Place = { name: 'welcome', path: product.ownerLink ?? '/welcome', isPublic: true }
    if (wanted === undefined || wanted.includes('welcome'))
      for (const way of ALL_WAYS) await photograph(browser, product, [welcome], 'full', way)
    const empty = chosen.flatMap(({ name }) => (name in EMPTY ? [{ name, path: EMPTY[name]! }] : []))
    for (const way of TWO_WAYS) await photograph(browser, product, empty, 'empty', way)
  } finally {
    await product.stop()
    rmSync(folder, { recursive: true })
  }
}

async function photograph(browser: Browser, product: Product, places: readonly Place[], state: State, way: Way): Promise<void> {
  const base: BrowserContextOptions = {
    baseURL: product.url,
    viewport: { width: way.width, height: HEIGHTS[way.width] },
    colorScheme: way.theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  }
  const outside = await browser.newContext(base)
  const inside = await browser.newContext({ ...base, storageState: await sessionOf(product) })
  try {
    for (const context of [outside, inside]) await disturb(context, state)
    for (const place of places) await photographOne(place.isPublic === true ? outside : inside, place, state, way)
  } finally {
    await inside.close()
    await outside.close()
  }
}

async function photographOne(context: BrowserContext, place: Place, state: State, { theme, width }: Way): Promise<void> {
  const name = `${place.name}-${state}-${theme}-${String(width)}`
  const page = await context.newPage()
  try {
    await show(page, place, state)
    writeFileSync(join(FOLDER, `${name}.png`), reduceColors(await page.screenshot({ animations: 'disabled', caret: 'hide' })))
    process.stdout.write(`✔ ${name}\n`)
  } catch (error) {
    process.stderr.write(`✘ ${name}: ${String(error).split('\n')[0] ?? ''}\n`)
    process.exitCode = 1
  } finally {
    await page.close()
  }
}

async function show(page: Page, place: Place, state: State): Promise<void> {
  if (state === 'full' || state === 'empty') return visit(page, place)
  await page.goto(place.path)
  if (state === 'error') await page.getByRole('alert').first().waitFor()
  else await page.locator('[aria-busy="true"], [aria-label="Loading"], .animate-pulse-soft.bg-hover').first().waitFor()
  await frameShown(page)
}

/** Answers that never come, or refusals: of what the page shows, not of who somebody is. */
async function disturb(context: BrowserContext, state: State): Promise<void> {
  if (state === 'full' || state === 'empty') return
  await context.route(/\/api\/v1\/(?!whoami|session)|\/mcp/, (route: Route) =>
    state === 'loading'
      ? undefined
      : route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(PROBLEM) }),
  )
}

function sessionOf(product: Product): ReturnType<typeof newSession> {
  const known = sessions.get(product) ?? newSession(product)
  sessions.set(product, known)
  return known
}

async function newSession(product: Product): ReturnType<typeof signInState> {
  return signInState(product.url, (await product.createKey('owner of this console')).key)
}

/** A page that lists all pictures, and how much they take. */
function writeIndex(): void {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.png'))
    .toSorted()
  const groups = Map.groupBy(names, (name) => name.replace(/-(?:full|loading|empty|error)-(?:light|dark)-\d+\.png$/, ''))
  const sections = [...groups].map(
    ([place, group]) => `## ${place}\n\n${group.map((name) => `- [${name.slice(place.length + 1, -4)}](${name})`).join('\n')}\n`,
  )
  const text = `# Pictures of the console\n\nMade by \`npm run screenshots\` (place, state, theme, width). Servers, people and calls in them are made up.\n\n${sections.join('\n')}`
  writeFileSync(join(FOLDER, 'README.md'), text)
  const bytes = names.reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0)
  process.stdout.write(`\n${String(names.length)} pictures, ${(bytes / 1e6).toFixed(1)} MB\n`)
  if (bytes > BYTES_MAX) {
    process.stderr.write(`✘ Together they may have ${String(BYTES_MAX)} bytes.\n`)
    process.exitCode = 1
  }
}
