import { randomBytes } from 'node:crypto'
import { Problem } from '#std/index.ts'
import { problemAnswer } from './answer.ts'
import { type ConsoleFile, type ConsoleFiles, CONTENT_CODINGS, type ContentCoding } from './console-files.ts'
import { html, type Html, MARK, pageAnswer, PAGE_HEADERS, STYLE } from './html.ts'

/** Where the console lies. The build writes the same into its addresses. */
export const CONSOLE_BASE = '/app'

const ROOT = /<div id="root">\s*<\/div>/
const FAVICONS: Readonly<Record<string, readonly string[]>> = {
  '/favicon.ico': ['favicon.ico', 'favicon.svg', 'icon.svg'],
  '/favicon.svg': ['favicon.svg', 'icon.svg'],
}

/** A file of the console, its shell for every address that is for its own routing, or word that it was not built. */
export function consolePage(files: ConsoleFiles | null, request: Request): Response {
  if (files === null) return notBuiltPage()
  const name = new URL(request.url).pathname.slice(CONSOLE_BASE.length + 1)
  const file = files.files.get(name)
  if (file !== undefined) return fileAnswer(file, request)
  if (name.slice(name.lastIndexOf('/') + 1).includes('.') && name !== 'index.html') {
    return problemAnswer(new Problem('not-found', 'The console has no such file.', { remedy: 'Load the page again.' }))
  }
  return shellAnswer(files)
}

/** The mark of the console in the places where browsers look for it by themselves; null when it has none. */
export function favicon({ files }: ConsoleFiles, request: Request): Response | null {
  const found = FAVICONS[new URL(request.url).pathname]?.map((name) => files.get(name)).find((file) => file !== undefined)
  return found === undefined ? null : fileAnswer(found, request)
}

/** What stands in the shell until its script takes over, and for good where no script runs. */
export interface ShellContent {
  readonly fallback: Html
  readonly status: number
  /** Told to the script: whether the owner link in the address would still work. */
  readonly link: 'good' | 'broken'
}

/** The page of the console, with a nonce of its own. */
export function shellAnswer(files: ConsoleFiles, content?: ShellContent): Response {
  const nonce = randomBytes(18).toString('base64')
  let page = files.shell.replaceAll('%NONCE%', nonce)
  if (content !== undefined) {
    const meta = html`<meta name="sallyport-link" content="${content.link}" />`.text
    // Inside of the root, so that the style goes with the content when the script takes over.
    const fallback = `<div id="root"><style nonce="${nonce}">${STYLE}</style>${content.fallback.text}</div>`
    page = page.replace('</head>', () => `${meta}</head>`).replace(ROOT, () => fallback)
  }
  return new Response(page, {
    status: content?.status ?? 200,
    headers: {
      ...PAGE_HEADERS,
      'content-security-policy': [
        `default-src 'none'`,
        `script-src 'self'`,
        `style-src 'self' 'nonce-${nonce}'`,
        `img-src 'self' data:`,
        `font-src 'self'`,
        `connect-src 'self'`,
        `manifest-src 'self'`,
        `form-action 'self'`,
        `base-uri 'none'`,
        `frame-ancestors 'none'`,
      ].join('; '),
    },
  })
}

/** Whether the shell has a root that content can be put into. */
export const hasRoot = ({ shell }: ConsoleFiles): boolean => ROOT.test(shell)

function fileAnswer({ type, isImmutable, variants }: ConsoleFile, request: Request): Response {
  const accepted = acceptedCodings(request.headers.get('accept-encoding') ?? '')
  const coding = CONTENT_CODINGS.find((each) => variants.has(each) && (each === 'identity' || accepted.has(each))) ?? 'identity'
  const { bytes, etag } = variants.get(coding)!
  const headers: Record<string, string> = {
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    etag,
    ...(variants.size > 1 ? { vary: 'accept-encoding' } : {}),
  }
  if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return new Response(bytes, {
    headers: {
      ...headers,
      'content-type': type,
      'content-length': String(bytes.length),
      ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
    },
  })
}

/** RFC 9110 §12.5.3. A weight of zero refuses. */
function acceptedCodings(header: string): ReadonlySet<ContentCoding> {
  const weights = new Map<string, number>()
  for (const entry of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  const weightOf = (coding: ContentCoding): number => weights.get(coding) ?? weights.get('*') ?? 0
  return new Set(CONTENT_CODINGS.filter((coding) => weightOf(coding) > 0))
}

/** RFC 9110 §13.1.2: compared weakly, for proxies mark what they compress. */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((entry) => {
    const text = entry.trim()
    return text === '*' || (text.startsWith('W/') ? text.slice(2) : text) === etag
  })
}

function notBuiltPage(): Response {
  const body = html`<main class="card">
    ${MARK}
    <h1>The console is not built</h1>
    <p>This server runs from a source folder in which the files of its console were not made yet. Make them there, and start it again:</p>
    <pre>npm run build</pre>
    <p class="soft">Everything else works without it: the command line, and the API at <a href="/docs">/docs</a>.</p>
  </main>`
  return pageAnswer('The console is not built', body, 503)
}
