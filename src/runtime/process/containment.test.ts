import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { probeIsolation } from './probe-isolation.ts'
import type { ProcessSupervisor } from './supervisor.ts'
import { callTool, createBench, deploymentOf } from '../testing.ts'

const isolation = await probeIsolation(process.env)
const isContained = isolation.tools !== null
beforeEach(({ skip }) => skip(!isContained, isolation.reason))

const EVERYTHING = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const soon = (): number => Date.now() + 20_000

/** Runs a function body in the server and gives the error code it met, or its value. */
async function attempt(supervisor: ProcessSupervisor, code: string): Promise<unknown> {
  return callTool(
    supervisor,
    'run',
    { code: `try { ${code} } catch (error) { return error.code ?? error.cause?.code ?? error.message }` },
    20_000,
  )
}

describe(`R27: a server in a sandbox (here: ${isolation.level})`, () => {
  const bench = createBench(isolation)
  const secret = join(bench.folder, 'secret.txt')
  const granted = join(bench.folder, 'granted')
  const shared = join(bench.folder, 'shared')
  let supervisor: ProcessSupervisor
  let web: Server | undefined
  let webPort = 0

  beforeAll(async () => {
    if (!isContained) return
    writeFileSync(secret, 'canary-of-the-host', { mode: 0o644 })
    chmodSync(bench.folder, 0o755)
    for (const folder of [granted, shared]) mkdirSync(folder)
    writeFileSync(join(granted, 'note.txt'), 'granted words', { mode: 0o644 })
    chmodSync(shared, 0o777)
    web = createServer((_request, response) => response.end('canary-of-the-network'))
    webPort = await portOf(web)
    const files = [
      { path: granted, mode: 'ro' as const },
      { path: shared, mode: 'rw' as const },
    ]
    supervisor = bench.start(bench.deployment('', { isolation: 'medium', files, env: { MINE: { text: 'mine' } } }))
    await supervisor.describe(soon())
  })

  afterAll(async () => {
    await bench.close()
    web?.close()
  })

  it('has the level that its card shows', () => {
    expect(supervisor.status()).toMatchObject({ state: 'ready', isolation: isolation.level })
  })

  it('reads what it was granted and no other file of the host', async () => {
    expect(
      await attempt(supervisor, `return process.getBuiltinModule('fs').readFileSync(${JSON.stringify(join(granted, 'note.txt'))}, 'utf8')`),
    ).toBe('granted words')
    for (const path of [secret, '/etc/shadow', '/etc/hostname', '/root', '/home', '/var/run/docker.sock', '/run', bench.host.dataDir]) {
      const code = await attempt(supervisor, `process.getBuiltinModule('fs').statSync(${JSON.stringify(path)}); return 'reached'`)
      expect({ path, code }).toEqual({ path, code: 'ENOENT' })
    }
  })

  it('writes where it may, and nowhere else', async () => {
    expect(
      await attempt(
        supervisor,
        `process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(join(shared, 'out.txt'))}, 'written'); return 'ok'`,
      ),
    ).toBe('ok')
    expect(readFileSync(join(shared, 'out.txt'), 'utf8')).toBe('written')
    for (const path of [join(granted, 'note.txt'), bench.script, '/new', '/usr/lib/new', '/sallyport/bin/node', '/etc/passwd']) {
      const code = await attempt(supervisor, `process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(path)}, 'x'); return 'written'`)
      expect({ path, isRefused: ['EROFS', 'EACCES', 'ETXTBSY', 'ENOENT'].includes(String(code)) }).toEqual({ path, isRefused: true })
    }
    expect(readFileSync(join(granted, 'note.txt'), 'utf8')).toBe('granted words')
  })

  it('sees its own environment and processes, not those of others', async () => {
    expect(await attempt(supervisor, 'return process.env.MINE')).toBe('mine')
    const names = (await attempt(supervisor, 'return Object.keys(process.env)')) as string[]
    expect(names.toSorted()).toEqual(['HOME', 'LANG', 'MINE', 'NODE_OPTIONS', 'PATH', 'PWD', 'TMPDIR'])
    const pids = (await attempt(
      supervisor,
      `return process.getBuiltinModule('fs').readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map(Number)`,
    )) as number[]
    expect(pids.length).toBeLessThan(5)
    expect(pids).not.toContain(process.pid)
    expect(await attempt(supervisor, `process.kill(${process.pid}, 0); return 'reached'`)).toBe('ESRCH')
    const init = await attempt(supervisor, `return process.getBuiltinModule('fs').readFileSync('/proc/1/environ', 'utf8')`)
    expect(init).not.toContain(process.env['HOME'] ?? '/home')
  })

  it('holds no descriptor beside its streams and what Node opens', async () => {
    const links = (await attempt(
      supervisor,
      `const fs = process.getBuiltinModule('fs'); return fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } })`,
    )) as string[]
    expect(
      links.filter((link) => link.startsWith('/') && !['/dev/null', '/dev/urandom'].includes(link) && !link.startsWith('/proc/')),
    ).toEqual([])
    expect(links.filter((link) => link.startsWith('socket:')).length).toBeLessThanOrEqual(3)
  })

  it('reaches no network: not the loopback of the host, not the metadata address, no name', async () => {
    const reach = (url: string): Promise<unknown> =>
      attempt(supervisor, `return await (await fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(3000) })).text()`)
    expect(await reach(`http://127.0.0.1:${webPort}/`)).toBe('ECONNREFUSED')
    expect(await reach('http://169.254.169.254/')).toBe('ENETUNREACH')
    expect(await reach('http://[fd00:ec2::254]/')).toMatch(/ENETUNREACH|EADDRNOTAVAIL/)
    expect(['EAI_AGAIN', 'ENOTFOUND']).toContain(await reach('http://example.com/'))
    const query = `const { Resolver } = process.getBuiltinModule('dns/promises'); const r = new Resolver({ timeout: 500, tries: 1 }); r.setServers(['1.1.1.1']); return await r.resolve4('leak.example.com')`
    expect(await attempt(supervisor, query)).toMatch(/ECONNREFUSED|ENETUNREACH|ETIMEOUT|ECANCELLED/)
  })

  it('has no privilege and cannot make a namespace', async () => {
    const status = (await attempt(supervisor, `return process.getBuiltinModule('fs').readFileSync('/proc/self/status', 'utf8')`)) as string
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^CapBnd:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^Seccomp:\t2$/m)
    expect(status).not.toMatch(/^Uid:\t0\t/m)
  })

  it('cannot fill memory or disk of the host', async () => {
    const fill = `const fs = process.getBuiltinModule('fs'); const fd = fs.openSync('/tmp/big', 'w'); const mb = Buffer.alloc(1 << 20); for (let i = 0; i < 200; i++) fs.writeSync(fd, mb); return 'filled'`
    expect(['EFBIG', 'ENOSPC']).toContain(await attempt(supervisor, fill))
    const bomb = attempt(supervisor, 'const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1))')
    const outcome = await bomb.catch((error: unknown) => (error as Error).message)
    expect(outcome).toMatch(/ended with|ERR_MEMORY_ALLOCATION_FAILED|allocation failed/i)
  })

  it('may have 256 processes and threads and 256 open files', async () => {
    const bounds = await attempt(supervisor, `return process.getBuiltinModule('fs').readFileSync('/proc/self/limits', 'utf8')`)
    expect(bounds).toMatch(/^Max processes\s+256\s+256/m)
    expect(bounds).toMatch(/^Max open files\s+256\s+256/m)
    expect(bounds).toMatch(/^Max core file size\s+0\s+0/m)
  })

  it('is asked to end before it is killed', async () => {
    const lingering = bench.start(bench.deployment('lingering', { isolation: 'medium' }, { id: 'dep_4', name: 'lingering' }))
    await lingering.describe(soon())
    await lingering.close()
    expect(lingering.logs().map((line) => line.text)).toEqual(['Bye.'])
  })

  it('leaves nothing behind when it is stopped', async () => {
    const other = bench.start(bench.deployment('', { isolation: 'medium' }, { id: 'dep_2', name: 'other' }))
    const mark = `orphan-${process.pid}-stopped`
    await callTool(other, 'run', { code: spawnMarked(mark) })
    expect(processesWith(mark)).toBe(1)
    await other.close()
    await vi.waitFor(() => expect(processesWith(mark)).toBe(0), { timeout: 5_000 })
  })

  it('ends with us when we are killed', async () => {
    const mark = `orphan-${process.pid}-killed`
    const main = join(bench.folder, 'main.ts')
    writeFileSync(
      main,
      `import { probeIsolation } from ${JSON.stringify(join(import.meta.dirname, 'probe-isolation.ts'))}
       import { callTool, createBench } from ${JSON.stringify(join(import.meta.dirname, '../testing.ts'))}
       const bench = createBench(await probeIsolation(process.env))
       const supervisor = bench.start(bench.deployment('', { isolation: 'medium' }))
       await callTool(supervisor, 'run', { code: ${JSON.stringify(spawnMarked(mark))} })
       console.log('running')`,
    )
    const child = spawn(process.execPath, [main], { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(processesWith(mark)).toBe(1)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(processesWith(mark)).toBe(0), { timeout: 5_000 })
  }, 20_000)
})

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

/** A function body that leaves a detached process with a mark on its command line. */
const spawnMarked = (mark: string): string =>
  `process.getBuiltinModule('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', '${mark}'], { detached: true, stdio: 'ignore' }).unref(); return 'spawned'`

function processesWith(mark: string): number {
  const lines = readdirSync('/proc').map((pid) => {
    try {
      return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
    } catch {
      // It ended while we looked.
      return ''
    }
  })
  return lines.filter((line) => line.split('\0').includes(mark)).length
}

describe('what a sandboxed server asked for and does not have', () => {
  const bench = createBench(isolation)
  afterAll(() => bench.close())

  it('is named with the command that grants it: a destination', async () => {
    const supervisor = bench.start(bench.deployment('needs-host', { isolation: 'medium' }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      remedy: 'sallyport deployment grant fixture --egress api.example.com:443',
    })
    expect(supervisor.status().denied).toEqual(['api.example.com:443'])
  })

  it('is named with the command that grants it: a file', async () => {
    const file = join(bench.folder, 'wanted.txt')
    writeFileSync(file, '')
    const supervisor = bench.start(
      bench.deployment('', { isolation: 'medium', env: { WANTED: { text: file } }, args: [bench.script, 'needs-file'] }, { id: 'dep_3' }),
    )
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      remedy: `sallyport deployment grant fixture --file ${file}:ro`,
    })
    expect(supervisor.status().denied).toEqual([file])
  })

  it('that lies in the data folder is not told of', async () => {
    const file = join(bench.host.dataDir, 'vault.key')
    writeFileSync(file, '')
    const args = [bench.script, 'needs-file', file]
    const supervisor = bench.start(bench.deployment('', { isolation: 'medium', args }, { id: 'dep_4' }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({ remedy: 'sallyport deployment logs fixture' })
    expect(supervisor.status().denied).toEqual([])
  })

  it('is named before the server runs when it stands among its arguments, and all of it in one command', async () => {
    const [one, two] = ['notes', 'drafts'].map((name) => join(bench.folder, name)) as [string, string]
    for (const folder of [one, two]) mkdirSync(folder)
    const args = [bench.script, 'die', one, `--also=${two}`]
    const supervisor = bench.start(bench.deployment('', { isolation: 'medium', args }, { id: 'dep_5' }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      message: expect.stringContaining('cannot find the moon') as string,
      remedy: `sallyport deployment grant fixture --file ${one}:ro --file ${two}:ro`,
    })
    expect(supervisor.status().denied).toEqual([one, two])
    expect(bench.statuses.find((status) => status.denied.includes(two))).toMatchObject({ state: 'starting', cause: null, pid: null })
    const files = [one, two].map((path) => ({ path, mode: 'ro' as const }))
    const granted = bench.start(bench.deployment('', { isolation: 'medium', args: [bench.script, '', one], files }, { id: 'dep_6' }))
    await granted.describe(soon())
    expect(granted.status()).toMatchObject({ state: 'ready', denied: [], remedy: null })
  })
})

describe('egress of a sandboxed server', () => {
  const bench = createBench(isolation)
  let web: Server | undefined
  let port = 0

  beforeAll(async () => {
    web = createServer((_request, response) => response.end('hello from outside'))
    port = await portOf(web)
  })
  afterAll(async () => {
    await bench.close()
    web?.close()
  })

  it('reaches what it was granted through the proxy, and nothing else', async () => {
    const blocked = createServer()
    const blockedPort = await portOf(blocked)
    // Declared by the operator: the grant may be a private destination.
    const record = { origin: { kind: 'declared', place: 'sallyport.json:3' } } as const
    const supervisor = bench.start(bench.deployment('', { isolation: 'medium', egress: [`127.0.0.1:${port}`] }, record))
    await supervisor.describe(soon())
    const reach = (url: string): Promise<unknown> =>
      attempt(supervisor, `const answer = await fetch(${JSON.stringify(url)}); return answer.status + ' ' + await answer.text()`)
    expect(await reach(`http://127.0.0.1:${port}/`)).toBe('200 hello from outside')
    expect(String(await reach(`http://127.0.0.1:${blockedPort}/`))).not.toMatch(/^200/)
    expect(supervisor.status()).toMatchObject({
      denied: [`127.0.0.1:${blockedPort}`],
      remedy: `sallyport deployment grant fixture --egress 127.0.0.1:${blockedPort}`,
    })
    blocked.close()
  })
})

describe('a published server', () => {
  const bench = createBench(isolation)
  afterAll(() => bench.close())

  it('works inside the sandbox: server-everything', async () => {
    const supervisor = bench.start(deploymentOf({ args: [EVERYTHING], isolation: 'medium' }))
    const info = await supervisor.describe(soon())
    expect(info.era).toBe('legacy')
    const progress: unknown[] = []
    const request = {
      method: 'tools/call',
      params: { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } },
      deadlineAtMs: soon(),
    }
    const answer = await supervisor.request({ ...request, onProgress: (params) => progress.push(params['progress']) }).answer
    expect(answer.ok).toBe(true)
    expect(progress).toEqual([1, 2])
    const echo = await supervisor.request({
      method: 'tools/call',
      params: { name: 'echo', arguments: { message: 'hi' } },
      deadlineAtMs: soon(),
    }).answer
    expect(echo).toMatchObject({ ok: true, result: { content: [{ type: 'text', text: 'Echo: hi' }] } })
  })
})
