import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { problem, temporaryFolder } from '#store/testing.ts'
import { type ConsoleFiles, loadConsoleFiles } from './console-files.ts'
import { openTestApi, type TestApi } from './testing.ts'

const SHELL = `<!doctype html>
<html lang="en">
  <head>
    <meta name="csp-nonce" content="%NONCE%" />
    <title>Sallyport</title>
    <script type="module" crossorigin src="/app/assets/index-1a2b.js"></script>
  </head>
  <body>
    <div id="root"></div>
  </body>
</html>
`
const SCRIPT = 'export const answer = 42;\n'.repeat(100)
const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>'

/** A small build, as the bundler leaves it. */
function build(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = temporaryFolder()
  const all = {
    'index.html': SHELL,
    'icon.svg': ICON,
    'assets/index-1a2b.js': SCRIPT,
    'assets/index-1a2b.js.br': brotliCompressSync(SCRIPT),
    'assets/index-1a2b.js.gz': gzipSync(SCRIPT),
    'assets/font.woff2': Buffer.from([1, 2, 3, 255]),
    ...files,
  }
  for (const [name, content] of Object.entries(all)) {
    const file = join(folder, name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, content)
  }
  return folder
}

const openWith = (files: ConsoleFiles | null = loadConsoleFiles(build())): Promise<TestApi> => openTestApi(undefined, files)
const get = (api: TestApi, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  api.send(method, path, { key: null, headers })
const nonceOf = (answer: Response): string => /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy')!)![1]!

describe('the shell of the console', () => {
  it.each(['/app', '/app/', '/app/index.html', '/app/activity/evt_1', '/app/deployments/docs?tab=tools'])(
    'is at %s, with a fresh nonce and a strict policy',
    async (path) => {
      const api = await openWith()
      const [one, other] = [await get(api, path), await get(api, path)]
      expect([one.status, one.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(one.headers.get('cache-control')).toBe('no-store')
      expect(one.headers.get('x-frame-options')).toBe('DENY')
      expect(one.headers.get('x-content-type-options')).toBe('nosniff')
      expect(one.headers.get('cross-origin-opener-policy')).toBe('same-origin')
      const nonce = nonceOf(one)
      expect(nonce).toMatch(/^[\w+/]{24}$/)
      expect(nonce).not.toBe(nonceOf(other))
      expect(one.headers.get('content-security-policy')).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; ` +
          `connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      )
      expect(await one.text()).toBe(SHELL.replace('%NONCE%', nonce))
    },
  )

  it('is where the root of the server leads', async () => {
    const home = await get(await openWith(), '/')
    expect([home.status, home.headers.get('location')]).toEqual([302, '/app/'])
  })

  it('answers HEAD without a body', async () => {
    const api = await openWith()
    for (const path of ['/app/', '/app/icon.svg']) {
      const answer = await get(api, path, {}, 'HEAD')
      expect([answer.status, await answer.text()]).toEqual([200, ''])
    }
  })
})

describe('the files of the console', () => {
  it.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
    ['', null, (bytes: Buffer) => bytes],
    ['identity', null, (bytes: Buffer) => bytes],
    ['gzip;q=0, *;q=0', null, (bytes: Buffer) => bytes],
  ])('come in the form that "%s" accepts, and are kept for ever when their name tells their content', async (accepted, coding, decode) => {
    const api = await openWith()
    const answer = await get(api, '/app/assets/index-1a2b.js', accepted === '' ? {} : { 'accept-encoding': accepted })
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, coding])
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('vary')).toBe('accept-encoding')
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(answer.headers.get('content-length')).toBe(String(bytes.length))
    expect(decode(bytes).toString()).toBe(SCRIPT)
  })

  it('are asked about again when they are not, and answered with 304 while they are the same', async () => {
    const api = await openWith()
    const first = await get(api, '/app/icon.svg')
    expect([first.headers.get('content-type'), first.headers.get('cache-control')]).toEqual(['image/svg+xml', 'no-cache'])
    expect([first.headers.get('vary'), await first.text()]).toEqual([null, ICON])
    const etag = first.headers.get('etag')!
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(api, '/app/icon.svg', { 'if-none-match': known })
      expect([known, again.status, await again.text(), again.headers.get('etag')]).toEqual([known, 304, '', etag])
    }
    expect((await get(api, '/app/icon.svg', { 'if-none-match': '"other"' })).status).toBe(200)
    const changed = await openWith(loadConsoleFiles(build({ 'icon.svg': `${ICON} ` })))
    expect((await get(changed, '/app/icon.svg', { 'if-none-match': etag })).status).toBe(200)
  })

  it('are bytes', async () => {
    const answer = await get(await openWith(), '/app/assets/font.woff2')
    expect([answer.headers.get('content-type'), ...new Uint8Array(await answer.arrayBuffer())]).toEqual(['font/woff2', 1, 2, 3, 255])
    const strange = await get(await openWith(loadConsoleFiles(build({ 'page.exe': '<script>' }))), '/app/page.exe')
    expect([strange.headers.get('content-type'), strange.headers.get('x-content-type-options')]).toEqual([
      'application/octet-stream',
      'nosniff',
    ])
  })

  it.each([
    '/app/assets/gone-1a2b.js',
    '/app/assets/index-1a2b.js.br',
    '/app/assets/..%2f..%2f..%2fpackage.json',
    '/app/%2e%2e/%2e%2e/etc/passwd.txt',
    '/app//etc/passwd.txt',
    '/app/..\\package.json',
  ])('are only those of the build: %s', async (path) => {
    const api = await openWith()
    const answer = await get(api, path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  it('hold the icon that browsers look for', async () => {
    const api = await openWith()
    for (const path of ['/favicon.svg', '/favicon.ico']) expect(await (await get(api, path)).text()).toBe(ICON)
    expect((await get(await openWith(null), '/favicon.ico')).status).toBe(404)
  })
})

describe('a build', () => {
  it('that is not there is told, with the command that makes it', async () => {
    expect(loadConsoleFiles(join(temporaryFolder(), 'dist'))).toBeNull()
    const api = await openWith(null)
    for (const path of ['/app', '/app/', '/app/activity', '/app/assets/index-1a2b.js']) {
      const answer = await get(api, path)
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('npm run build')])
    }
    expect((await get(api, '/')).headers.get('location')).toBe('/docs')
  })

  it('that is too large to be held is refused', () => {
    const many = Object.fromEntries(Array.from({ length: LIMITS.consoleFilesMax }, (_, index) => [`assets/${index}.js`, '']))
    expect(() => loadConsoleFiles(build(many))).toThrow(problem('overloaded', 'consoleFilesMax'))
    expect(() => loadConsoleFiles(build({ 'assets/a.png': Buffer.alloc(LIMITS.consoleBytesMax + 1) }))).toThrow(
      problem('overloaded', 'consoleBytesMax'),
    )
  })
})

describe('the welcome page of a built console', () => {
  it('is its shell, which tells the script of the link and works without one', async () => {
    const api = await openWith()
    const token = await api.identity.createOwnerLink()
    const page = await get(api, `/welcome?token=${token}`)
    const text = await page.text()
    expect(page.status).toBe(200)
    expect(text).toContain('<meta name="sallyport-link" content="good" /></head>')
    expect(text).toContain('src="/app/assets/index-1a2b.js"')
    expect(text).toContain(`<meta name="csp-nonce" content="${nonceOf(page)}" />`)
    const root = /<div id="root"><style nonce="([^"]+)">[\s\S]*<\/style>([\s\S]*)<\/div>/.exec(text)!
    expect(root[1]).toBe(nonceOf(page))
    expect(root[2]).toContain('<form method="post" action="/welcome">')
    expect(root[2]).toContain(`name="token" value="${token}"`)

    const answer = await api.send('POST', '/welcome', {
      key: null,
      body: new URLSearchParams({ token }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(await answer.text()).toMatch(/sp_[\w-]{43}/)
  })

  it('says so when the link no longer works, and escapes what is in the address', async () => {
    const api = await openWith()
    for (const token of ['', 'guess', '$&$`"><script>alert(1)</script>']) {
      const page = await get(api, `/welcome?token=${encodeURIComponent(token)}`)
      const text = await page.text()
      expect(page.status).toBe(410)
      expect(text).toContain('<meta name="sallyport-link" content="broken" />')
      expect(text).toContain('sallyport owner link')
      expect(text).not.toMatch(/<form|alert\(1\)/)
    }
  })

  it('is the plain page when the build has no root for it', async () => {
    const api = await openWith(loadConsoleFiles(build({ 'index.html': '<p>no root</p>' })))
    expect(await (await get(api, '/welcome')).text()).toContain('<main class="card">')
  })
})
