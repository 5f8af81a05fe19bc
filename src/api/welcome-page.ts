import { recordAdmin } from '#audit/index.ts'
import { ANONYMOUS, DEFAULT_TENANT } from '#identity/index.ts'
import { Problem } from '#std/index.ts'
import { hasRoot, shellAnswer } from './console-page.ts'
import type { ApiDeps } from './deps.ts'
import { html, type Html, MARK, pageAnswer } from './html.ts'
import { readForm } from './read-input.ts'

const TOKEN_LENGTH_MAX = 128

/**
 * The page behind the one-time link. Looking at it does not use it up, so that link previews and prefetching browsers
 * do no harm; a token that is no longer good, or never was, is told at once and counts as a failed authentication.
 * With a built console it is the console's shell, which goes on from here; without script it works as it stands.
 */
export async function welcomePage(deps: WelcomeDeps, token: string, address: string): Promise<Response> {
  if (token === '' || token.length > TOKEN_LENGTH_MAX) return openingPage(deps, brokenLink, 'broken')
  if (!(await deps.identity.isOwnerLinkGood(token))) {
    deps.limiter.takeFailure(address, deps.now())
    return openingPage(deps, brokenLink, 'broken')
  }
  return openingPage(deps, goodLink(token), 'good')
}

type WelcomeDeps = Pick<ApiDeps, 'identity' | 'limiter' | 'now' | 'console'>

function openingPage({ console: files }: WelcomeDeps, page: Page, link: 'good' | 'broken'): Response {
  if (files === null || !hasRoot(files)) return card(page)
  return shellAnswer(files, { fallback: cardHtml(page), status: page.status, link })
}

/** Uses the token up and shows the owner key. Recorded before it is shown, in force when it is. */
export async function redeemOwnerLink(deps: ApiDeps, request: Request, address: string): Promise<Response> {
  const atMs = deps.now()
  const token = (await readForm(request)).get('token') ?? ''
  deps.audit.recorder.assertWritable()
  try {
    const { record, key } = await deps.identity.redeemOwnerLink(token.slice(0, TOKEN_LENGTH_MAX))
    await deps.publisher.changed()
    await recordAdmin(deps.audit.recorder, event(atMs, { id: record.id, kind: 'owner', name: record.name }, record.tenant, null))
    return card(keyPage(key, deps.server.publicUrl))
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'unauthenticated') throw error
    deps.limiter.takeFailure(address, atMs)
    await recordAdmin(deps.audit.recorder, event(atMs, ANONYMOUS, DEFAULT_TENANT, error))
    return card(brokenLink)
  }
}

function event(
  atMs: number,
  actor: { id: string; kind: string; name: string },
  tenant: string,
  problem: Problem | null,
): Parameters<typeof recordAdmin>[1] {
  const { id, kind, name } = actor
  const common = { atMs, tenant, actor: { id, kind, name }, method: 'owner-link.redeem', target: id }
  return problem === null
    ? { ...common, verdict: 'allow', rule: 'owner-link', outcome: 'ok', status: 200 }
    : { ...common, verdict: 'deny', rule: problem.type, outcome: problem.type, status: problem.status }
}

interface Page {
  readonly title: string
  readonly content: Html
  readonly status: number
}

const goodLink = (token: string): Page => ({
  title: 'Welcome to Sallyport',
  status: 200,
  content: html`<h1>Welcome to Sallyport</h1>
    <p>This link makes you the owner of this server. It works once, for 30 minutes, and gives you a key that is shown a single time.</p>
    <form method="post" action="/welcome">
      <input type="hidden" name="token" value="${token}" /><button type="submit">Create the owner key</button>
    </form>`,
})

const brokenLink: Page = {
  title: 'This link no longer works',
  status: 410,
  content: html`<h1>This link no longer works</h1>
    <p>It was used, is older than 30 minutes, or a newer one has taken its place. Make a fresh one on the machine of the server:</p>
    <pre>sallyport owner link</pre>`,
}

const keyPage = (key: string, publicUrl: string): Page => ({
  title: 'Your owner key',
  status: 200,
  content: html`<h1>Your owner key</h1>
    <p>It is shown this once. Keep it where you keep passwords.</p>
    <pre class="key">${key}</pre>
    <h4>Next</h4>
    <ol>
      <li>
        Log the command line in, and paste the key when it asks
        <pre>sallyport login --url ${publicUrl}</pre>
      </li>
      <li>
        See which tools are there
        <pre>sallyport tool list</pre>
      </li>
      <li>
        Connect the client you work with; <code>sallyport client list</code> names them
        <pre>sallyport client connect claude-code</pre>
      </li>
    </ol>
    <p class="soft">The API is described at <a href="/docs">${publicUrl}/docs</a>.</p>`,
})

const cardHtml = ({ content }: Page): Html => html`<main class="card">${MARK}${content}</main>`
const card = (page: Page): Response => pageAnswer(page.title, cardHtml(page), page.status)
