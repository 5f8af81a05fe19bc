// Every page of the console and everything that opens over one, with the name it has in pictures and findings. The
// paths fit the seeded product of seed.ts.
import type { Page } from 'playwright-core'

export interface Place {
  readonly name: string
  readonly path: string
  /** Steps after loading that no address stands for. */
  readonly open?: (page: Page) => Promise<void>
  /** Needs no session. */
  readonly isPublic?: true
  /** Shows what loading looks like, for ever. */
  readonly isNeverDone?: true
}

export const PLACES: readonly Place[] = [
  { name: 'overview', path: '/app' },
  { name: 'profiles', path: '/app/profiles' },
  { name: 'profiles-create', path: '/app/profiles?create=1' },
  { name: 'profile', path: '/app/profiles/team' },
  { name: 'profile-servers', path: '/app/profiles/team?tab=servers' },
  { name: 'profile-connect', path: '/app/profiles/team?tab=connect' },
  { name: 'profile-settings', path: '/app/profiles/team?tab=settings' },
  { name: 'profile-tool', path: '/app/profiles/team?tool=workbench__add' },
  { name: 'deployments', path: '/app/deployments' },
  { name: 'deployments-add', path: '/app/deployments?add=1' },
  { name: 'deployment', path: '/app/deployments/workbench' },
  { name: 'deployment-failed', path: '/app/deployments/archive' },
  { name: 'deployment-waiting', path: '/app/deployments/calendar' },
  { name: 'deployment-tools', path: '/app/deployments/workbench?tab=tools' },
  { name: 'deployment-tool', path: '/app/deployments/workbench?tab=tools&tool=add' },
  { name: 'deployment-access', path: '/app/deployments/archive?tab=access' },
  { name: 'deployment-logs', path: '/app/deployments/workbench?tab=logs' },
  { name: 'deployment-connect', path: '/app/deployments/workbench?tab=connect' },
  { name: 'deployment-settings', path: '/app/deployments/workbench?tab=settings' },
  { name: 'deployment-approve', path: '/app/deployments/calendar?ask=approve' },
  { name: 'deployment-grant', path: '/app/deployments/archive?ask=grant' },
  { name: 'deployment-edit', path: '/app/deployments/workbench?ask=edit' },
  { name: 'deployment-remove', path: '/app/deployments/workbench?ask=remove' },
  { name: 'playground', path: '/app/playground?endpoint=workbench&tool=add' },
  { name: 'playground-result', path: '/app/playground?endpoint=workbench&tool=add', open: runAdd },
  { name: 'activity', path: '/app/activity' },
  { name: 'activity-event', path: '/app/activity?kind=call&method=tools%2Fcall', open: openFirstEvent },
  { name: 'keys', path: '/app/keys' },
  { name: 'keys-create', path: '/app/keys?create=1' },
  { name: 'settings', path: '/app/settings' },
  { name: 'settings-secrets', path: '/app/settings?tab=secrets' },
  { name: 'settings-health', path: '/app/settings?tab=health' },
  { name: 'settings-file', path: '/app/settings?tab=file' },
  { name: 'settings-owners', path: '/app/settings?tab=owners' },
  { name: 'palette', path: '/app', open: openPalette },
  { name: 'shortcuts', path: '/app', open: openShortcuts },
  { name: 'style', path: '/app/style', isNeverDone: true },
  { name: 'not-found', path: '/app/nowhere' },
  { name: 'first-run-1', path: '/app/first-run?step=1' },
  { name: 'first-run-2', path: '/app/first-run?step=2' },
  { name: 'first-run-3', path: '/app/first-run?step=3&endpoint=workbench' },
  { name: 'sign-in', path: '/app/sign-in', isPublic: true },
  { name: 'welcome-broken', path: '/welcome?token=nobody-made-this', isPublic: true },
]

async function runAdd(page: Page): Promise<void> {
  await page
    .getByRole('spinbutton', { name: /^a/ })
    .or(page.getByRole('textbox', { name: /^a\b/ }))
    .first()
    .fill('20')
  await page
    .getByRole('spinbutton', { name: /^b/ })
    .or(page.getByRole('textbox', { name: /^b\b/ }))
    .first()
    .fill('22')
  await page.getByRole('button', { name: 'Run tool' }).click()
  await page.getByText('The sum is 42').first().waitFor()
}

async function openFirstEvent(page: Page): Promise<void> {
  const list = page.getByRole('grid', { name: /^Events/ })
  await list.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('Flight record').waitFor()
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /^Search/ }).waitFor()
}

async function openShortcuts(page: Page): Promise<void> {
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
}

/** Goes there and waits until everything that was asked for is shown. */
export async function visit(page: Page, place: Place): Promise<void> {
  await page.goto(place.path)
  await settled(page, place)
  await place.open?.(page)
  await settled(page, place)
}

/** Nothing holds the place of something that is still loading, and nothing moves. */
export async function settled(page: Page, { isNeverDone }: Pick<Place, 'isNeverDone'> = {}): Promise<void> {
  await page.getByRole('heading').or(page.getByRole('dialog')).first().waitFor()
  await frameShown(page)
  if (isNeverDone === true) return
  await page.waitForFunction(() => {
    const isLoading = document.querySelector('[aria-busy="true"], [aria-label="Loading"], .animate-pulse-soft.bg-hover') !== null
    const isMoving = document
      .getAnimations()
      .some(({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity)
    return !isLoading && !isMoving && document.fonts.status === 'loaded'
  })
}

/** The sidebar, where there is one, says who is signed in. */
export async function frameShown(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const sidebar = document.querySelector('aside:has(nav[aria-label="Places"])')
    const account = sidebar?.lastElementChild?.textContent ?? ''
    return sidebar === null || !sidebar.checkVisibility() || (account.includes('Account and theme') && !account.startsWith('…'))
  })
}
