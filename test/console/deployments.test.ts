// Servers: added in every way, approved, given what they ask for, looked at, removed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'
import { addServer, callTool, FIXTURES, launchOf, waitForState } from './servers.ts'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'

const openAdd = async (page: Page, text: string): Promise<void> => {
  await page.goto('/app/deployments')
  await page.getByRole('button', { name: 'Add server' }).first().click()
  await page.getByRole('textbox', { name: 'Address, command or JSON' }).fill(text)
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Not the notices, which are dialogs too. */
const dialog = (page: Page) => page.locator('[role="dialog"][data-base-ui-focusable]')

describe('deployments', () => {
  const suite = useConsole({ env: { SALLYPORT_EGRESS_ALLOW: '127.0.0.0/8' } })

  it('are added by a command: seen first, approved, started', async () => {
    const { page } = await suite.owner()
    await openAdd(page, `node ${FIXTURES}/workbench-server.mjs`)
    await page.getByRole('heading', { name: 'Review server' }).waitFor()
    expect(await dialog(page).innerText()).toContain('workbench-server.mjs')
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('bench-one')
    // Nothing may have been stored yet.
    await expect(suite.product.api('GET', '/deployments/bench-one')).rejects.toThrow('404')
    await dialog(page).getByRole('button', { name: 'Approve and start' }).click()
    await page.getByRole('heading', { name: 'Server added' }).waitFor()
    await dialog(page).getByText('4 tools').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('row').filter({ hasText: 'bench-one' }).getByText('Ready').waitFor()
  })

  it('say what they miss, and one press grants exactly that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-notes-'))
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'notes')
    try {
      const { page } = await suite.owner()
      const { digest } = await suite.product.api<{ digest: string }>('POST', '/deployments', {
        name: 'curious',
        title: 'Curious',
        access: 'tenant',
        spec: launchOf('workbench-server.mjs', [file]),
      })
      await suite.product.api('POST', '/deployments/curious/approve', { digest })
      await page.goto('/app/deployments/curious')
      await page
        .getByRole('button', { name: `Grant ${file}` })
        .first()
        .click()
      await page.getByRole('heading', { name: 'Grant access to curious' }).waitFor()
      expect(await dialog(page).getByLabel('The launch before and after').innerText()).toContain(file)
      await dialog(page).getByRole('button', { name: 'Grant, approve and start' }).click()
      await waitForState(suite.product, 'curious', 'ready')
      await page.getByText('4 tools').waitFor()
      await page.goto('/app/deployments/curious?tab=access')
      await page.getByRole('list', { name: 'Granted' }).getByText(file).waitFor()
      await page.getByText('read only').first().waitFor()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are added by an address', async () => {
    const upstream = await startModernUpstream(({ id }, response) => sendResult(response, id, textResult('done')), [tool('work')])
    try {
      const { page } = await suite.owner()
      await openAdd(page, upstream.url)
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill('far-away')
      await dialog(page).getByRole('button', { name: 'Add server' }).click()
      await page.getByRole('heading', { name: 'Server added' }).waitFor()
      await dialog(page).getByText('1 tool', { exact: true }).waitFor()
      await dialog(page).getByRole('button', { name: 'Done' }).click()
      await page.getByRole('row').filter({ hasText: 'far-away' }).waitFor()
    } finally {
      await upstream.close()
    }
  })

  it('are added from the JSON of a client, those that were chosen', async () => {
    const { page } = await suite.owner()
    const entry = { command: 'node', args: [`${FIXTURES}/workbench-server.mjs`] }
    await openAdd(page, JSON.stringify({ mcpServers: { 'json-a': entry, 'json-b': entry, 'json-c': entry } }))
    await page.getByRole('heading', { name: 'Choose from 3 servers' }).waitFor()
    await dialog(page).getByRole('checkbox', { name: 'json-b' }).click()
    await dialog(page).getByRole('button', { name: 'Add only' }).click()
    await page.getByRole('heading', { name: '2 servers added' }).waitFor()
    const { items } = await suite.product.api<{ items: { name: string; isApproved: boolean }[] }>('GET', '/deployments?limit=200')
    const added = items.filter(({ name }) => name.startsWith('json-')).map(({ name, isApproved }) => [name, isApproved])
    expect(added).toEqual([
      ['json-a', false],
      ['json-c', false],
    ])
  })

  it('says what is wrong with what was pasted, and keeps it', async () => {
    const { page, expects } = await suite.owner()
    expects(/status of 4\d\d/)
    await openAdd(page, '{ "mcpServers": { "a": ')
    await dialog(page).getByRole('alert').waitFor()
    expect(await page.getByRole('textbox', { name: 'Address, command or JSON' }).inputValue()).toBe('{ "mcpServers": { "a": ')
  })

  it('wait for approval, which shows exactly what would run', async () => {
    await suite.product.api('POST', '/deployments', {
      name: 'waiting',
      title: 'Waiting',
      access: 'tenant',
      spec: launchOf('workbench-server.mjs'),
    })
    const { page } = await suite.owner()
    await page.goto('/app/deployments/waiting')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByRole('heading', { name: 'Approve waiting' }).waitFor()
    expect(new URL(page.url()).search).toContain('ask=approve')
    expect(await dialog(page).innerText()).toContain('workbench-server.mjs')
    await dialog(page).getByRole('button', { name: 'Approve and start' }).click()
    await page.getByRole('heading', { name: 'Approve waiting' }).waitFor({ state: 'detached' })
    await waitForState(suite.product, 'waiting', 'ready')
    await page.getByText('Ready').first().waitFor()
  })

  it('removes a server only after its name was typed', async () => {
    await suite.product.api('POST', '/deployments', {
      name: 'doomed',
      title: 'Doomed',
      access: 'tenant',
      spec: launchOf('workbench-server.mjs'),
    })
    const { page } = await suite.owner()
    await page.goto('/app/deployments/doomed?ask=remove')
    const remove = dialog(page).getByRole('button', { name: 'Remove server' })
    await remove.waitFor()
    expect(await remove.isDisabled()).toBe(true)
    await dialog(page).getByRole('textbox').fill('doome')
    expect(await remove.isDisabled()).toBe(true)
    await dialog(page).getByRole('textbox').fill('doomed')
    await remove.click()
    await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()
    await expect(suite.product.api('GET', '/deployments/doomed')).rejects.toThrow('404')
  })

  it('says that a server does not exist, and the way back', async () => {
    const { page, expects } = await suite.owner()
    expects(/status of 404/)
    await page.goto('/app/deployments/nobody')
    await page.getByRole('alert').waitFor()
    await page.getByRole('link', { name: 'Show all deployments' }).click()
    await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()
  })
})

describe('the log of a deployment', () => {
  let key = ''
  const suite = useConsole({
    prepare: async (product) => {
      key = (await product.createKey('log', { scopes: ['mcp:list', 'mcp:call'] })).key
      await addServer(product, 'bench', 'workbench-server.mjs')
    },
  })

  it('shows lines as they are written, and filters them', async () => {
    const { page } = await suite.owner()
    await page.goto('/app/deployments/bench?tab=logs')
    await page.getByText('workbench is here').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    await callTool(suite.product, 'bench', key, 'add', { a: 1, b: 2 })
    await page.getByText('call of add').waitFor()
    await page.getByRole('searchbox', { name: 'Filter lines' }).fill('is here')
    await page.getByText('call of add').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('q')).toBe('is here')
  })
})
