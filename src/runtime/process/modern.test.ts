import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createBench, deploymentOf, NO_SANDBOX, type Bench } from '../testing.ts'
import type { ProcessSupervisor } from './supervisor.ts'

const MODULES = pathToFileURL(join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol')).href

/** Modern to the letter, without any library: its tool `run` evaluates a function body and gives what that returns as the result. */
const SERVER = `
import { createInterface } from 'node:readline'
const ID = 'io.modelcontextprotocol/subscriptionId'
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
const listens = []
const open = new Map()
const heard = []
const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, extensions: { 'io.modelcontextprotocol/tasks': {} } }
const answers = {
  'server/discover': () => ({ resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' }),
  'tools/call': async (params, id) => new Function('params', 'id', 'say', 'open', 'listens', 'heard', 'tell', 'return (async () => { ' + params.arguments.code + ' })()')(params, id, say, open, listens, heard, tell),
}
const tell = (method, params, wants) => { for (const [id, filter] of open) if (wants(filter)) say({ method, params: { ...params, _meta: { [ID]: id } } }) }
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params, result, error } = JSON.parse(line)
  heard.push(method ?? { id, error })
  if (method === 'notifications/cancelled' && open.delete(params.requestId)) listens.push('-')
  if (id === undefined || method === undefined) return
  if (method === 'subscriptions/listen') {
    open.set(id, params.notifications)
    listens.push(params.notifications)
    return say({ method: 'notifications/subscriptions/acknowledged', params: { _meta: { [ID]: id }, notifications: params.notifications } })
  }
  if (answers[method] === undefined) return say({ id, error: { code: -32601, message: 'unknown' } })
  say({ id, result: await answers[method](params, id) })
})
`

const OFFICIAL = `
import { inputRequired, McpServer } from '${MODULES}/server/dist/index.mjs'
import { serveStdio } from '${MODULES}/server/dist/stdio.mjs'
serveStdio(() => {
  const server = new McpServer({ name: 'official', version: '1' })
  server.registerTool('order', { description: 'order' }, (ctx) => {
    const answer = ctx.mcpReq.inputResponses?.size
    if (answer?.action === 'accept') return { content: [{ type: 'text', text: 'A ' + answer.content.size + ' one, ' + ctx.mcpReq.requestState() }] }
    const requestedSchema = { type: 'object', properties: { size: { type: 'string' } } }
    return inputRequired({ inputRequests: { size: inputRequired.elicit({ message: 'Which size?', requestedSchema }) }, requestState: 'as agreed' })
  })
  return server
})
`

let bench: Bench

beforeEach(() => {
  bench = createBench(NO_SANDBOX)
})

afterEach(() => bench.close())

/** However busy the machine is. */
const PATIENT = { timeout: 10_000 }
const soon = (): number => Date.now() + 25_000

async function start(text = SERVER, startMs = 25_000): Promise<ProcessSupervisor> {
  const script = join(bench.folder, 'project', 'modern.mjs')
  writeFileSync(script, text)
  const supervisor = bench.start(deploymentOf({ args: [script] }, { startDeadlineMs: startMs }))
  expect(await supervisor.describe(Date.now() + startMs)).toMatchObject({ era: 'modern' })
  return supervisor
}

function run(code: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return { method: 'tools/call', params: { name: 'run', arguments: { code } }, deadlineAtMs: soon(), ...more }
}

const send = (supervisor: ProcessSupervisor, request: UpstreamRequest): Promise<UpstreamAnswer> => supervisor.request(request).answer

/** What a function body in the server gives. */
async function value(supervisor: ProcessSupervisor, code: string): Promise<unknown> {
  const answer = await send(supervisor, run(`return { value: await (async () => { ${code} })() }`))
  if (answer.ok !== true) throw new Error('expected a result')
  return answer.result['value']
}

describe('a modern stdio server', () => {
  it('asks with its result, is told of each client what that one declared, and stays one process', async () => {
    const supervisor = await start()
    const code = `return params.inputResponses ? { got: [params.inputResponses, params.requestState, params._meta['io.modelcontextprotocol/clientCapabilities']] } : { resultType: 'input_required', inputRequests: { r: { method: 'roots/list' } }, requestState: 'mine' }`
    const ann = { principal: 'ann', clientCapabilities: { roots: {}, extensions: { 'x.example/y': {} } } }
    expect(await send(supervisor, run(code, ann))).toEqual({
      ok: 'input',
      input: { requests: { r: { method: 'roots/list', params: {} } }, state: 'mine' },
    })
    const given = { responses: { r: { roots: [] } }, state: 'mine' }
    expect(await send(supervisor, run(code, { ...ann, given }))).toEqual({
      ok: true,
      result: { got: [given.responses, 'mine', ann.clientCapabilities] },
    })
    await expect(send(supervisor, run(code, { principal: 'bob', clientCapabilities: { sampling: {} } }))).rejects.toMatchObject({
      type: 'upstream-failed',
      message: expect.stringContaining('roots/list') as string,
    })
    expect(supervisor.status()).not.toHaveProperty('instances')
  })

  it('that sends requests is not answered: there is no such thing in its era', async () => {
    const supervisor = await start()
    await value(supervisor, `say({ id: 'q', method: 'roots/list' }); say({ id: 'p', method: 'ping' })`)
    expect(await value(supervisor, 'return heard.filter((entry) => typeof entry === "object")')).toEqual([])
    expect(supervisor.logs().map(({ text }) => text)).toEqual([expect.stringContaining('roots/list'), expect.stringContaining('ping')])
  })

  it('has its log messages shown to whom they name, else only when there is one call, and no louder than asked for', async () => {
    const supervisor = await start()
    const logged: unknown[] = []
    const listening = (who: string): Partial<UpstreamRequest> => ({
      logLevel: 'warning',
      onProgress: () => {},
      onLog: ({ data }) => logged.push([who, data]),
    })
    const log = (data: string, level: string, meta = ''): string =>
      `say({ method: 'notifications/message', params: { level: '${level}', data: '${data}'${meta} } });`
    const named = ', _meta: { progressToken: params._meta.progressToken }'
    await send(supervisor, run(`${log('alone', 'error')} ${log('too quiet', 'info')} return {}`, listening('ann')))
    const hanging = supervisor.request(run('return new Promise(() => {})', listening('bob')))
    await send(supervisor, run(`${log('whose', 'error')} ${log('named', 'error', named)} return {}`, listening('ann')))
    hanging.cancel('enough')
    await expect(hanging.answer).rejects.toThrow('enough')
    expect(logged).toEqual([
      ['ann', 'alone'],
      ['ann', 'named'],
    ])
  })

  it('written with the official library completes what it asked for', async () => {
    const supervisor = await start(OFFICIAL)
    const order = {
      ...run(''),
      params: { name: 'order', arguments: {} },
      principal: 'ann',
      clientCapabilities: { elicitation: { form: {} } },
    }
    const first = await send(supervisor, order)
    expect(first).toMatchObject({ ok: 'input', input: { requests: { size: { params: { message: 'Which size?' } } }, state: 'as agreed' } })
    const given = { responses: { size: { action: 'accept', content: { size: 'large' } } }, state: 'as agreed' }
    expect(await send(supervisor, { ...order, given })).toMatchObject({
      ok: true,
      result: { content: [{ type: 'text', text: 'A large one, as agreed' }] },
    })
  })
})

describe('a modern stdio server that is slow to start', () => {
  it('is not left in doubt of which era the connection is', async () => {
    // The first time, it reads only after the probe was given up, and then both greetings at once.
    const marker = join(bench.folder, 'started')
    const slowly = `import { existsSync, writeFileSync } from 'node:fs'
      if (!existsSync('${marker}')) { writeFileSync('${marker}', ''); await new Promise((resolve) => setTimeout(resolve, ${LIMITS.eraProbeMs + 1_000})) }`
    const supervisor = await start(slowly + OFFICIAL, 50_000)
    const order = {
      ...run(''),
      params: { name: 'order', arguments: {} },
      principal: 'ann',
      clientCapabilities: { elicitation: { form: {} } },
    }
    expect(await send(supervisor, order)).toMatchObject({ ok: 'input' })
    expect(supervisor.status()).toMatchObject({ state: 'ready', restarts: 0, era: 'modern' })
  }, 60_000)
})

describe('what is watched at a modern stdio server', () => {
  const LISTS = { toolsListChanged: true }
  const listens = (supervisor: ProcessSupervisor): Promise<unknown> => value(supervisor, 'return listens')
  /** Tells of an update of everything that a subscription names. */
  const touch = (uri: string): string =>
    `tell('notifications/resources/updated', { uri: '${uri}' }, (filter) => filter.resourceSubscriptions?.includes('${uri}')); tell('notifications/tasks', { taskId: 't1' }, (filter) => filter.taskIds?.includes('t1'))`

  it('is asked for in a subscription of its own, which changes with it: the new one first', async () => {
    const supervisor = await start()
    const heard: unknown[] = []
    supervisor.onNotification((method, params) => heard.push([method, params]))
    await expect.poll(() => listens(supervisor), PATIENT).toEqual([LISTS])
    const stops = [
      supervisor.watch({ resource: 'file:///a' }),
      supervisor.watch({ resource: 'file:///a' }),
      supervisor.watch({ task: 't1' }),
    ]
    await expect.poll(() => listens(supervisor), PATIENT).toEqual([LISTS, { resourceSubscriptions: ['file:///a'], taskIds: ['t1'] }])
    await value(supervisor, touch('file:///a'))
    expect(heard).toEqual([
      ['notifications/resources/updated', { uri: 'file:///a' }],
      ['notifications/tasks', { taskId: 't1' }],
    ])
    stops[0]!()
    stops[0]!()
    supervisor.watch({ resource: 'file:///b' })
    await expect
      .poll(() => listens(supervisor))
      .toEqual([
        LISTS,
        { resourceSubscriptions: ['file:///a'], taskIds: ['t1'] },
        { resourceSubscriptions: ['file:///a', 'file:///b'], taskIds: ['t1'] },
        '-',
      ])
    stops[1]!()
    await expect
      .poll(async () => ((await listens(supervisor)) as unknown[]).slice(4))
      .toEqual([{ resourceSubscriptions: ['file:///b'], taskIds: ['t1'] }, '-'])
  })

  it('is not asked for when nobody wants it any more', async () => {
    const supervisor = await start()
    const stop = supervisor.watch({ resource: 'file:///a' })
    await expect.poll(() => value(supervisor, 'return open.size'), PATIENT).toBe(2)
    stop()
    await expect.poll(() => value(supervisor, 'return [...open.values()]'), PATIENT).toEqual([LISTS])
  })

  it('is asked for again after a restart, and told to have changed meanwhile', async () => {
    const supervisor = await start()
    supervisor.watch({ resource: 'file:///a' })
    await expect.poll(() => value(supervisor, 'return open.size'), PATIENT).toBe(2)
    const updated = new Promise((resolve) =>
      supervisor.onNotification((method, params) => {
        if (method === 'notifications/resources/updated') resolve(params)
      }),
    )
    supervisor.restart()
    expect(await updated).toEqual({ uri: 'file:///a' })
    await expect.poll(() => listens(supervisor), PATIENT).toEqual([LISTS, { resourceSubscriptions: ['file:///a'] }])
  })

  it('is asked for again when the server ends a subscription', async () => {
    const supervisor = await start()
    await value(supervisor, 'for (const id of open.keys()) { open.delete(id); say({ id, result: { resultType: "complete" } }) }')
    await expect.poll(() => listens(supervisor), PATIENT).toEqual([LISTS, LISTS])
  })
})

describe('what is watched at a legacy stdio server', () => {
  const heardOf = (supervisor: ProcessSupervisor): unknown[] => {
    const heard: unknown[] = []
    supervisor.onNotification((method, params) => method === 'notifications/resources/updated' && heard.push(params['uri']))
    return heard
  }

  it('is subscribed to once, until nobody wants it, and again after a restart', async () => {
    const supervisor = bench.start(bench.deployment(''))
    const heard = heardOf(supervisor)
    // Before it is ready: that is made good.
    const stops = [
      supervisor.watch({ resource: 'file:///a' }),
      supervisor.watch({ resource: 'file:///a' }),
      supervisor.watch({ task: 't' }),
    ]
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a'])
    stops[0]!()
    supervisor.watch({ resource: 'file:///b' })
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a', 'file:///b'])
    stops[1]!()
    await expect.poll(() => heard, PATIENT).toEqual(['file:///a', 'file:///b', 'gone:file:///a'])
    heard.length = 0
    supervisor.restart()
    // Once because it may have changed, once because the fixture says so when it is asked.
    await expect.poll(() => heard, PATIENT).toEqual(['file:///b', 'file:///b'])
  })
})
