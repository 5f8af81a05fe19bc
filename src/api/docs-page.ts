import { PROBLEMS } from '#std/index.ts'
import { z } from 'zod'
import { API_BASE, CONTRACT, type Route, type RouteId, routePath } from './contract.ts'
import { EXAMPLES } from './contract-examples.ts'
import { html, type Html, MARK, pageAnswer } from './html.ts'

const TITLES: Readonly<Record<Route['noun'], string>> = {
  server: 'Server',
  deployments: 'Deployments',
  profiles: 'Profiles',
  keys: 'Keys',
  activity: 'Activity',
  secrets: 'Secrets',
}
const NEEDS: Readonly<Record<Route['needs'], string>> = {
  nobody: 'no credential',
  any: 'any credential',
  admin: 'scope admin',
  owner: 'an owner',
}
const EFFECTS: Readonly<Record<Route['effect'], string>> = { read: 'reads', act: 'recorded', change: 'recorded, in force when answered' }
const ids = Object.keys(CONTRACT) as RouteId[]

/** The reference of the control plane, made from the contract. */
export function docsPage(version: string, publicUrl: string): Response {
  const nouns = Object.keys(TITLES) as Route['noun'][]
  const of = (noun: string): RouteId[] => ids.filter((id) => CONTRACT[id].noun === noun)
  const links = html`${nouns.map((noun) => html`<strong>${TITLES[noun]}</strong>${of(noun).map(navLink)}`)} <strong>More</strong
    ><a href="#problems">Problems</a><a href="${API_BASE}/openapi.json">OpenAPI document</a>`
  const body = html`<div class="layout">
    <nav aria-label="Routes" class="wide"><span class="brand">Sallyport</span>${links}</nav>
    <nav aria-label="Routes" class="narrow">
      <details>
        <summary>Sallyport routes</summary>
        ${links}
      </details>
    </nav>
    <main>
      ${MARK}
      <h1>Control plane</h1>
      <p class="soft">Version ${version}, at <code>${publicUrl}${API_BASE}</code></p>
      <p>
        Send a key as <code>Authorization: Bearer sp_…</code>. Bodies are JSON; unknown members are refused. Lists answer
        <code>{ items, nextCursor }</code>; give <code>cursor</code> back for the next page. Refusals are problem documents (RFC 9457) that
        say what happened, why, and what to do; every route may refuse for want of a credential or a scope, for input that does not fit, and
        for haste.
      </p>
      ${nouns.map(
        (noun) =>
          html`<section>
            <h2>${TITLES[noun]}</h2>
            ${of(noun).map((id) => article(id, publicUrl))}
          </section>`,
      )}
      <section id="problems">
        <h2>Problems</h2>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Status</th>
                <th>Type</th>
                <th>Meaning</th>
              </tr>
            </thead>
            <tbody>
              ${Object.entries(PROBLEMS).map(
                ([type, { status, title }]) =>
                  html`<tr>
                    <td>${status}</td>
                    <td><code>${type}</code></td>
                    <td>${title}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
    </main>
  </div>`
  return pageAnswer('Sallyport control plane', body)
}

function navLink(id: RouteId): Html {
  const { method, path, summary } = CONTRACT[id]
  return html`<a href="#${id}" title="${path}: ${summary}"><span class="method ${method}">${method}</span>${path}</a>`
}

function article(id: RouteId, publicUrl: string): Html {
  const route: Route = CONTRACT[id]
  const { response } = EXAMPLES[id]
  const problems = route.problems ?? []
  return html`<article id="${id}">
    <div class="head"><span class="method ${route.method}">${route.method}</span><span class="path">${API_BASE}${route.path}</span></div>
    <h3>${route.summary}</h3>
    <ul class="facts">
      <li>${NEEDS[route.needs]}</li>
      <li>${EFFECTS[route.effect]}</li>
      ${route.stream === undefined ? '' : html`<li>event stream</li>`}
    </ul>
    ${members('Query', route.query)}${members('Body', route.body)}
    <h4>Example</h4>
    <pre>${command(id, route, publicUrl)}</pre>
    ${
      response === undefined
        ? ''
        : html`<details>
            <summary>Answer (${route.status})</summary>
            <pre>${JSON.stringify(response, null, 2)}</pre>
          </details>`
    }
    ${problems.length === 0 ? '' : html`<p class="soft">Refuses with ${problems.map((type, index) => html`${index === 0 ? '' : ', '}<code>${type}</code>`)}.</p>`}
  </article>`
}

/** The members of an object, one row each. */
function members(title: string, schema: z.ZodType | undefined): Html | '' {
  if (schema === undefined) return ''
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  // A shape with a name is referred to, even where it is the whole.
  const { properties = {}, required = [] } = document.$defs?.[document.$ref?.split('/').at(-1) ?? ''] ?? document
  const rows = Object.entries(properties).map(([name, property]) => {
    const { description, default: fallback } = property as { description?: string; default?: unknown }
    const note = [required.includes(name) ? 'required' : '', fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`].filter(
      (text) => text !== '',
    )
    return html`<tr>
      <td><code>${name}</code></td>
      <td>${typeText(property)}</td>
      <td>${note.join(', ')}</td>
      <td>${description ?? ''}</td>
    </tr>`
  })
  return html`<h4>${title}</h4>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Type</th>
            <th></th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`
}

function typeText(property: unknown): string {
  if (typeof property !== 'object' || property === null) return 'any'
  const {
    type,
    enum: values,
    items,
    anyOf,
    oneOf,
    $ref,
  } = property as { type?: string; enum?: unknown[]; items?: unknown; anyOf?: unknown[]; oneOf?: unknown[]; $ref?: string }
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? 'object'
  if (values !== undefined) return values.map(String).join(' | ')
  const options = anyOf ?? oneOf
  if (options !== undefined) return [...new Set(options.map(typeText))].join(' | ')
  return type === 'array' ? `list of ${typeText(items)}` : (type ?? 'any')
}

function command(id: RouteId, route: Route, publicUrl: string): string {
  const { params, query, body } = EXAMPLES[id]
  const lines = [`curl ${route.method === 'GET' ? '' : `-X ${route.method} `}'${publicUrl}${routePath(id, params, query)}'`]
  if (route.needs !== 'nobody') lines.push(`  -H "Authorization: Bearer $SALLYPORT_KEY"`)
  if (route.stream?.isOnlyForm === true) lines.push(`  -H 'Accept: text/event-stream'`)
  if (body !== undefined) lines.push(`  -H 'Content-Type: application/json'`, `  -d '${JSON.stringify(body)}'`)
  return lines.join(' \\\n')
}
