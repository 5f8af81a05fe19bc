import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findExecutable } from './host-programs.ts'
import { createInstaller, programFile } from './install.ts'
import { type PackageRequest, readPackageRequest } from './package-spec.ts'

const hasNpm = findExecutable('npm', process.env) !== undefined

const BLOCK = 512

/** One file of a tar archive, in the ustar format. */
function tarEntry(name: string, text: string): Buffer {
  const header = Buffer.alloc(BLOCK)
  const content = Buffer.from(text)
  header.write(name)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
}

function tarball(manifest: Record<string, unknown>): Buffer {
  const files = [
    tarEntry('package/package.json', JSON.stringify(manifest)),
    tarEntry('package/main.js', 'console.log("hello")\n'),
    Buffer.alloc(BLOCK * 2),
  ]
  return gzipSync(Buffer.concat(files))
}

/** A registry with one package, whose versions the tests publish. */
function createRegistry(): {
  readonly server: Server
  readonly requests: string[]
  publish(version: string, extra?: Record<string, unknown>): void
  url(): string
} {
  const versions = new Map<string, { manifest: Record<string, unknown>; bytes: Buffer }>()
  const requests: string[] = []
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const wanted = /demo-tool-(.*)\.tgz$/.exec(request.url ?? '')?.[1]
    const found = wanted === undefined ? undefined : versions.get(wanted)
    if (found !== undefined) return response.end(found.bytes)
    if (request.url !== '/demo-tool' || versions.size === 0)
      return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}')
    const list = [...versions].map(([version, { manifest, bytes }]) => {
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
      return [version, { ...manifest, dist: { tarball: `${url()}/demo-tool/-/demo-tool-${version}.tgz`, integrity } }]
    })
    return response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        name: 'demo-tool',
        'dist-tags': { latest: [...versions.keys()].at(-1) },
        versions: Object.fromEntries(list) as unknown,
      }),
    )
  })
  return {
    server,
    requests,
    url,
    publish(version, extra = {}) {
      const manifest = { name: 'demo-tool', version, bin: { 'demo-tool': 'main.js' }, ...extra }
      versions.set(version, { manifest, bytes: tarball(manifest) })
    },
  }
}

const DEMO = readPackageRequest('npx', ['-y', 'demo-tool', '--flag'])

describe('a package', () => {
  beforeEach(({ skip }) => skip(!hasNpm, 'npm is not in the search path'))
  const registry = createRegistry()
  let folder: string
  const environment = (): Record<string, string | undefined> => ({
    ...process.env,
    npm_config_registry: registry.url(),
    npm_config_cache: join(folder, 'cache'),
    npm_config_fetch_retries: '0',
  })
  const installer = (): ReturnType<typeof createInstaller> =>
    createInstaller({ folder: join(folder, 'packages'), pinFolder: join(folder, 'pins'), environment: environment() })

  beforeAll(() => new Promise<void>((resolve) => void registry.server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => void registry.server.close())
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-install-')))
    registry.requests.length = 0
    return () => rmSync(folder, { recursive: true, force: true })
  })

  it('is installed once for all who ask at the same time, without running its scripts, and kept under its digest', async () => {
    registry.publish('1.0.0', { scripts: { install: `touch ${join(folder, 'ran')}`, postinstall: `touch ${join(folder, 'ran')}` } })
    const one = installer()
    const [first, second] = await Promise.all([one.install(DEMO), one.install(DEMO)])
    expect(second).toBe(first)
    expect(first).toMatchObject({
      name: 'demo-tool',
      version: '1.0.0',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      folder: join(folder, 'packages', first.digest),
    })
    expect(registry.requests.filter((url) => url.endsWith('.tgz'))).toHaveLength(1)
    expect(existsSync(join(folder, 'ran'))).toBe(false)
    expect(await programFile(first, null)).toBe(join(first.folder, 'node_modules/demo-tool/main.js'))
    expect(readdirSync(join(folder, 'packages'))).toEqual([first.digest])
  }, 60_000)

  it('R25: stays at the version it had, and needs no network for that', async () => {
    registry.publish('1.0.0')
    const first = await installer().install(DEMO)
    registry.publish('1.0.1')
    registry.requests.length = 0
    expect(await installer().install(DEMO)).toEqual(first)
    expect(registry.requests).toEqual([])
  }, 60_000)

  it('R25: is the pinned version again when the folder of packages was emptied, or nothing', async () => {
    registry.publish('4.0.0')
    const first = await installer().install(DEMO)
    registry.publish('4.0.1')
    rmSync(join(folder, 'packages'), { recursive: true })
    expect(await installer().install(DEMO)).toEqual(first)
    rmSync(join(folder, 'packages'), { recursive: true })
    rmSync(join(folder, 'cache'), { recursive: true })
    registry.publish('4.0.0', { description: 'taken over' })
    await expect(installer().install(DEMO)).rejects.toMatchObject({
      type: 'upstream-failed',
      message: expect.stringContaining('demo-tool 4.0.0 is not what it was') as string,
      extensions: { state: 'failed' },
      remedy: expect.stringContaining(join(folder, 'pins')) as string,
    })
    expect(await installer().install(readPackageRequest('npx', ['demo-tool@4.0.1']))).toMatchObject({ version: '4.0.1' })
  }, 60_000)

  it('that the registry does not have is refused with its reason', async () => {
    const missing = readPackageRequest('npx', ['no-such-tool'])
    await expect(installer().install(missing)).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringMatching(/npm install no-such-tool failed: .*404/) as string,
      remedy: expect.stringContaining('registry') as string,
    })
    expect(readdirSync(join(folder, 'packages')).filter((name) => name.startsWith('new-'))).toEqual([])
  }, 60_000)

  it('R7: whose manifest names a program outside of itself does not run', async () => {
    registry.publish('3.0.0', { bin: { 'demo-tool': '../../../../../../bin/sh' } })
    const installed = await installer().install(readPackageRequest('npx', ['demo-tool@3.0.0']))
    await expect(programFile(installed, null)).rejects.toThrow(/outside of the package|has no program/)
  }, 60_000)

  it('cannot be installed without npm, and that is said', async () => {
    const bare = createInstaller({ folder: join(folder, 'packages'), pinFolder: join(folder, 'pins'), environment: { PATH: '/nowhere' } })
    await expect(bare.install(DEMO)).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringContaining('npm is needed') as string,
    })
    await expect(bare.install(readPackageRequest('uvx', ['demo']))).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringContaining('uv is needed') as string,
    })
  })
})

describe('the arguments of npx and uvx', () => {
  const read = (tool: PackageRequest['tool'], ...args: string[]): Partial<PackageRequest> => readPackageRequest(tool, args)

  it('name a package, a program and its arguments', () => {
    expect(read('npx', '-y', '@scope/name@^1.2', 'stdio', '--x')).toEqual({
      tool: 'npx',
      packageSpec: '@scope/name@^1.2',
      packageName: '@scope/name',
      program: null,
      args: ['stdio', '--x'],
    })
    expect(read('npx', '--package=name@1', '--', 'prog', '-v')).toMatchObject({ packageName: 'name', program: 'prog', args: ['-v'] })
    expect(read('npx', '-p', 'name', 'prog')).toMatchObject({ packageName: 'name', program: 'prog', args: [] })
    expect(read('uvx', 'mcp-server-time@1.2', '--utc')).toMatchObject({ packageName: 'mcp-server-time', program: null, args: ['--utc'] })
    expect(read('uvx', '--from', 'pack[extra]==2.0', 'prog')).toMatchObject({ packageName: 'pack', program: 'prog' })
  })

  it.each([
    'github:user/repo',
    'https://evil.example/x.tgz',
    './folder',
    '/abs',
    'file:../x',
    'git+ssh://x',
    'name@npm:other',
    '../..',
    'Name With Space',
  ])('refuse %s', (spec) => {
    expect(() => read('npx', spec)).toThrow('is not a package of a registry')
  })

  it('refuse what they cannot honour', () => {
    expect(() => read('npx', '-c', 'rm -rf /')).toThrow('not supported')
    expect(() => read('npx', '-y')).toThrow('needs a package')
    expect(() => read('uvx', '--with', 'x', 'y')).toThrow('not supported')
  })
})
