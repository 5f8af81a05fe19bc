import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

/** Why tests are skipped without one. */
export const NO_CHROMIUM = 'no Chromium here: install it, or name one in SALLYPORT_TEST_CHROMIUM'

/** The browser of this machine; null when it has none. */
export function findChromium(): string | null {
  const given = process.env['SALLYPORT_TEST_CHROMIUM']
  return [...(given === undefined ? [] : [given]), ...PLACES].find((path) => existsSync(path)) ?? null
}

export function launchChromium(path: string): Promise<Browser> {
  // Chromium cannot make its own sandbox when it runs as root.
  return chromium.launch({ executablePath: path, args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...FLAGS] })
}

/** Cookie and storage of a session, as a browser has them after signing in with the key. */
export async function signInState(url: string, key: string): Promise<NonNullable<Exclude<BrowserContextOptions['storageState'], string>>> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ key }),
  })
  const { proof } = (await answer.json()) as { proof: string }
  const [, name = '', value = ''] = /^([^=]+)=([^;]+);/.exec(answer.headers.get('set-cookie') ?? '') ?? []
  return {
    cookies: [{ name, value, domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Strict' }],
    origins: [{ origin: url, localStorage: [{ name: 'sallyport.proof', value: proof }] }],
  }
}
