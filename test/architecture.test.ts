// The architecture, as a test. Change these tables and ARCHITECTURE.md together, with an ADR. What one file alone can
// show (a forbidden global, a console call, a long function) is a rule of .oxlintrc.json; this test makes sure it bites.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const CONTEXTS_BELOW = ['std', 'protocol', 'store', 'telemetry', 'egress']

/** Folder → what it may import. Anything not listed is forbidden. `.` is main.ts with its parts in serve/, and config.ts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  std: [],
  protocol: ['std'],
  store: ['std', 'protocol'],
  telemetry: ['std', 'protocol'],
  egress: ['std', 'protocol'],
  identity: CONTEXTS_BELOW,
  vault: CONTEXTS_BELOW,
  profile: CONTEXTS_BELOW,
  audit: CONTEXTS_BELOW,
  policy: ['std', 'protocol', 'identity', 'profile'],
  guard: ['std', 'protocol', 'policy'],
  runtime: [...CONTEXTS_BELOW, 'profile', 'vault', 'policy'],
  declared: [...CONTEXTS_BELOW, 'profile', 'runtime', 'vault'],
  snapshot: [...CONTEXTS_BELOW, 'identity', 'profile', 'runtime', 'declared'],
  gateway: ['std', 'protocol', 'telemetry', 'egress', 'identity', 'profile', 'policy', 'guard', 'runtime', 'audit', 'snapshot'],
  api: [...CONTEXTS_BELOW, 'identity', 'vault', 'profile', 'policy', 'guard', 'runtime', 'audit', 'declared', 'snapshot'],
  edge: ['std', 'telemetry'],
  cli: ['std', 'api/contract.ts', 'config.ts'],
  '.': ['*'],
}

/** Files of a folder that others may name beside its index.ts. */
const FURTHER_DOORS: readonly string[] = ['api/contract.ts', 'config.ts', 'main.ts']
/** What the tests of other folders may use of a folder. */
const TESTING_DOOR = /\/testing\.ts$/

/** Module → folders and files that may import it, and the names that anybody may take. Packages without a row are refused. */
const MODULE_OWNERS: Readonly<Record<string, { readonly owners: readonly string[]; readonly names?: readonly string[] }>> = {
  'node:child_process': { owners: ['runtime'] },
  'node:dgram': { owners: ['egress'] },
  'node:dns': { owners: ['egress'] },
  'node:dns/promises': { owners: ['egress'] },
  'node:http': { owners: ['egress', 'cli', 'serve/worker.ts'], names: ['createServer', 'STATUS_CODES', 'METHODS', 'ServerResponse'] },
  'node:http2': { owners: ['egress'], names: ['createSecureServer'] },
  'node:https': { owners: ['egress', 'cli'], names: ['createServer'] },
  'node:inspector': { owners: [] },
  'node:module': { owners: [] },
  'node:net': {
    owners: ['egress', 'runtime/process/egress-relay.ts'],
    names: ['BlockList', 'createServer', 'isIP', 'isIPv4', 'isIPv6', 'SocketAddress'],
  },
  'node:tls': { owners: ['egress'], names: ['createSecureContext'] },
  'node:sqlite': { owners: ['store'] },
  'node:vm': { owners: [] },
  '@clack/prompts': { owners: ['cli'] },
  '@hono/node-server': { owners: ['api', '.'] },
  '@modelcontextprotocol/server': { owners: [] },
  '@redis/client': { owners: ['store'] },
  '@seriousme/openapi-schema-validator': { owners: ['runtime'] },
  '@opentelemetry/api': { owners: ['telemetry'] },
  '@opentelemetry/otlp-transformer': { owners: ['telemetry'] },
  '@opentelemetry/resources': { owners: ['telemetry'] },
  '@opentelemetry/sdk-trace': { owners: ['telemetry'] },
  hono: { owners: ['api'] },
  'ipaddr.js': { owners: ['egress', 'edge'] },
  'jsonc-parser': { owners: ['declared', 'cli'] },
  kysely: { owners: ['store', 'identity', 'vault', 'profile', 'runtime', 'audit', 'snapshot'] },
  'lru-cache': { owners: ['*'] },
  minisearch: { owners: ['gateway'] },
  pg: { owners: ['store'] },
  pino: { owners: ['telemetry'] },
  'pino-pretty': { owners: ['telemetry'] },
  'prom-client': { owners: ['telemetry'] },
  undici: { owners: ['egress'] },
  ws: { owners: ['edge'] },
  yaml: { owners: ['runtime'] },
  zod: { owners: ['*'] },
}

/** Words that say nothing, and synonyms of the glossary (STYLE.md) that would give one thing two names. */
const BANNED_WORDS: Readonly<Record<string, string>> = {
  util: 'what it does',
  utils: 'what it does',
  helper: 'what it does',
  helpers: 'what it does',
  misc: 'what it does',
  common: 'what is common to whom',
  manager: 'what it does',
  impl: 'what makes it different',
  dto: 'the thing itself',
  namespace: 'profile',
  toolbox: 'profile',
  backend: 'upstream',
  target: 'upstream',
  pod: 'instance',
  workload: 'instance',
  installation: 'deployment',
  acl: 'policy',
  interceptor: 'guard',
}

/** Lint rules that hold the architecture; no comment may switch them off. */
const BOUNDARY_RULES = ['no-console', 'no-restricted-globals', 'no-restricted-properties', 'max-lines', 'max-lines-per-function']

interface Import {
  /** As written. */
  readonly specifier: string
  /** Names taken as values; `*` for a whole module. Empty for types only. */
  readonly names: readonly string[]
}

interface SourceFile {
  /** Relative to src/. */
  readonly path: string
  readonly folder: string
  readonly isTest: boolean
  readonly text: string
  readonly imports: readonly Import[]
}

const FROM = /^(?:import|export)\s+(type\s+)?([^'"=();]*?)\s*from\s+'([^']+)'/gm
const BARE_OR_DYNAMIC = /^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm

function parseImports(text: string): Import[] {
  const statics = [...text.matchAll(FROM)].map(([, type, clause = '', specifier = '']) => ({
    specifier,
    names: type === undefined ? namesOf(clause) : [],
  }))
  const others = [...text.matchAll(BARE_OR_DYNAMIC)].map(([, bare, dynamic]) => ({ specifier: bare ?? dynamic ?? '', names: ['*'] }))
  return [...statics, ...others]
}

function namesOf(clause: string): string[] {
  const braced = /\{([^}]*)\}/.exec(clause)
  const named = (braced?.[1] ?? '').split(',').map((name) => name.trim().split(/\s+as\s+/)[0] ?? '')
  const rest = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', '')
    .trim()
  return [...named.filter((name) => name !== '' && !name.startsWith('type ')), ...(rest === '' ? [] : ['*'])]
}

const isDoor = (path: string): boolean => FURTHER_DOORS.includes(path) || /^[^/]+\/index\.ts$/.test(path)
const folderOf = (path: string): string => (path.includes('/') && !path.startsWith('serve/') ? path.slice(0, path.indexOf('/')) : '.')
const files: readonly SourceFile[] = globSync('src/**/*.ts', { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/').slice('src/'.length))
  .toSorted()
  .map((path) => {
    const text = readFileSync(join(ROOT, 'src', path), 'utf8')
    return { path, folder: folderOf(path), isTest: path.endsWith('.test.ts') || TESTING_DOOR.test(path), text, imports: parseImports(text) }
  })
const programFiles = files.filter((file) => !file.isTest)

describe('imports', () => {
  it('follow the table', () => {
    const violations = programFiles.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        const to = specifier.startsWith('#') ? specifier.slice(1) : undefined
        if (to === undefined || folderOf(to) === file.folder) return []
        const allowed = file.path === 'config.ts' ? ['std'] : (MAY_IMPORT[file.folder] ?? [])
        if (allowed.includes('*') || allowed.includes(folderOf(to)) || allowed.includes(to)) return []
        return [`src/${file.path} imports ${to}, but ${file.folder}/ may import only: ${allowed.join(', ') || 'nothing'}`]
      }),
    )
    expect(violations).toEqual([])
  })

  it('enter a folder through its door', () => {
    const violations = files.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        if (specifier.startsWith('.')) {
          const to = posix.join(posix.dirname(file.path), specifier)
          return folderOf(to) === file.folder && !to.startsWith('../')
            ? []
            : [`src/${file.path} leaves its folder by ${specifier}; write #${to}`]
        }
        const to = specifier.slice(1)
        if (!specifier.startsWith('#') || folderOf(to) === file.folder || isDoor(to) || (file.isTest && TESTING_DOOR.test(to))) return []
        return [`src/${file.path} enters ${folderOf(to)}/ through ${to}; use its door #${folderOf(to)}/index.ts`]
      }),
    )
    expect(violations).toEqual([])
  })

  it('of packages and of sensitive modules of Node are made by their owners only', () => {
    const violations = programFiles.flatMap((file) =>
      file.imports.flatMap(({ specifier, names }) => {
        if (/^[.#]/.test(specifier) || names.length === 0) return []
        const module = specifier.startsWith('node:') ? specifier : packageOf(specifier)
        const owner = MODULE_OWNERS[module]
        if (owner === undefined)
          return module.startsWith('node:') ? [] : [`src/${file.path} imports ${module}, which has no owner in MODULE_OWNERS`]
        if (owner.owners.includes('*') || owner.owners.includes(file.folder) || owner.owners.includes(file.path)) return []
        const taken = names.filter((name) => !(owner.names ?? []).includes(name))
        return taken.map((name) => `src/${file.path} takes ${name} of ${module}, which belongs to: ${owner.owners.join(', ') || 'nobody'}`)
      }),
    )
    expect(violations).toEqual([])
  })

  it('form no cycle between folders, and every folder has a row', () => {
    expect([...new Set(files.map((file) => file.folder))].filter((folder) => !(folder in MAY_IMPORT))).toEqual([])
    const cycles: string[] = []
    const visit = (folder: string, trail: readonly string[]): void => {
      if (trail.includes(folder)) cycles.push([...trail, folder].join(' → '))
      else for (const next of MAY_IMPORT[folder] ?? []) visit(folderOf(next) === '.' ? next : folderOf(next), [...trail, folder])
    }
    for (const folder of Object.keys(MAY_IMPORT)) visit(folder, [])
    expect(cycles).toEqual([])
  })

  it('form no cycle between files', () => {
    const edges = new Map(
      programFiles.map((file) => [
        file.path,
        file.imports.filter(({ names }) => names.length > 0).map(({ specifier }) => resolveIn(file.path, specifier)),
      ]),
    )
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      else if (!done.has(path)) for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
      done.add(path)
    }
    for (const path of edges.keys()) visit(path, [])
    expect(cycles).toEqual([])
  })
})

describe('files', () => {
  it('are all reachable: each is imported, or a program of its own', () => {
    const named = new Set([
      'main.ts',
      ...files.flatMap((file) => [...file.text.matchAll(/['`]([\w.#/-]+\.ts)['`]/g)].map(([, to = '']) => resolveIn(file.path, to))),
    ])
    const outside = globSync('{scripts,examples,test}/**/*.{ts,mjs}', { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8'))
    const isNamedOutside = (path: string): boolean => outside.some((text) => text.includes(`src/${path}`) || text.includes(`#${path}`))
    expect(
      programFiles.filter(({ path }) => !named.has(path) && !isNamedOutside(path)).map(({ path }) => `src/${path} is never imported`),
    ).toEqual([])
  })

  it('have kebab-case names', () => {
    const isKebab = (path: string): boolean => path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?(\.ts)?$/.test(part))
    expect(files.map(({ path }) => path).filter((path) => !isKebab(path))).toEqual([])
  })

  it('and exports use the words of the glossary', () => {
    const violations = programFiles.flatMap((file) => {
      const exported = [
        ...file.text.matchAll(/^export (?:async |abstract )*(?:const|let|function\*?|class|interface|type) ([\w$]+)/gm),
      ].map(([, name = '']) => name)
      return [basename(file.path, '.ts'), ...exported].flatMap((name) =>
        wordsOf(name).flatMap((word) =>
          word in BANNED_WORDS ? [`src/${file.path}: "${name}" says "${word}"; say ${BANNED_WORDS[word]}`] : [],
        ),
      )
    })
    expect(violations).toEqual([])
  })

  it('named index.ts open with a paragraph: what the folder is and what it never does', () => {
    const doors = programFiles.filter(({ path }) => path.endsWith('/index.ts') && isDoor(path))
    expect(
      doors
        .filter(({ text }) => !/^(\/\*\*|\/\/)/.test(text))
        .map(({ path }) => `src/${path} does not say what it is and what it never does`),
    ).toEqual([])
  })
})

describe('the linter', () => {
  const config = join(ROOT, '.oxlintrc.json')
  const LINT_MS_MAX = 120_000
  it('finds no forbidden global, property, console call or overlong file', { timeout: LINT_MS_MAX }, () => {
    expect(lint(ROOT, ['src'])).toEqual([])
  })

  it('cannot be switched off by a comment', () => {
    const off = files.flatMap((file) =>
      file.text
        .split('\n')
        .filter(
          (line) =>
            /(?:ox|es)lint-disable/.test(line) &&
            BOUNDARY_RULES.some((rule) => line.includes(rule) || /disable[\w-]*\s*(\*\/)?$/.test(line)),
        )
        .map((line) => `src/${file.path}: ${line.trim()}`),
    )
    expect(off).toEqual([])
  })

  it('bites: a planted file is refused for each of them', { timeout: LINT_MS_MAX }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-lint-'))
    try {
      mkdirSync(join(folder, 'src/gateway'), { recursive: true })
      writeFileSync(join(folder, '.oxlintrc.json'), readFileSync(config))
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
      const body = ['console.log(1)', "await fetch('https://example.com/')", 'new WebSocket(String(process.env))', 'Date.now()']
      writeFileSync(join(folder, 'src/gateway/planted.ts'), `${body.join('\n')}\n${'void 0\n'.repeat(400)}`)
      const found = lint(folder, ['src'])
      for (const text of ['console', "'fetch'", "'WebSocket'", "'process.env'", "'Date.now'", 'too many lines'])
        expect(found.join('\n')).toContain(text)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  /** What the boundary rules say about files below `folder`. */
  function lint(folder: string, paths: readonly string[]): string[] {
    const program = join(ROOT, 'node_modules/oxlint/bin/oxlint')
    const { stdout, stderr } = spawnSync(process.execPath, [program, '--format=unix', ...paths], { cwd: folder, encoding: 'utf8' })
    if (!/(\d+ problems?|^)\s*$/.test(stdout)) throw new Error(`the linter failed: ${stdout}${stderr}`)
    return stdout.split('\n').filter((line) => BOUNDARY_RULES.some((rule) => line.includes(`(${rule})`)))
  }
})

describe('documents', () => {
  it('ARCHITECTURE.md draws the import table', () => {
    const rows = Object.entries(MAY_IMPORT).filter(([folder]) => folder !== '.')
    const drawn = rows.map(([folder, allowed]) => `${folder.padEnd(10)}→ ${allowed.join(' ') || '(nothing)'}`).join('\n')
    expect(read('ARCHITECTURE.md')).toContain(`\`\`\`imports\n${drawn}\n\`\`\``)
  })

  it.each(['README.md', 'SECURITY.md'])('every promise of %s names a test that exists (R30)', (document) => {
    const promises = read(document)
      .split('\n\n')
      .flatMap((block) => (/\| (?:Proven by|Test) \|\n\|[-| :]+\|\n/.test(`${block}\n`) ? block.trim().split('\n').slice(2) : []))
    expect(promises.length, `${document} has no table whose last column is "Test" or "Proven by"`).toBeGreaterThan(0)
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const isThere = (proof: string): boolean => (proof.startsWith('npm run ') ? proof.slice(8) in scripts : existsSync(join(ROOT, proof)))
    const unproven = promises.filter((row) => {
      const proofs = [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, proof = '']) => proof)
      return !proofs.every(isThere) || !proofs.some((proof) => /\.test\.ts$|^npm run /.test(proof))
    })
    expect(unproven).toEqual([])
  })

  it('the reference of dependencies has a sentence for each runtime package', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    const sentences = read('docs/reference/dependencies.md')
    expect(Object.keys(dependencies).filter((name) => !sentences.includes(`| \`${name}\` |`))).toEqual([])
    expect(Object.keys(dependencies).filter((name) => !(name in MODULE_OWNERS))).toEqual([])
  })

  it('comments cite requirements that exist, and no document that does not', () => {
    const requirements = new Set([...read('docs/reference/requirements.md').matchAll(/^\| (R\d+) \|/gm)].map(([, id]) => id))
    const sources = globSync('{src,test,examples}/**/*.ts', { cwd: ROOT }).map((path) => ({ path, text: read(path) }))
    const cited = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:\/\/|\*|\(|'|, )\s*(R\d{1,2})\b/g)].map(([, id = '']) => ({ path, id })),
    )
    expect(cited.length).toBeGreaterThan(0)
    expect(cited.filter(({ id }) => !requirements.has(id))).toEqual([])
    const absent = /\b(?:[A-Z]{4,}(?:\.md)? §|FIELD R\d)/
    const lines = sources.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line) => (absent.test(line) ? [`${path}: ${line.trim()}`] : [])),
    )
    expect(lines).toEqual([])
  })

  it('no file names the host of a package registry', () => {
    const hosts = [
      ['registry.npm', 'js.org'],
      ['deb.debian', '.org'],
      ['registry.yarn', 'pkg.com'],
      ['npm.', 'pkg.github.com'],
    ].map((parts) => parts.join(''))
    const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    const paths = stdout.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)))
    expect(paths.length).toBeGreaterThan(0)
    expect(paths.filter((path) => hosts.some((host) => read(path).includes(host)))).toEqual([])
  })
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function resolveIn(from: string, specifier: string): string {
  return specifier.startsWith('#') ? specifier.slice(1) : posix.join(dirname(from), specifier)
}

/** `safeFetch`, `safe-fetch` and `SAFE_FETCH` are `safe` and `fetch`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_$.]/)
}
