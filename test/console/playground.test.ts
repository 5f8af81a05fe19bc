// Tools called by hand: the form and its JSON, progress, cancelling, a question before anything is destroyed, and the
// same call taken along to a terminal.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { run } from '../e2e/harness.ts'
import { useConsole } from './browser.ts'
import { addServer } from './servers.ts'

const execute = promisify(execFile)

const openTool = async (page: Page, tool: string): Promise<void> => {
  await page.goto(`/app/playground?endpoint=bench&tool=${tool}`)
  await runButton(page).waitFor()
}
const runButton = (page: Page) => page.getByRole('button', { name: 'Run tool' })
const field = (page: Page, name: string) => page.getByRole('main').getByLabel(name, { exact: true }).first()
const badge = (page: Page, text: RegExp) => page.getByText(text).first()

describe('the Playground', () => {
  let key = ''
  const suite = useConsole({
    prepare: async (product) => {
      key = (await product.createKey('terminal', { scopes: ['mcp:list', 'mcp:call'] })).key
      await addServer(product, 'bench', 'workbench-server.mjs')
    },
  })

  it('calls a tool with what the form holds, and shows result and flight', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'add')
    await field(page, 'a').fill('20')
    await field(page, 'b').fill('22')
    await runButton(page).click()
    await badge(page, /^Done · /).waitFor()
    await page.getByText('The sum is 42').first().waitFor()
    await page.getByRole('heading', { name: 'Flight recorder' }).waitFor()
    await page.getByText('authorize').first().waitFor()
    await page.getByRole('button', { name: 'JSON-RPC' }).click()
    await page.getByText('structuredContent').first().waitFor()
  })

  it('keeps form and JSON the same, both ways', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'add')
    await field(page, 'a').fill('7')
    await page.getByRole('button', { name: 'JSON', exact: true }).click()
    const editor = page.getByRole('textbox', { name: 'Arguments as JSON' })
    await editor.waitFor()
    expect(JSON.parse(await editor.innerText())).toMatchObject({ a: 7 })
    await editor.fill('{"a": 1, "b": 2}')
    await page.getByRole('button', { name: 'Form', exact: true }).click()
    expect(await field(page, 'b').inputValue()).toBe('2')
    await runButton(page).click()
    await page.getByText('The sum is 3').first().waitFor()
  })

  it('shows how far a call is, and ends it when it is cancelled', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'slow')
    await runButton(page).click()
    await page
      .getByText(/^Step \d+$/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await badge(page, /^Cancelled · /).waitFor()
    await page.goto('/app/deployments/bench?tab=logs')
    await page
      .getByText(/^cancelled /)
      .first()
      .waitFor()
  })

  it('asks before it destroys something', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'wipe')
    await runButton(page).click()
    const dialog = page.getByRole('dialog').filter({ hasText: 'Run this tool?' })
    await dialog.getByRole('button', { name: 'Keep editing' }).click()
    await dialog.waitFor({ state: 'detached' })
    const calls = () =>
      suite.product.api<{ items: unknown[] }>('GET', '/activity?method=tools/call&target=wipe').then(({ items }) => items.length)
    expect(await calls()).toBe(0)
    await runButton(page).click()
    await dialog.getByRole('button', { name: 'Run tool' }).click()
    await page.getByText('Everything is gone').first().waitFor()
  })

  it('says that a tool failed, in its own words', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'fail')
    await runButton(page).click()
    await badge(page, /^Tool error · /).waitFor()
    await page.getByText('The disk is full').first().waitFor()
  })

  it('repeats a call of the activity', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'add')
    await field(page, 'a').fill('5')
    await field(page, 'b').fill('6')
    await runButton(page).click()
    await badge(page, /^Done · /).waitFor()
    await page.goto('/app/activity?kind=call&method=tools%2Fcall&target=add')
    await page.getByRole('grid', { name: /^Events/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page
      .getByRole('link', { name: /Replay/ })
      .first()
      .click()
    await page.waitForURL('**/app/playground?**')
    await runButton(page).waitFor()
    expect(new URL(page.url()).searchParams.get('tool')).toBe('add')
  })

  it('gives the call for curl and for the command line, and both work', async () => {
    const { page } = await suite.owner()
    await openTool(page, 'add')
    await field(page, 'a').fill('30')
    await field(page, 'b').fill('12')
    await page.getByRole('button', { name: 'Copy as code' }).click()
    const curl = await page.getByLabel('The call for curl', { exact: true }).innerText()
    const { stdout } = await execute('bash', ['-c', curl], { env: { ...process.env, SALLYPORT_KEY: key } })
    expect(stdout).toContain('The sum is 42')
    await page.getByRole('tab', { name: /CLI/ }).click()
    const cli = await page.getByLabel('The call for the command line', { exact: true }).innerText()
    const words = await wordsOf(cli)
    expect(words[0]).toBe('sallyport')
    const finished = await run(['bin/sallyport.mjs', ...words.slice(1)], { SALLYPORT_KEY: key, SALLYPORT_URL: suite.product.url })
    expect(finished).toMatchObject({ code: 0, stdout: expect.stringContaining('The sum is 42') as string })
  })

  it('says that a tool or an endpoint does not exist', async () => {
    const { page, expects } = await suite.owner()
    expects(/status of 404/)
    for (const search of ['endpoint=nobody&tool=add', 'endpoint=bench&tool=nothing']) {
      await page.goto(`/app/playground?${search}`)
      await page
        .getByText(/(no|not|unknown).*(tool|endpoint|called|there|exist)|nobody|nothing/i)
        .first()
        .waitFor()
      expect(await runButton(page).count()).toBe(0)
    }
  })
})

/** The words of a command as a shell reads them. Settings in front are left out. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await execute('bash', ['-c', `sallyport() { printf '%s\\0' sallyport "$@"; }\n${command}`])
  return stdout.split('\0').slice(0, -1)
}
