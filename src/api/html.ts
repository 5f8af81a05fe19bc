import { createHash } from 'node:crypto'

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[]

/** A piece of HTML; whatever is put in and is not HTML itself is escaped. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.reduce((text, piece, index) => text + render(parts[index - 1]!) + piece))
}

function render(part: Part): string {
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(({ text }) => text).join('')
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Of every page of ours; the first content of the console's shell has it too. */
export const STYLE = `
:root{color-scheme:light dark;--ground:oklch(98.6% .003 250);--raised:oklch(100% 0 0);--text:oklch(24% .015 255);--soft:oklch(50% .015 255);--line:oklch(91% .006 255);--accent:oklch(48% .11 195);--code:oklch(96.4% .006 255);--get:oklch(50% .1 195);--post:oklch(50% .12 150);--put:oklch(52% .12 75);--delete:oklch(52% .17 25)}
@media (prefers-color-scheme:dark){:root{--ground:oklch(19% .012 255);--raised:oklch(22.5% .013 255);--text:oklch(92% .008 255);--soft:oklch(68% .015 255);--line:oklch(32% .014 255);--accent:oklch(76% .1 195);--code:oklch(25.5% .014 255);--get:oklch(76% .09 195);--post:oklch(77% .12 150);--put:oklch(80% .11 80);--delete:oklch(74% .13 25)}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:24px}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.6 ui-sans-serif,system-ui,"Segoe UI",Roboto,sans-serif}
code,pre,.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
pre{margin:0;padding:12px 16px;overflow:auto;background:var(--code);border:1px solid var(--line);border-radius:8px;line-height:1.55}
h1{margin:0 0 4px;font-size:28px;line-height:1.25;letter-spacing:-.02em}
h2{margin:56px 0 8px;font-size:20px;letter-spacing:-.01em}
h3{margin:0;font-size:15px;font-weight:600}
h4{margin:20px 0 8px;font-size:13px;font-weight:600;color:var(--soft)}
p{margin:8px 0}
.soft{color:var(--soft)}
.layout{display:grid;grid-template-columns:316px minmax(0,1fr);max-width:1160px;margin:0 auto}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:32px 16px 32px 24px;border-right:1px solid var(--line);font-size:13px}
nav strong{display:block;margin:20px 0 4px;font-size:12px;color:var(--soft);font-weight:600}
nav a{display:block;padding:3px 8px;margin-left:-8px;border-radius:6px;color:var(--text);text-decoration:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
nav a[title]{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px}
nav .method{display:inline-block;min-width:48px;font-size:10.5px}
nav a:hover{background:var(--code)}
nav.narrow{display:none}
nav details{margin:0}
nav .brand{font-weight:650;font-size:15px;letter-spacing:-.01em}
main{padding:32px 40px 96px;min-width:0}
article{margin:16px 0;padding:20px 24px;background:var(--raised);border:1px solid var(--line);border-radius:12px}
.head{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px}
.path{overflow-wrap:anywhere;color:var(--soft)}
.method{font:600 12px/1 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;min-width:52px}
.GET{color:var(--get)}.POST{color:var(--post)}.PUT,.PATCH{color:var(--put)}.DELETE{color:var(--delete)}
.facts{display:flex;flex-wrap:wrap;gap:4px 8px;margin:10px 0 0;padding:0;list-style:none;font-size:12.5px;color:var(--soft)}
.facts li{padding:1px 8px;border:1px solid var(--line);border-radius:999px}
details{margin-top:12px}
summary{cursor:pointer;font-size:13px;color:var(--soft)}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:13px}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft)}
.card{max-width:560px;margin:12vh auto 48px;padding:40px;background:var(--raised);border:1px solid var(--line);border-radius:16px}
.card ol{padding-left:20px}
.card li{margin:12px 0}
.key{margin:16px 0;user-select:all;overflow-wrap:anywhere;white-space:pre-wrap}
button{margin-top:16px;padding:10px 18px;font:inherit;font-weight:600;color:var(--ground);background:var(--accent);border:0;border-radius:8px;cursor:pointer}
button:hover{filter:brightness(1.08)}
.mark{display:block;margin-bottom:20px;color:var(--accent)}
@media (max-width:820px){.layout{display:block}nav.wide{display:none}nav.narrow{display:block;position:static;height:auto;padding:14px 20px;border-right:0;border-bottom:1px solid var(--line)}main{padding:24px 20px 64px}.card{margin:0;min-height:100vh;border:0;border-radius:0}}
`
/** Whole, because the hash of the policy covers every character between the tags. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`)
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** The mark: two doors, one of them open. */
export const MARK = html`<svg
  class="mark"
  width="36"
  height="36"
  viewBox="0 0 36 36"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  aria-hidden="true"
>
  <path d="M5 32V14a13 13 0 0 1 26 0v18" />
  <path d="M18 6v26M12 32V16l6-3" />
  <path d="M2 32h32" />
</svg>`

/** What every page of ours says beside its content security policy. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // Not `no-referrer`: with that, a browser sends our own form with `Origin: null`.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** A whole page of ours: no script, no frame, nothing from elsewhere, and a form that goes nowhere but here. */
export function pageAnswer(title: string, body: Html, status = 200): Response {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${body}
      </body>
    </html> `
  return new Response(page.text, {
    status,
    headers: {
      ...PAGE_HEADERS,
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    },
  })
}
