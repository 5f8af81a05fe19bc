// A server that tries everything on whoever looks at it. Nothing of it may run, call home, hide or hang a page.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole, type Visitor } from './browser.ts'
import { addServer, callTool } from './servers.ts'

/** How long a page may be deaf while it shows a megabyte. */
const DEAF_MS_MAX = 3_000
const TOOLS = ['mixed', 'huge', 'pictures', 'app', 'broken'] as const
/** What turns a page around or hides in it, but tab and line feed. */
const HIDDEN = String.raw`[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]`

describe('a hostile server', () => {
  let key = ''
  const suite = useConsole({
    prepare: async (product) => {
      key = (await product.createKey('<img src=x onerror="globalThis.DONE=9">\u202ekey', { scopes: ['mcp:list', 'mcp:call'] })).key
      await addServer(product, 'evil', 'hostile-server.mjs')
      await product.api('POST', '/profiles', {
        name: 'trap',
        title: '<b onclick="globalThis.DONE=10">trap</b>',
        access: 'tenant',
        servers: ['evil'],
      })
      // A result that is too large to be kept or passed on is refused, which is shown as well.
      for (const tool of TOOLS) await callTool(product, 'evil', key, tool).catch(() => undefined)
      await callTool(product, 'evil', key, '<script>globalThis.DONE=11</script>\u202e').catch(() => undefined)
    },
  })

  it.each([
    ['the overview', '/app', 'Overview'],
    ['the list of servers', '/app/deployments', 'evil'],
    ['the server', '/app/deployments/evil', 'Ready'],
    ['its tools', '/app/deployments/evil?tab=tools', 'mixed'],
    ['one of its tools', '/app/deployments/evil?tab=tools&tool=mixed', 'mixed'],
    ['its log', '/app/deployments/evil?tab=logs', 'called'],
    ['its access', '/app/deployments/evil?tab=access', 'Granted'],
    ['the profile', '/app/profiles/trap', 'mixed'],
    ['a tool of the profile', '/app/profiles/trap?tool=evil__mixed', 'mixed'],
    ['the activity', '/app/activity', 'mixed'],
    ['the keys', '/app/keys', 'Keys'],
    ['the first run', '/app/first-run?step=1&endpoint=evil', 'mixed'],
    ['the step that connects', '/app/first-run?step=2&endpoint=evil', 'Try it here'],
  ])('does nothing to %s', async (_, path, mark) => {
    const visitor = await suite.owner()
    await visitor.page.goto(path)
    await visitor.page.getByText(mark).first().waitFor()
    await expectHarmless(visitor)
  })

  it('does nothing to the sheet of an event, its bodies included', async () => {
    const { items } = await suite.product.api<{ items: { id: string; target: string }[] }>('GET', '/activity?kind=call&method=tools/call')
    for (const tool of TOOLS) {
      const visitor = await suite.owner()
      visitor.expects(/status of 404/)
      await visitor.page.goto(`/app/activity?id=${items.find(({ target }) => target === tool)!.id}`)
      await visitor.page.getByRole('dialog').getByText('Flight record').waitFor()
      await expectHarmless(visitor)
    }
  })

  it.each(TOOLS)('does nothing to the Playground when %s is called there', async (tool) => {
    const visitor = await suite.owner()
    const { page } = visitor
    await page.goto(`/app/playground?endpoint=evil&tool=${tool}`)
    await page.getByRole('button', { name: 'Run tool' }).click()
    await page
      .getByText(/^(Done|Tool error|Failed) · /)
      .first()
      .waitFor()
    await expectHarmless(visitor)
  })

  it('shows at once in the palette, and does nothing there', async () => {
    const visitor = await suite.owner()
    await visitor.page.goto('/app')
    await visitor.page.getByRole('heading', { level: 1 }).waitFor()
    await visitor.page.keyboard.press('Control+k')
    await visitor.page.getByRole('combobox', { name: /^Search/ }).fill('evil')
    await visitor.page.getByRole('option', { name: /evil/ }).first().waitFor()
    await expectHarmless(visitor)
  })
})

/** No script ran, nothing left for elsewhere, nothing hides in the text, and the page answers. */
async function expectHarmless({ page, faults }: Visitor): Promise<void> {
  expect(await deafMs(page)).toBeLessThan(DEAF_MS_MAX)
  const found = await page.evaluate((pattern) => {
    const hidden = new RegExp(pattern, 'gu')
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode() !== null) texts.push(walker.currentNode.textContent ?? '')
    for (const element of document.querySelectorAll('[title],[aria-label],[placeholder],[alt]'))
      for (const name of ['title', 'aria-label', 'placeholder', 'alt']) texts.push(element.getAttribute(name) ?? '')
    return {
      ran: (globalThis as unknown as { DONE?: number }).DONE ?? null,
      hidden: texts.filter((text) => text.search(hidden) >= 0).map((text) => JSON.stringify(text.slice(0, 120))),
      foreign: [...document.querySelectorAll('[href],[src],[action]')]
        .map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? element.getAttribute('action') ?? '')
        .filter((address) => /^(?:javascript|data:text|vbscript|file|ui):|evil\.example/i.test(address)),
      frames: document.querySelectorAll('iframe, object, embed, [onerror], [onload], [onclick]').length,
      longest: Math.max(0, ...texts.map((text) => text.length)),
    }
  }, HIDDEN)
  expect(found).toMatchObject({ ran: null, hidden: [], foreign: [], frames: 0 })
  // A megabyte in one piece makes every browser slow.
  expect(found.longest).toBeLessThan(200_000)
  expect(faults.filter((fault) => fault.startsWith('foreign') || /Content Security Policy/i.test(fault))).toEqual([])
}

/** How long the page takes to draw and to answer to a press of a key. */
async function deafMs(page: Page): Promise<number> {
  const startedMs = performance.now()
  await page.keyboard.press('Shift')
  await page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))))
  return performance.now() - startedMs
}
