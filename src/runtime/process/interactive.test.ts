import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import { callTool, createBench, NO_SANDBOX, type Bench } from '../testing.ts'
import { probeIsolation } from './probe-isolation.ts'
import type { ProcessSupervisor } from './supervisor.ts'
import { ASK, asked, call, CAN, give, NAME, send, value } from './testing.ts'

/** However busy the machine is. */
const PATIENT = { timeout: 10_000 }
const soon = (): number => Date.now() + 25_000

let bench: Bench

beforeEach(() => {
  bench = createBench(NO_SANDBOX)
})

afterEach(() => bench.close())

async function start(mode = '', record = {}): Promise<ProcessSupervisor> {
  const supervisor = bench.start(bench.deployment(mode, {}, record))
  await supervisor.describe(soon())
  return supervisor
}

describe('a legacy server that asks during a call', () => {
  it('has an instance that knows what its caller can be asked, and gets the answer by the retry', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', ASK))
    expect(Object.values(first.requests)).toEqual([{ method: 'elicitation/create', params: NAME }])
    expect(first.state).toMatch(/^[\w-]{43}$/)
    expect(supervisor.status()).toMatchObject({ state: 'ready', instances: 1 })
    expect(await value(supervisor, call('ann', ASK, { given: give(first) }))).toEqual({ action: 'accept', content: { name: 'Ann' } })
    expect(await value(supervisor, call('ann', 'return [process.pid, declared]'))).toEqual([
      expect.not.objectContaining({ pid: supervisor.status().pid }),
      CAN,
    ])
    expect(await callTool(supervisor, 'run', { code: 'return [process.pid, declared]' })).toEqual([supervisor.status().pid, {}])
  })

  it('may ask again and again, and for several things at once', async () => {
    const supervisor = await start()
    const code = `const one = await ask('roots/list'); const two = await Promise.all([ask('sampling/createMessage', { messages: [] }), ask('elicitation/create', { message: 'and?' })]); return [one, ...two]`
    const first = await asked(supervisor, call('ann', code))
    expect(Object.values(first.requests).map(({ method }) => method)).toEqual(['roots/list'])
    const second = await asked(supervisor, call('ann', code, { given: give(first, { roots: [] }) }))
    expect(Object.values(second.requests).map(({ method }) => method)).toEqual(['sampling/createMessage', 'elicitation/create'])
    expect(second.state).not.toBe(first.state)
    expect(await value(supervisor, call('ann', code, { given: give(second, { x: 1 }) }))).toEqual([{ roots: [] }, { x: 1 }, { x: 1 }])
  })

  it('is told nothing that its client did not declare it can be asked', async () => {
    const supervisor = await start()
    const code = `return await Promise.all([ask('elicitation/create', { mode: 'url', url: 'https://x.example', message: '', elicitationId: '1' }), ask('sampling/createMessage', { tools: [] }), ask('roots/list'), ask('tasks/list'), ask('ping')])`
    const request = call('ann', code, { clientCapabilities: { elicitation: {}, sampling: {}, extensions: { x: {} } } })
    expect(await value(supervisor, request)).toMatchObject([{ code: -32602 }, { code: -32602 }, { code: -32602 }, { code: -32601 }, {}])
    expect(await value(supervisor, { ...request, params: { name: 'run', arguments: { code: 'return declared' } } })).toEqual({
      elicitation: {},
      sampling: {},
    })
  })

  it('gets progress and log messages of the retry to the one who retries, and none in between', async () => {
    const supervisor = await start()
    const code = `const tell = (progress) => { say({ method: 'notifications/progress', params: { progressToken: token, progress } }); say({ method: 'notifications/message', params: { level: 'error', data: progress } }) }; tell(1); const asking = ask('roots/list'); tell(2); await asking; tell(3); return 'done'`
    const told: unknown[] = []
    const listening = (who: string): Partial<UpstreamRequest> => ({
      onProgress: ({ progress }) => told.push([who, progress]),
      onLog: ({ data }) => told.push([who, 'log', data]),
    })
    const first = await asked(supervisor, call('ann', code, listening('first')))
    const before = [...told]
    expect(await value(supervisor, call('ann', code, { ...listening('second'), given: give(first) }))).toBe('done')
    expect(before).toContainEqual(['first', 1])
    expect(told.slice(before.length)).toEqual([
      ['second', 3],
      ['second', 'log', 3],
    ])
  })

  it('is asked again for what a retry leaves out, under another name', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', ASK))
    const again = await asked(supervisor, call('ann', ASK, { given: { responses: { other: {} }, state: first.state } }))
    expect(again.requests).toEqual(first.requests)
    expect(again.state).not.toBe(first.state)
    const third = await asked(supervisor, call('ann', ASK, { given: give(again, 'no object') }))
    expect(await value(supervisor, call('ann', ASK, { given: give(third) }))).toMatchObject({ action: 'accept' })
  })

  it('may take a question back: the retry gets what became of the call', async () => {
    const supervisor = await start()
    const code = `ask('roots/list', {}, 'gone'); setTimeout(() => { say({ method: 'notifications/cancelled', params: { requestId: 'gone' } }); say({ id, result: { content: [], structuredContent: { value: 'without you' } } }) }, 50); return await new Promise(() => {})`
    const first = await asked(supervisor, call('ann', code))
    expect(await value(supervisor, call('ann', code, { given: give(first) }))).toBe('without you')
  })

  it('that wants a URL visited has its call made again', async () => {
    const supervisor = await start()
    const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://pay.example/1', message: 'Pay' }]
    const fail = JSON.stringify({ code: -32042, message: 'first pay', data: { elicitations } })
    const code = `return globalThis.paid ? 'thanks' : (globalThis.paid = true, { fail: ${fail} })`
    const request = call('ann', code, { clientCapabilities: { elicitation: { url: {} } } })
    const first = await asked(supervisor, request)
    expect(first).toEqual({
      requests: { 'url-1': { method: 'elicitation/create', params: { mode: 'url', url: 'https://pay.example/1', message: 'Pay' } } },
      state: null,
    })
    expect(await value(supervisor, { ...request, given: give(first, { action: 'accept' }) })).toBe('thanks')
    const other = await send(supervisor, call('bob', `return { fail: ${fail} }`, { clientCapabilities: { elicitation: { form: {} } } }))
    expect(other).toMatchObject({ ok: false, error: { code: -32042 } })
  })
})

describe('two principals', () => {
  it('never see what is asked of the other, nor take up the call of the other', async () => {
    const supervisor = await start()
    const question = (who: string): string => `return [process.pid, await ask('elicitation/create', { message: 'for ${who}' })]`
    const [forAnn, forBob] = await Promise.all([
      asked(supervisor, call('ann', question('ann'))),
      asked(supervisor, call('bob', question('bob'))),
    ])
    expect(Object.values(forAnn.requests)).toMatchObject([{ params: { message: 'for ann' } }])
    expect(Object.values(forBob.requests)).toMatchObject([{ params: { message: 'for bob' } }])
    const stolen = send(supervisor, call('bob', question('ann'), { given: give(forAnn, { action: 'decline' }) }))
    const madeUp = send(supervisor, call('bob', question('ann'), { given: { responses: {}, state: 'x'.repeat(43) } }))
    const [first, second] = await Promise.allSettled([stolen, madeUp])
    expect(first).toMatchObject({ status: 'rejected', reason: { type: 'invalid-params' } })
    expect((first as PromiseRejectedResult).reason).toEqual((second as PromiseRejectedResult).reason)
    const [annPid, annGot] = (await value(supervisor, call('ann', question('ann'), { given: give(forAnn, { who: 'ann' }) }))) as unknown[]
    const [bobPid, bobGot] = (await value(supervisor, call('bob', question('bob'), { given: give(forBob, { who: 'bob' }) }))) as unknown[]
    expect([annGot, bobGot]).toEqual([{ who: 'ann' }, { who: 'bob' }])
    expect(annPid).not.toBe(bobPid)
    const used = send(supervisor, call('ann', question('ann'), { given: give(forAnn) }))
    await expect(used).rejects.toEqual((first as PromiseRejectedResult).reason)
  })

  it('do not share an instance, nor does one with other capabilities', async () => {
    const supervisor = await start()
    const pids = await Promise.all([
      value(supervisor, call('ann', 'return process.pid')),
      value(supervisor, call('ann', 'return process.pid', { clientCapabilities: { roots: { listChanged: true } } })),
      value(supervisor, call('bob', 'return process.pid')),
      callTool(supervisor, 'run', { code: 'return process.pid' }),
    ])
    expect(new Set(pids).size).toBe(4)
    expect(supervisor.status().instances).toBe(3)
    expect(await value(supervisor, call('ann', 'return process.pid'))).toBe(pids[0])
  })
})

describe('an instance of its own', () => {
  it('does one call after the other; while one is parked, others wait no longer than they may', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', ASK))
    await expect(send(supervisor, call('ann', 'return 1', { deadlineAtMs: Date.now() + 50 }))).rejects.toMatchObject({
      type: 'upstream-timeout',
    })
    const waiting = value(supervisor, call('ann', 'return "next"'))
    const cancelled = supervisor.request(call('ann', 'return 2'))
    cancelled.cancel('changed my mind')
    await expect(cancelled.answer).rejects.toThrow('changed my mind')
    expect(await value(supervisor, call('ann', ASK, { given: give(first) }))).toMatchObject({ action: 'accept' })
    expect(await waiting).toBe('next')
  })

  it('refuses more calls than may wait', async () => {
    const supervisor = await start()
    await asked(supervisor, call('ann', ASK))
    const waiting = Array.from({ length: LIMITS.interactiveQueueMax }, () => supervisor.request(call('ann', 'return 1')))
    await expect(send(supervisor, call('ann', 'return 1'))).rejects.toMatchObject({ type: 'overloaded' })
    for (const pending of waiting) pending.cancel('enough')
    expect((await Promise.allSettled(waiting.map(({ answer }) => answer))).every(({ status }) => status === 'rejected')).toBe(true)
  })

  it('tells its server when the call or its retry is cancelled', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', `await ask('roots/list'); return await new Promise(() => {})`))
    const retry = supervisor.request(call('ann', '', { given: give(first, { roots: [] }) }))
    retry.cancel('enough')
    await expect(retry.answer).rejects.toThrow('enough')
    expect(await value(supervisor, call('ann', 'return cancelled.length'))).toBe(1)
  })

  it('is freed by a retry that is cancelled at once: so is a parked call given up', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', ASK))
    const retry = supervisor.request(call('ann', ASK, { given: { responses: {}, state: first.state } }))
    retry.cancel('the client has gone')
    await expect(retry.answer).rejects.toThrow('the client has gone')
    expect(await value(supervisor, call('ann', 'return cancelled.length'))).toBe(1)
  })

  it('that dies while a call is parked fails the retry, and the next call starts another', async () => {
    const supervisor = await start()
    const first = await asked(
      supervisor,
      call('ann', `setTimeout(() => { console.error('Error: lost the thread'); process.exit(5) }, 50); ${ASK}`),
    )
    await expect.poll(() => supervisor.status(), PATIENT).not.toHaveProperty('instances')
    expect(supervisor.status()).toMatchObject({ state: 'ready', restarts: 1 })
    await expect(send(supervisor, call('ann', '', { given: give(first) }))).rejects.toMatchObject({
      type: 'upstream-failed',
      message: expect.stringMatching(/exit code 5.*lost the thread/) as string,
    })
    await expect(send(supervisor, call('ann', 'return 1'))).rejects.toMatchObject({
      type: 'upstream-down',
      message: expect.stringContaining('started again in') as string,
    })
    expect(supervisor.logs().map(({ text }) => text)).toContain('Error: lost the thread')
    expect(await callTool(supervisor, 'run', { code: 'return "here"' })).toBe('here')
  })

  it('ends with its deployment, and on a restart', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', ASK))
    const pid = (await value(supervisor, call('bob', 'return process.pid'))) as number
    const back = bench.until(({ state, restarts }) => state === 'ready' && restarts === 1)
    supervisor.restart()
    await back
    await expect(send(supervisor, call('ann', ASK, { given: give(first) }))).rejects.toMatchObject({ type: 'upstream-failed' })
    const after = (await value(supervisor, call('bob', 'return process.pid'))) as number
    expect(after).not.toBe(pid)
    await supervisor.close()
    for (const old of [pid, after]) expect(() => process.kill(old, 0)).toThrow('ESRCH')
    await expect(send(supervisor, call('bob', 'return 1'))).rejects.toMatchObject({ type: 'upstream-down' })
  })

  it('may be stopped while it starts', async () => {
    const supervisor = await start()
    const waiting = supervisor.request(call('ann', 'return 1'))
    const [outcome] = await Promise.allSettled([waiting.answer, supervisor.close()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { type: 'upstream-down' } })
    expect(supervisor.status()).not.toHaveProperty('instances')
  })

  it('R24: does not start unless what it would run is approved at that moment', async () => {
    const supervisor = await start()
    supervisor.adopt({ ...supervisor.deployment, approvedDigest: null })
    await expect(send(supervisor, call('ann', 'return process.pid'))).rejects.toMatchObject({
      type: 'upstream-down',
      remedy: 'sallyport deployment approve fixture',
    })
    expect(supervisor.status()).not.toHaveProperty('instances')
  })

  it('R29: has the same secrets, which no log shows', async () => {
    await bench.close()
    bench = createBench(NO_SANDBOX, { token: 'canary-2b9e1' })
    const supervisor = bench.start(bench.deployment('', { env: { TOKEN: { secret: 'token' } } }))
    await supervisor.describe(soon())
    expect(await value(supervisor, call('ann', 'console.error("I have " + process.env.TOKEN); return process.env.TOKEN'))).toBe(
      'canary-2b9e1',
    )
    await expect.poll(() => supervisor.logs().map(({ text }) => text), PATIENT).toContain('I have [secret]')
    expect(JSON.stringify([supervisor.logs(), bench.statuses])).not.toContain('canary-2b9e1')
  })

  it('is given up by nobody who is busy: the longest idle one makes room, and there is a limit', async () => {
    const supervisor = await start()
    const pid = (who: string): Promise<unknown> => value(supervisor, call(who, 'return process.pid'))
    const idle = (await pid('idle')) as number
    const busy = Array.from({ length: LIMITS.interactiveInstancesMax - 1 }, (_, i) => `busy-${i}`)
    for (const who of busy) await asked(supervisor, call(who, ASK))
    expect(supervisor.status().instances).toBe(LIMITS.interactiveInstancesMax)
    await asked(supervisor, call('new', ASK))
    expect(() => process.kill(idle, 0)).toThrow('ESRCH')
    expect(supervisor.status().instances).toBe(LIMITS.interactiveInstancesMax)
    await expect(send(supervisor, call('idle', 'return 1'))).rejects.toMatchObject({
      type: 'overloaded',
      remedy: expect.stringContaining('Try again') as string,
    })
    expect(await callTool(supervisor, 'run', { code: 'return "shared"' })).toBe('shared')
  }, 30_000)
})

describe('an instance of its own in a sandbox', () => {
  it('R27: is contained as the one that serves everybody', async (ctx) => {
    const isolation = await probeIsolation(process.env)
    if (isolation.tools === null) return ctx.skip(isolation.reason)
    await bench.close()
    bench = createBench(isolation)
    const secret = join(bench.folder, 'secret.txt')
    writeFileSync(secret, 'canary-of-the-host', { mode: 0o644 })
    chmodSync(bench.folder, 0o755)
    const supervisor = bench.start(bench.deployment('', { isolation: 'medium' }))
    await supervisor.describe(soon())
    const look = `const { readFileSync } = await import('node:fs'); try { return readFileSync(${JSON.stringify(secret)}, 'utf8') } catch (error) { return error.code }`
    const first = await asked(supervisor, call('ann', `await ask('roots/list'); ${look}`))
    expect(await value(supervisor, call('ann', '', { given: give(first, { roots: [] }) }))).toBe('ENOENT')
    expect(supervisor.status()).toMatchObject({ instances: 1, isolation: isolation.level })
  }, 30_000)
})

describe('a hostile server', () => {
  const FLOOD = `process.stdout.write(Array.from({ length: 5000 }, (_, id) => JSON.stringify({ jsonrpc: '2.0', id, method: 'roots/list' }) + '\\n').join(''))`
  const tooMuch = {
    type: 'upstream-failed',
    message: expect.stringContaining(`more than ${LIMITS.serverRequestsMax}`) as string,
  }

  it('that asks for more than may be open at once is stopped, as far as it serves the one who called', async () => {
    const supervisor = await start()
    const bystander = await asked(supervisor, call('bob', ASK))
    await expect(send(supervisor, call('ann', `${FLOOD}; return await new Promise(() => {})`))).rejects.toMatchObject(tooMuch)
    await expect.poll(() => supervisor.status().instances, PATIENT).toBe(1)
    await expect(send(supervisor, call('ann', 'return 1'))).rejects.toMatchObject({ type: 'upstream-down' })
    expect(await value(supervisor, call('bob', ASK, { given: give(bystander) }))).toMatchObject({ action: 'accept' })
    expect(supervisor.status()).toMatchObject({ state: 'ready', restarts: 1, instances: 1 })
  })

  it('that does so while a call is parked fails its retry', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('ann', `setTimeout(() => { ${FLOOD} }, 50); ${ASK}`))
    await expect.poll(() => supervisor.status(), PATIENT).not.toHaveProperty('instances')
    await expect(send(supervisor, call('ann', ASK, { given: give(first) }))).rejects.toMatchObject(tooMuch)
  })

  it('that asks twice under one id is answered once; after its answer, nobody is asked', async () => {
    const supervisor = await start()
    const code = `globalThis.count = 0; process.stdin.on('data', (chunk) => { globalThis.count += String(chunk).split('"id":"twin"').length - 1 }); const asking = ask('roots/list', {}, 'twin'); say({ id: 'twin', method: 'roots/list' }); await asking; return 'ok'`
    const first = await asked(supervisor, call('ann', code))
    expect(Object.keys(first.requests)).toHaveLength(1)
    expect(await value(supervisor, call('ann', code, { given: give(first, { roots: [] }) }))).toBe('ok')
    expect(await value(supervisor, call('ann', 'return globalThis.count'))).toBe(1)
    // In one write: what comes later could belong to the next call.
    const late = `process.stdout.cork(); say({ id, result: { content: [], structuredContent: { value: 'answered' } } }); globalThis.late = ask('roots/list'); process.stdout.uncork(); return 'ignored'`
    expect(await value(supervisor, call('ann', late))).toBe('answered')
    expect(await value(supervisor, call('ann', 'return await globalThis.late'))).toMatchObject({ code: expect.any(Number) as number })
  })

  it('that answers ids nobody has, asks with odd ones, or answers nothing it was asked changes nothing', async () => {
    const supervisor = await start()
    const code = `for (const odd of [null, {}, [1], true, 999999, 'x']) { say({ id: odd, method: 'roots/list' === odd ? '' : undefined, result: {} }); if (typeof odd === 'object' || odd === true) say({ id: odd, method: 'roots/list' }) } return 'still here'`
    expect(await value(supervisor, call('ann', code))).toBe('still here')
  })

  it('that asks without reading its answers is stopped', async () => {
    const supervisor = await start()
    const code = `process.stdin.pause(); const id = 'x'.repeat(1 << 20); const more = () => { while (process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }) + '\\n')); process.stdout.once('drain', more) }; more(); return await new Promise(() => {})`
    await expect(send(supervisor, call('ann', code))).rejects.toMatchObject({
      type: 'upstream-failed',
      message: expect.stringContaining('does not read') as string,
    })
    expect(await callTool(supervisor, 'run', { code: 'return "shared"' })).toBe('shared')
  })
})
