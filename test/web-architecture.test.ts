// The architecture of the console, as a test: its layers, what it may take of the server, and what no page may do.
// Change these tables and the paragraph on web/ in ARCHITECTURE.md together.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Files of src/ that the console may name: for their types, or also for their values, which then end up in the browser. */
const FROM_SERVER: Readonly<Record<string, 'types' | 'values'>> = {
  '#api/contract.ts': 'types',
  '#cli/clients.ts': 'values',
  '#std/problem-guide.ts': 'values',
}

/** Layer → what it may import of web/. Features may also name the types of the addresses that routes declare. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: ['lib'],
  components: ['lib', 'components'],
  features: ['lib', 'components', 'features'],
  routes: ['lib', 'components', 'features', 'routes'],
}

/** Feature → parts of other features that it may show. Whatever many features need belongs to components or lib. */
const FEATURE_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  activity: ['playground/hand-over.ts'],
  deployments: ['connect/connect-panel.tsx'],
  'first-run': [
    'connect/connect-panel.tsx',
    'connect/endpoint-view.ts',
    'connect/snippets.ts',
    'deployments/deployment-model.ts',
    'sign-in/entrance.tsx',
  ],
  keys: ['connect/endpoint-view.ts'],
  overview: ['connect/connect-panel.tsx', 'deployments/state-badge.tsx'],
  profiles: ['connect/connect-panel.tsx', 'connect/endpoint-view.ts', 'deployments/deployment-model.ts', 'deployments/state-badge.tsx'],
  'sign-in': ['connect/connect-panel.tsx'],
}

/** What no page may do, and why. */
const NEVER: readonly (readonly [what: RegExp, why: string])[] = [
  [/dangerouslySetInnerHTML/, 'React escapes text; this would not'],
  [/\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment/, 'markup is made by React alone'],
  [/\bsrcDoc\b|<iframe\b|<object\b|<embed\b/, 'no page within a page'],
  [/\beval\(|\bnew Function\(/, 'the content security policy forbids it'],
  [/\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b|sendBeacon/, 'everything goes through lib/api.ts, which adds the credential'],
  [/(?:fetch|send|import|Worker|open)\(\s*['"`](?:https?:)?\/\//, 'nothing is asked of another server'],
  [/\b(?:src|srcSet|action|formAction)=\{?['"`](?:https?:)?\/\//, 'nothing is loaded from another server'],
  [/@ts-(?:ignore|nocheck)/, 'types are not switched off'],
]

/** Files that may use what others may not, and what it is. */
const OWNERS: readonly (readonly [what: RegExp, files: readonly string[]])[] = [
  [/(?<![.\w])fetch\(/, ['lib/api.ts', 'components/shell/connection.tsx']],
  [
    /\blocalStorage\b|\bsessionStorage\b/,
    ['lib/session.ts', 'lib/theme.ts', 'components/shell/keyboard.ts', 'features/playground/hand-over.ts', 'features/playground/visit.ts'],
  ],
  [/sallyport-proof/, ['lib/session.ts']],
  [/\bdocument\.cookie\b/, []],
]

const TSX_LINES_MAX = 250
const FROM = /^(?:import|export)\s+(type\s+)?([^'"=();]*?)\s*from\s+'([^']+)'/gm
const BARE_OR_DYNAMIC = /^import\s+'([^']+)'|\bimport\(\s*'([^']+)'|new URL\('([^']+)', import\.meta\.url\)/gm

interface WebFile {
  /** Relative to web/. */
  readonly path: string
  readonly layer: string
  readonly isTest: boolean
  readonly text: string
  readonly imports: readonly { readonly specifier: string; readonly isType: boolean }[]
}

const files: readonly WebFile[] = globSync('web/**/*.{ts,tsx}', { cwd: ROOT, exclude: ['web/dist/**'] })
  .map((path) => path.replaceAll('\\', '/').slice('web/'.length))
  .toSorted()
  .map((path) => {
    const text = read(`web/${path}`)
    return {
      path,
      layer: path.includes('/') ? path.slice(0, path.indexOf('/')) : '.',
      isTest: /\.test\.tsx?$/.test(path),
      text,
      imports: importsOf(text),
    }
  })
const pages = files.filter(({ isTest, layer, path }) => !isTest && layer !== 'build' && !path.endsWith('.d.ts'))

describe('the console', () => {
  it('takes of the server what the table lists, and nothing else', () => {
    const violations = pages.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, isType }) => {
        if (/(^|\/)src\//.test(specifier)) return [`web/${path} reaches into ${specifier}; write it with #`]
        if (!specifier.startsWith('#')) return []
        const kind = FROM_SERVER[specifier]
        if (kind === undefined) return [`web/${path} imports ${specifier}; it may take only: ${Object.keys(FROM_SERVER).join(', ')}`]
        return kind === 'types' && !isType ? [`web/${path} takes values of ${specifier}; only its types are for the browser`] : []
      }),
    )
    expect(violations).toEqual([])
  })

  it('carries nothing of Node or of a server’s library into the browser with it', () => {
    const seen = new Set<string>()
    const outside: string[] = []
    const visit = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const { specifier, isType } of importsOf(read(`src/${path}`))) {
        if (isType) continue
        if (specifier.startsWith('.')) visit(posix.join(dirname(path), specifier))
        else if (specifier.startsWith('#')) visit(specifier.slice(1))
        else outside.push(`src/${path} imports ${specifier}`)
      }
    }
    for (const [specifier, kind] of Object.entries(FROM_SERVER)) if (kind === 'values') visit(specifier.slice(1))
    expect(seen.size).toBeGreaterThan(1)
    expect(outside).toEqual([])
  })

  it('keeps its layers: lib, components, features, routes', () => {
    const violations = pages.flatMap(({ path, layer, imports }) =>
      imports.flatMap(({ specifier, isType }) => {
        const to = placeOf(path, specifier)
        const allowed = isType && layer === 'features' ? [...LAYERS[layer]!, 'routes'] : LAYERS[layer]
        if (to === null || allowed === undefined || allowed.includes(to.split('/')[0]!)) return []
        return [`web/${path} imports ${to}, but ${layer}/ may import only: ${allowed.join(', ')}`]
      }),
    )
    expect(violations).toEqual([])
    expect([...new Set(pages.map(({ layer }) => layer))].filter((layer) => layer !== '.' && !(layer in LAYERS))).toEqual([])
  })

  it('has features that show no more of each other than the table lists, and all of that', () => {
    const used = pages.flatMap(({ path, layer, imports }) =>
      layer !== 'features'
        ? []
        : imports.flatMap(({ specifier }) => {
            const [, , to] = /^(features)\/(.+)$/.exec(placeOf(path, specifier) ?? '') ?? []
            const own = path.split('/')[1]!
            return to === undefined || to.split('/')[0] === own ? [] : [`${own} shows ${to}`]
          }),
    )
    const listed = Object.entries(FEATURE_IMPORTS).flatMap(([feature, parts]) => parts.map((part) => `${feature} shows ${part}`))
    expect([...new Set(used)].toSorted()).toEqual(listed.toSorted())
  })

  it.each(NEVER)('never has %s: %s', (what) => {
    expect(pages.filter(({ text }) => what.test(code(text))).map(({ path }) => `web/${path}`)).toEqual([])
  })

  it.each(OWNERS)('has %s only in %j', (what, owners) => {
    expect(pages.filter(({ path, text }) => !owners.includes(path) && what.test(code(text))).map(({ path }) => `web/${path}`)).toEqual([])
  })

  it('bites: planted lines are found', () => {
    const planted = [
      '<p dangerouslySetInnerHTML={x} />',
      'element.innerHTML = text',
      '<iframe src="/a" />',
      'eval(text)',
      'new WebSocket(address)',
      "fetch('https://evil.example/')",
      '<img src="https://evil.example/x.png" />',
      '// @ts-ignore',
    ]
    expect(planted.map((line) => NEVER.findIndex(([what]) => what.test(line)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(OWNERS[0]![0].test(' fetch(address)')).toBe(true)
    expect(OWNERS[0]![0].test('query.refetch()')).toBe(false)
  })

  it('loads nothing from elsewhere in its page and its styles', () => {
    const shell = read('web/index.html')
    expect(shell.match(/(?:src|href)="(?!\/)[^"]*"/g) ?? []).toEqual([])
    expect(shell).not.toMatch(/\son\w+=|<style|<script(?![^>]*\ssrc=)/)
    expect(read('web/styles.css')).not.toMatch(/url\(\s*['"]?(?:https?:)?\/\/|@import\s+['"](?:https?:)?\/\//)
  })

  it('has no file that nobody imports', () => {
    const imported = new Set(files.flatMap(({ path, imports }) => imports.map(({ specifier }) => placeOf(path, specifier))))
    expect(
      pages.filter(({ path }) => path !== 'main.tsx' && !imported.has(path)).map(({ path }) => `web/${path} is never imported`),
    ).toEqual([])
  })

  it(`has components of at most ${TSX_LINES_MAX} lines, with names in kebab-case`, () => {
    const isLong = ({ path, text }: WebFile): boolean => path.endsWith('.tsx') && text.split('\n').length - 1 > TSX_LINES_MAX
    expect(files.filter(isLong).map(({ path }) => path)).toEqual([])
    const isKebab = (path: string): boolean => path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?(\.tsx?)?$/.test(part))
    expect(files.filter(({ path }) => !isKebab(path)).map(({ path }) => path)).toEqual([])
  })

  it('has a sentence in the reference for each library that ends up in the browser', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
    const named = pages.flatMap(({ imports }) => imports.filter(({ isType }) => !isType).map(({ specifier }) => specifier))
    const styles = [...read('web/styles.css').matchAll(/^@import '([^']+)'/gm)].map(([, specifier = '']) => specifier)
    const packages = [
      ...new Set(
        [...named, ...styles]
          .filter((specifier) => /^(?:@[a-z]|[a-z])/.test(specifier) && !/^(?:virtual|node):/.test(specifier))
          .map(packageOf),
      ),
    ]
    expect(packages.length).toBeGreaterThan(10)
    const section = read('docs/reference/dependencies.md').split('## In the browser')[1] ?? ''
    expect(packages.filter((name) => !section.includes(`| \`${name}\` |`))).toEqual([])
    expect([...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name).filter((name) => !packages.includes(name))).toEqual([])
    expect(packages.filter((name) => !(name in dependencies!) && !(name in devDependencies!))).toEqual([])
  })
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function importsOf(source: string): { specifier: string; isType: boolean }[] {
  // Programs that a page shows stand in templates; their imports are not ours.
  const text = source.replaceAll(/`[^`]*`/g, (template) => (template.includes('\n') ? '``' : template))
  const statics = [...text.matchAll(FROM)].map(([, type, clause = '', specifier = '']) => ({
    specifier,
    isType: type !== undefined || (clause.startsWith('{') && namesOf(clause).every((name) => name.startsWith('type '))),
  }))
  const others = [...text.matchAll(BARE_OR_DYNAMIC)].map(([, bare, dynamic, worker]) => ({
    specifier: bare ?? dynamic ?? worker ?? '',
    isType: false,
  }))
  return [...statics, ...others]
}

function namesOf(clause: string): string[] {
  return clause
    .replaceAll(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Where an import leads within web/; null: elsewhere. */
function placeOf(from: string, specifier: string): string | null {
  if (specifier.startsWith('@/')) return specifier.slice(2)
  return specifier.startsWith('.') ? posix.join(dirname(from), specifier) : null
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Without comments at the beginning of a line, but for those that speak to a tool. */
function code(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/(?! @ts)|\*|\/\*\*).*$/gm, '')
}
