import { afterEach, describe, expect, it } from 'vitest'
import { Problem } from '#std/index.ts'
import { callTool, createBench, NO_SANDBOX, type Bench } from '../testing.ts'

let bench: Bench

afterEach(async () => {
  await bench.close()
})

const soon = (): number => Date.now() + 10_000

describe('a stdio server', () => {
  it('is started, introduced and called, and speaks the era it turns out to speak', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    const info = await supervisor.describe(soon())
    expect(info).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', serverInfo: { name: 'fixture' } })
    expect(await callTool(supervisor, 'run', { code: 'return 6 * 7' })).toBe(42)
    expect(supervisor.status()).toMatchObject({ state: 'ready', isolation: 'none', cause: null, restarts: 0 })
  })

  it('starts although it exits on anything before initialize', async () => {
    bench = createBench(NO_SANDBOX)
    const info = await bench.start(bench.deployment('strict')).describe(soon())
    expect(info.era).toBe('legacy')
    expect(bench.statuses.filter((status) => status.state === 'backoff')).toEqual([])
  })

  it('may print noise on stdout, which becomes log lines that cannot move a cursor', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('noise'))
    await supervisor.describe(soon())
    expect(supervisor.logs().map((line) => line.text)).toEqual([
      'stdout: Welcome to the server!',
      'stdout: {"not":"rpc"}',
      'stdout: ␛[31mred',
    ])
  })

  it('that dies at start is named with exit code and last words, and started again later', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('die'))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringMatching(/exit code 7.*cannot find the moon/) as string,
    })
    const second = await bench.until((status) => status.state === 'backoff' && status.restarts >= 2)
    expect(second.remedy).toBe('sallyport deployment logs fixture')
  })

  it('that crashes in the middle of a call rejects every pending call and comes back', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    await supervisor.describe(soon())
    const other = callTool(supervisor, 'hang')
    const failures = await Promise.allSettled([other, callTool(supervisor, 'crash')])
    for (const failure of failures) {
      expect(failure).toMatchObject({
        status: 'rejected',
        reason: { type: 'upstream-down', message: expect.stringMatching(/exit code 9.*it hurts/) as string },
      })
    }
    await bench.until((status) => status.state === 'ready' && status.restarts === 1)
    expect(await callTool(supervisor, 'run', { code: 'return "again"' })).toBe('again')
  })

  it('that hangs costs its caller the deadline and is told that nobody waits any more', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    await supervisor.describe(soon())
    await expect(callTool(supervisor, 'hang', {}, 50)).rejects.toMatchObject({ type: 'upstream-timeout' })
    expect(await callTool(supervisor, 'run', { code: 'return cancelled.length' })).toBe(1)
  })

  it('that never answers its handshake is stopped at the start deadline', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('mute', {}, { startDeadlineMs: 300 }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringContaining('300 ms') as string,
    })
  })

  it('is told of a cancelled call', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    await supervisor.describe(soon())
    const call = supervisor.request({ method: 'tools/call', params: { name: 'hang', arguments: {} }, deadlineAtMs: soon() })
    call.cancel('changed my mind')
    await expect(call.answer).rejects.toThrow('changed my mind')
    expect(await callTool(supervisor, 'run', { code: 'return cancelled.length' })).toBe(1)
  })

  it('may list 5,000 tools or describe one with a megabyte', async () => {
    bench = createBench(NO_SANDBOX)
    const list = async (mode: string): Promise<Record<string, unknown>[]> => {
      const answer = await bench.start(bench.deployment(mode)).request({ method: 'tools/list', params: {}, deadlineAtMs: soon() }).answer
      return answer.ok === true ? (answer.result['tools'] as Record<string, unknown>[]) : []
    }
    expect(await list('many')).toHaveLength(5000)
    expect((await list('long'))[0]!['description']).toHaveLength(1024 * 1024)
  })

  it('that writes a line without end is stopped and restarted', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    await supervisor.describe(soon())
    await expect(callTool(supervisor, 'endless')).rejects.toMatchObject({
      type: 'upstream-failed',
      message: expect.stringContaining('line of more than') as string,
    })
    await bench.until((status) => status.state === 'ready' && status.restarts === 1)
  })

  it('that answers twice is believed once, and its own requests are refused', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    expect(await callTool(supervisor, 'twice')).toBe('first')
    expect(await callTool(supervisor, 'ask')).toMatchObject({ code: -32601 })
  })

  it('reports progress to the call it belongs to, and changes to everybody who listens', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    const progress: unknown[] = []
    const logged: unknown[] = []
    const heard: string[] = []
    supervisor.onNotification((method) => heard.push(method))
    await supervisor.request({
      method: 'tools/call',
      params: { name: 'steps', arguments: {} },
      deadlineAtMs: soon(),
      onProgress: (params) => progress.push(params),
    }).answer
    await supervisor.request({
      method: 'tools/call',
      params: { name: 'talk', arguments: {} },
      deadlineAtMs: soon(),
      onLog: (params) => logged.push(params),
    }).answer
    expect(progress).toEqual([{ progress: 1 }, { progress: 2 }])
    expect(logged).toEqual([{ level: 'info', data: 'hello' }])
    expect(heard).toEqual(['notifications/tools/list_changed'])
  })

  it('does not show one caller the log messages of another', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    const logged: unknown[] = []
    const bystander = supervisor.request({
      method: 'tools/call',
      params: { name: 'hang', arguments: {} },
      deadlineAtMs: soon(),
      onLog: (params) => logged.push(params),
    })
    await callTool(supervisor, 'talk')
    bystander.cancel('done')
    await expect(bystander.answer).rejects.toBeInstanceOf(Problem)
    expect(logged).toEqual([])
  })

  it('is started anew at once when asked to, and everybody who listens looks again', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    const heard = new Promise((resolve) => supervisor.onNotification(resolve))
    const before = await supervisor.describe(soon()).then(() => supervisor.status().pid)
    supervisor.restart()
    expect(await heard).toBe('notifications/tools/list_changed')
    expect(supervisor.status()).toMatchObject({ state: 'ready', restarts: 1, cause: null })
    expect(supervisor.status().pid).not.toBe(before)
  })

  it('may be stopped while it starts, and whoever waits is told', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment(''))
    const waiting = supervisor.describe(soon())
    const [outcome] = await Promise.allSettled([waiting, supervisor.close()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { type: 'upstream-down' } })
    expect(supervisor.status()).toMatchObject({ state: 'stopped', pid: null })
  })

  it('is killed when it ignores the request to end', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('stubborn'))
    await supervisor.describe(soon())
    const { pid } = supervisor.status()
    await supervisor.close()
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
    expect(supervisor.status()).toMatchObject({ state: 'stopped', pid: null })
    await expect(callTool(supervisor, 'run')).rejects.toMatchObject({ type: 'upstream-down' })
  }, 15_000)
})

describe('the approval gate', () => {
  it('starts nothing that was not approved', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('', {}, { approvedDigest: null }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      type: 'upstream-down',
      remedy: 'sallyport deployment approve fixture',
    })
    expect(supervisor.status()).toMatchObject({ state: 'waiting-approval', pid: null })
  })

  it('R24: starts nothing when the specification is another than the approved one, whatever the stored digest says', async () => {
    bench = createBench(NO_SANDBOX)
    const approved = bench.deployment('')
    const supervisor = bench.start({ ...approved, spec: { ...approved.spec, args: [bench.script, 'noise'] } as never })
    await expect(supervisor.describe(soon())).rejects.toMatchObject({ type: 'upstream-down' })
    expect(supervisor.status().state).toBe('waiting-approval')
  })

  it('refuses a machine that contains less than the specification demands, and says what to do', async () => {
    bench = createBench(NO_SANDBOX)
    const supervisor = bench.start(bench.deployment('', { isolation: 'medium' }))
    await expect(supervisor.describe(soon())).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringContaining('level medium') as string,
      remedy: expect.stringContaining('use a sandbox') as string,
    })
    expect(supervisor.status()).toMatchObject({ state: 'failed', pid: null, isolation: null })
  })
})

describe('secrets of a specification', () => {
  it('R29: reach the server and no log, status or error', async () => {
    bench = createBench(NO_SANDBOX, { token: 'canary-7f3a9' })
    const supervisor = bench.start(bench.deployment('', { env: { TOKEN: { secret: 'token' } } }))
    expect(await callTool(supervisor, 'run', { code: 'return process.env.TOKEN' })).toBe('canary-7f3a9')
    const failure = callTool(supervisor, 'run', { code: 'console.error("Error: token canary-7f3a9 refused"); process.exit(1)' })
    await expect(failure).rejects.toMatchObject({ message: expect.stringContaining('[secret] refused') as string })
    expect(JSON.stringify([supervisor.logs(), bench.statuses])).not.toContain('canary-7f3a9')
  })

  it('that cannot be opened make the deployment wait for its owner', async () => {
    bench = createBench(NO_SANDBOX)
    const host = {
      ...bench.host,
      secrets: () => {
        throw new Problem('not-found', 'There is no secret named "token".')
      },
    }
    Object.assign(bench.host, host)
    const supervisor = bench.start(bench.deployment('', { env: { TOKEN: { secret: 'token' } } }))
    await expect(supervisor.describe(soon())).rejects.toThrow('no secret named')
    expect(supervisor.status().state).toBe('needs-input')
  })
})
