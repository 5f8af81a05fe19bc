// The server restarts, the network goes away: the page says so, waits, and goes on.
import { describe, expect, it } from 'vitest'
import { useConsole } from './browser.ts'

const NETWORK_FAULTS = /net::ERR_|Failed to fetch|NetworkError|status of 50[234]/

describe('the connection', () => {
  const suite = useConsole()

  it('outlives a restart of the server: banner, fresh data, the same session', async () => {
    const { page, expects } = await suite.owner()
    expects(NETWORK_FAULTS)
    await page.goto('/app/deployments')
    await page.getByRole('link', { name: 'clock', exact: true }).or(page.getByText('clock').first()).first().waitFor()
    await suite.product.halt()
    // Whoever comes back to the tab asks anew.
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByText('The server does not answer.').waitFor()
    expect(await page.getByRole('heading', { level: 1, name: 'Deployments' }).count()).toBe(1)
    await suite.product.resume()
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' })
    await suite.product.api('POST', '/deployments', { name: 'after', title: 'After', spec: { kind: 'process', command: 'true' } })
    await page.getByText('after', { exact: true }).first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/app/deployments')
  })

  it('goes on following what happens after a restart', async () => {
    const { page, expects } = await suite.owner()
    expects(NETWORK_FAULTS)
    await page.goto('/app/activity')
    await page.getByRole('button', { name: /^Live/ }).waitFor()
    await suite.product.halt()
    await page.getByRole('button', { name: /^Reconnecting/ }).waitFor()
    await suite.product.resume()
    await page.getByRole('button', { name: /^Live/ }).waitFor()
    await suite.product.createKey('made-after-the-restart')
    await page
      .getByRole('row')
      .filter({ hasText: 'made-after-the-restart' })
      .or(page.getByRole('row').filter({ hasText: /keys?[./:]create|createKey/ }))
      .first()
      .waitFor()
  })

  it('says when this computer is offline, and goes on when it is back', async () => {
    const { page, context, expects } = await suite.owner()
    expects(NETWORK_FAULTS)
    await page.goto('/app/profiles')
    await page.getByText('starter').first().waitFor()
    await context.setOffline(true)
    await page.getByText('You are offline.').waitFor()
    await context.setOffline(false)
    await page.getByText('You are offline.').waitFor({ state: 'detached' })
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Keys' }).click()
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor()
  })

  it('keeps what was typed while the server is away', async () => {
    const { page, expects } = await suite.owner()
    expects(NETWORK_FAULTS)
    await page.goto('/app/deployments?add=1')
    const text = 'https://mcp.example.com/mcp'
    const field = page.getByRole('textbox', { name: 'Address, command or JSON' })
    await field.fill(text)
    await suite.product.halt()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    expect(await field.inputValue()).toBe(text)
    await suite.product.resume()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Review server' }).waitFor()
  })
})
