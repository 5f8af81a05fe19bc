import { afterEach, describe, expect, it } from 'vitest'
import { EVERYTHING_CAPABLE, lists, profileNamed, RpcRefusal, type MemoryServer } from './testing.ts'
import { keyNamed, startFederation, type FederationBench } from '../testing.ts'

type Json = Record<string, unknown>

const EXTENSION = 'io.modelcontextprotocol/tasks'
const DECLARED = { capabilities: { extensions: { [EXTENSION]: {} } } }

let bench: FederationBench

afterEach(() => bench.close())

/** A server whose tool `build` becomes a task. */
function worker(): MemoryServer {
  const task = (taskId: unknown): Json => ({
    taskId,
    status: 'working',
    createdAt: '2026-11-21T00:00:00Z',
    lastUpdatedAt: '2026-11-21T00:00:00Z',
    ttlMs: 60_000,
  })
  const known = ({ taskId }: Json): Json => {
    if (taskId !== 'upstream-task-1') throw new RpcRefusal(-32602, 'Task not found')
    return task(taskId)
  }
  const link = { type: 'resource_link', uri: 'ui://report', name: 'report' }
  return {
    capabilities: { ...EVERYTHING_CAPABLE, extensions: { [EXTENSION]: {} } },
    answers: {
      ...lists({ tools: ['build'] }),
      'tools/call': () => ({ resultType: 'task', ...task('upstream-task-1') }),
      'tasks/get': (params) => ({ ...known(params), status: 'completed', result: { content: [link] } }),
      'tasks/update': (params) => ({ seen: known(params)['taskId'] && params['inputResponses'] }),
      'tasks/cancel': (params) => (known(params), {}),
    },
  }
}

function start(): void {
  bench = startFederation({
    servers: { worker: worker(), twin: worker() },
    profiles: [profileNamed('dev', ['worker', 'twin']), profileNamed('other', ['worker'])],
    keys: [keyNamed('ada'), keyNamed('bob')],
  })
}

async function startTask(path = '/mcp/dev', key = 'ada'): Promise<string> {
  const { message } = await bench.ask(path, 'tools/call', { name: 'worker__build' }, { key, ...DECLARED })
  expect(message.result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 60_000 })
  return message.result?.['taskId'] as string
}

const ask = (method: string, params: Json, over: Json = {}) => bench.ask('/mcp/dev', method, params, { key: 'ada', ...DECLARED, ...over })

describe('a task behind a profile', () => {
  it('has an id that says nothing of its server, and is asked for there under its own', async () => {
    start()
    const taskId = await startTask()
    expect(taskId).not.toContain('upstream-task-1')
    expect(Buffer.from(taskId, 'base64url').toString('latin1')).not.toContain('upstream-task-1')
    const got = await ask('tasks/get', { taskId })
    expect(got.message.result).toMatchObject({ resultType: 'complete', taskId, status: 'completed' })
    expect(got.message.result?.['result']).toEqual({ content: [{ type: 'resource_link', uri: 'ui://worker/report', name: 'report' }] })
    expect(bench.servers['worker']?.seen.at(-1)).toMatchObject({ method: 'tasks/get', params: { taskId: 'upstream-task-1' } })
    await ask('tasks/update', { taskId, inputResponses: { name: { action: 'accept' } } })
    expect(bench.servers['worker']?.seen.at(-1)).toMatchObject({
      method: 'tasks/update',
      params: { taskId: 'upstream-task-1', inputResponses: { name: { action: 'accept' } } },
    })
    const cancelled = await ask('tasks/cancel', { taskId })
    expect(cancelled.message.result).toMatchObject({ resultType: 'complete' })
    expect(bench.servers['twin']?.count('tasks/get')).toBe(0)
  })

  it('R19: is unknown to everybody but the caller who started it, where it was started', async () => {
    start()
    const taskId = await startTask()
    const attempts = [
      ['/mcp/dev', { taskId }, { key: 'bob' }],
      ['/mcp/other', { taskId }, {}],
      ['/mcp', { taskId }, {}],
      ['/mcp/dev', { taskId: `${taskId.slice(0, -2)}AA` }, {}],
      ['/mcp/dev', { taskId: 'upstream-task-1' }, {}],
      ['/mcp/dev', { taskId: 'x'.repeat(5_000) }, {}],
      ['/mcp/dev', { taskId: 7 }, {}],
    ] as const
    const answers = await Promise.all(
      attempts.map(([path, params, over]) => bench.ask(path, 'tasks/get', params, { key: 'ada', ...DECLARED, ...over })),
    )
    const [first] = answers
    expect(first?.message.error?.code).toBe(-32602)
    for (const { status, message } of answers) expect([status, message.error]).toEqual([200, first?.message.error])
    expect(bench.servers['worker']?.count('tasks/get')).toBe(0)
  })

  it('ends for its caller when its server leaves the profile', async () => {
    start()
    const taskId = await startTask()
    bench.publish({ profiles: [profileNamed('dev', ['twin'])] })
    expect((await ask('tasks/get', { taskId })).message.error?.code).toBe(-32602)
  })

  it('is not for clients that did not say on this request that they know of tasks', async () => {
    start()
    const taskId = await startTask()
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { status, message } = await bench.ask('/mcp/dev', method, { taskId }, { key: 'ada' })
      expect([status, message.error?.code, message.error?.data?.['requiredCapabilities']]).toEqual([
        400,
        -32021,
        { extensions: { [EXTENSION]: {} } },
      ])
    }
    const legacy = await bench.ask('/mcp/dev', 'tasks/get', { taskId }, { key: 'ada', era: 'legacy' })
    expect(legacy.message.error?.code).toBe(-32601)
    expect(bench.servers['worker']?.count('tasks/get')).toBe(0)
  })

  it('is followed under the id that its caller knows, with its result in the words of the endpoint', async () => {
    start()
    const taskId = await startTask()
    const foreign = await startTask('/mcp/dev', 'bob')
    const stream = await bench.listen('/mcp/dev', { taskIds: [taskId, foreign, 'made up'] }, { key: 'ada', ...DECLARED })
    expect((await stream.next()).params?.['notifications']).toEqual({ taskIds: [taskId] })
    expect(bench.servers['worker']?.watched).toEqual([{ task: 'upstream-task-1' }])
    const link = { type: 'resource_link', uri: 'ui://report', name: 'r' }
    bench.servers['worker']?.tell('notifications/tasks', { taskId: 'another', status: 'working' })
    bench.servers['twin']?.tell('notifications/tasks', { taskId: 'upstream-task-1', status: 'working' })
    bench.servers['worker']?.tell('notifications/tasks', { taskId: 'upstream-task-1', status: 'completed', result: { content: [link] } })
    const told = await stream.next()
    expect(told).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, status: 'completed', result: { content: [{ uri: 'ui://worker/report' }] } },
    })
    stream.leave()
    expect(bench.servers['worker']?.watched).toEqual([])
  })

  it('is refused when its server gives it no usable id', async () => {
    const odd = {
      ...worker(),
      answers: { ...worker().answers, 'tools/call': () => ({ resultType: 'task', taskId: 'x'.repeat(2_000), status: 'working' }) },
    }
    bench = startFederation({ servers: { worker: odd } })
    const { message } = await bench.ask('/mcp', 'tools/call', { name: 'worker__build' }, DECLARED)
    expect(message.error?.code).toBe(5020)
  })
})
