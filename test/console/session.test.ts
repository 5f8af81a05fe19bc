// In and out: with a key, with a wrong one, in several tabs, and when the session ends under somebody's hands.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'

const signIn = async (page: Page, key: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Key', exact: true }).fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

describe('signing in', () => {
  const suite = useConsole()

  it('asks whoever comes without a session, and leads to where they wanted to go', async () => {
    const { page } = await suite.visitor()
    const { key } = await suite.product.createKey('sign in')
    await page.goto('/app/activity?verdict=deny')
    await heading(page, 'Sign in').waitFor()
    await signIn(page, `  ${key}\n`)
    await heading(page, 'Activity').waitFor()
    expect(new URL(page.url()).search).toBe('?verdict=deny')
    expect(
      await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]) + document.cookie),
    ).not.toContain(key)
  })

  it('says why a key is refused and keeps what was typed', async () => {
    const { page, expects } = await suite.visitor()
    expects(/status of 401/)
    await page.goto('/app/sign-in')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Paste a key first.').waitFor()
    await signIn(page, 'sp_nobody-has-this-key')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue()).toBe('sp_nobody-has-this-key')
  })

  it('never leads to another place than this console', async () => {
    const { key } = await suite.product.createKey('next')
    for (const next of ['https://evil.example/', '//evil.example/x', 'javascript:alert(1)', '/\\evil.example']) {
      const { page } = await suite.visitor()
      await page.goto(`/app/sign-in?next=${encodeURIComponent(next)}`)
      await signIn(page, key)
      await page.getByRole('navigation', { name: 'Places' }).waitFor()
      expect(page.url().startsWith(`${suite.product.url}/app`)).toBe(true)
    }
  })

  it('tells a key for tools what it can do here', async () => {
    const { key } = await suite.product.createKey('tools only', { scopes: ['mcp:list', 'mcp:call'] })
    const { page, expects } = await suite.visitor()
    expects(/status of 40[13]/)
    await page.goto('/app/sign-in')
    await signIn(page, key)
    await heading(page, 'You are signed in with a key for tools').waitFor()
  })

  it('signs out in every tab at once, and the session is over on the server too', async () => {
    const { page, newTab, context, expects } = await suite.owner()
    expects(/status of 401/)
    const other = await newTab()
    await page.goto('/app')
    await other.goto('/app/deployments')
    await heading(other, 'Deployments').waitFor()
    const proof = await page.evaluate(() => localStorage.getItem('sallyport.proof'))
    const [cookie] = await context.cookies()
    await page.getByRole('button', { name: 'Account and theme' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await heading(page, 'You are signed out').waitFor()
    await heading(other, 'Your session has ended').waitFor()
    const answer = await fetch(`${suite.product.url}/api/v1/whoami`, {
      headers: { cookie: `${cookie!.name}=${cookie!.value}`, 'sallyport-proof': proof! },
    })
    expect(answer.status).toBe(401)
    await page.goBack()
    expect(await page.getByRole('navigation', { name: 'Places' }).count()).toBe(0)
  })

  it('shows the way back when its key is revoked, and goes on at the same place', async () => {
    const { page, keyId, expects } = await suite.owner()
    expects(/status of 401/)
    await page.goto('/app/activity?kind=admin')
    await page.getByRole('button', { name: /^Live/ }).waitFor()
    await suite.product.api('DELETE', `/keys/${keyId}`)
    await heading(page, 'Your session has ended').waitFor()
    await page.getByText('you are back where you were').waitFor()
    const { key } = await suite.product.createKey('again')
    await signIn(page, key)
    await heading(page, 'Activity').waitFor()
    expect(new URL(page.url()).search).toBe('?kind=admin')
  })

  it('shows nothing of the one who was here before to the next', async () => {
    const { page, expects } = await suite.owner()
    expects(/status of 40[13]/)
    await page.goto('/app/keys')
    await heading(page, 'Keys').waitFor()
    await page.getByRole('button', { name: 'Account and theme' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await heading(page, 'You are signed out').waitFor()
    const { key } = await suite.product.createKey('the next one', { scopes: ['mcp:list'] })
    await signIn(page, key)
    await heading(page, 'You are signed in with a key for tools').waitFor()
    await page.getByRole('button', { name: 'Continue to the console' }).click()
    await page.getByRole('navigation', { name: 'Places' }).waitFor()
    expect(await page.locator('body').innerText()).not.toContain('console test')
  })
})
