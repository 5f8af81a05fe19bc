import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createBench, deploymentOf, NO_SANDBOX, type Bench } from '../testing.ts'
import { createAsking, type Asking } from './asking.ts'
import type { ProcessSupervisor } from './supervisor.ts'
import { ASK, asked, call, give, send, value } from './testing.ts'

const MODULES = pathToFileURL(join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol')).href
const EVERYTHING = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')

/** A server as most are: written with the SDK, which looks at what its client declared before it asks. */
const OFFICIAL = `
import { McpServer } from '${MODULES}/sdk/dist/esm/server/mcp.js'
import { StdioServerTransport } from '${MODULES}/sdk/dist/esm/server/stdio.js'
const server = new McpServer({ name: 'official', version: '1' })
const text = (words) => ({ content: [{ type: 'text', text: words }] })
server.registerTool('pid', { description: 'pid' }, () => text(String(process.pid)))
server.registerTool('order', { description: 'order' }, async () => {
  const requestedSchema = { type: 'object', properties: { size: { type: 'string' } } }
  const { content } = await server.server.elicitInput({ message: 'Which size?', requestedSchema })
  return text('A ' + content.size + ' one')
})
await server.connect(new StdioServerTransport())
`

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

describe('whether a server asks', () => {
  const pid = (supervisor: ProcessSupervisor, who: string): Promise<unknown> => value(supervisor, call(who, 'return process.pid'))
  const probe = async (supervisor: ProcessSupervisor, calls: number): Promise<void> => {
    for (let i = 0; i < calls; i++) await pid(supervisor, 'prober')
  }

  it('is found out: after enough silent calls further callers share one instance, and who has one keeps it', async () => {
    const supervisor = await start()
    await probe(supervisor, LIMITS.interactiveProbeCalls - 1)
    const own = await pid(supervisor, 'early')
    expect(own).not.toBe(supervisor.status().pid)
    expect(await pid(supervisor, 'late')).toBe(supervisor.status().pid)
    expect(await pid(supervisor, 'early')).toBe(own)
  })

  it('is not concluded from calls of a server that asked once', async () => {
    const supervisor = await start()
    const first = await asked(supervisor, call('prober', ASK))
    await send(supervisor, call('prober', ASK, { given: give(first) }))
    await probe(supervisor, LIMITS.interactiveProbeCalls)
    expect(await pid(supervisor, 'late')).not.toBe(supervisor.status().pid)
  })

  it.each([
    ['a request that nobody can answer', `return (await ask('roots/list')).message`],
    ['an error that speaks of it', `return { fail: { code: -32603, message: 'Client does not support form elicitation.' } }`],
    [
      'a failed tool that speaks of it',
      `return { raw: { isError: true, content: [{ type: 'text', text: 'Client does not support sampling' }] } }`,
    ],
  ])('is thought over after %s', async (_, code) => {
    const supervisor = await start()
    await probe(supervisor, LIMITS.interactiveProbeCalls)
    expect(await pid(supervisor, 'one')).toBe(supervisor.status().pid)
    await send(supervisor, call('one', code))
    expect(await pid(supervisor, 'one')).not.toBe(supervisor.status().pid)
  })

  it('is not concluded from questions in vain', async () => {
    const supervisor = await start()
    const vain = call('prober', `return await ask('elicitation/create', { mode: 'url', url: 'https://x.example', message: '' })`)
    expect(await value(supervisor, vain)).toMatchObject({ code: -32602 })
    await probe(supervisor, LIMITS.interactiveProbeCalls)
    expect(await pid(supervisor, 'late')).not.toBe(supervisor.status().pid)
  })

  it('does not matter to calls whose client cannot be asked, to lists and to what the gateway asks itself', async () => {
    const supervisor = await start()
    const shared = supervisor.status().pid
    expect(await value(supervisor, call('ann', 'return process.pid', { clientCapabilities: {} }))).toBe(shared)
    const { principal: _, ...ours } = call('', 'return process.pid')
    expect(await value(supervisor, ours)).toBe(shared)
    await send(supervisor, { ...call('ann', ''), method: 'tools/list', params: {} })
    expect(supervisor.status()).not.toHaveProperty('instances')
  })

  it('is known of our own examples', async () => {
    const supervisor = await start('', { origin: { kind: 'starter' } })
    expect(await pid(supervisor, 'ann')).toBe(supervisor.status().pid)
  })
})

describe('signs of a server that asks', () => {
  const DONE: UpstreamAnswer = { ok: true, result: { content: [{ type: 'text', text: 'elicitation is a fine word' }] } }
  const failed = (message: string): UpstreamAnswer => ({ ok: false, error: { code: -32603, message } })
  const probed = (answer: UpstreamAnswer, times: number): Asking => {
    const asking = createAsking(false)
    for (let i = 0; i < times; i++) asking.noteSilent(answer)
    return asking
  }

  it('are looked for as often as it takes', () => {
    expect(probed(DONE, LIMITS.interactiveProbeCalls - 1).mayAsk()).toBe(true)
    expect(probed(DONE, LIMITS.interactiveProbeCalls).mayAsk()).toBe(false)
  })

  it('are failures that miss what other clients declare', () => {
    expect(probed(failed('Client does not support URL elicitation'), LIMITS.interactiveProbeCalls * 2).mayAsk()).toBe(true)
    expect(probed(failed('no such file'), LIMITS.interactiveProbeCalls).mayAsk()).toBe(false)
  })

  it('are not words in what a tool returns', () => {
    const asking = probed(DONE, LIMITS.interactiveProbeCalls)
    asking.noteShared(DONE)
    asking.noteShared(failed('x'.repeat(1_000) + ' sampling'))
    expect(asking.mayAsk()).toBe(false)
    asking.noteShared(failed('roots are needed'))
    expect(asking.mayAsk()).toBe(true)
    for (let i = 0; i < LIMITS.interactiveProbeCalls; i++) asking.noteSilent(DONE)
    expect(asking.mayAsk()).toBe(false)
    asking.noteAsked()
    for (let i = 0; i < LIMITS.interactiveProbeCalls; i++) asking.noteSilent(DONE)
    expect(asking.mayAsk()).toBe(true)
  })
})

describe('tasks of the handshake era', () => {
  it('are offered to nobody', async () => {
    const supervisor = await start('tasks')
    expect((await supervisor.describe(soon())).capabilities).not.toHaveProperty('tasks')
    const answer = await send(supervisor, { method: 'tools/list', params: {}, deadlineAtMs: soon() })
    expect(answer).toEqual({
      ok: true,
      result: {
        tools: [
          { name: 'run', inputSchema: { type: 'object' } },
          { name: 'other', inputSchema: { type: 'object' }, execution: { more: 1 } },
        ],
      },
    })
  })

  it('and a result that pretends to be of another kind is an ordinary one', async () => {
    const supervisor = await start()
    const answer = await send(supervisor, call('ann', `return { raw: { resultType: 'input_required', inputRequests: {}, content: [] } }`))
    expect(answer).toEqual({ ok: true, result: { inputRequests: {}, content: [] } })
  })
})

describe('a published server that asks', () => {
  it('gets a form filled in and a sample', async () => {
    const supervisor = bench.start(deploymentOf({ args: [EVERYTHING] }))
    await supervisor.describe(soon())
    const tool = (name: string, args: Record<string, unknown>): UpstreamRequest => ({
      ...call('ann', ''),
      params: { name, arguments: args },
    })
    const form = tool('trigger-elicitation-request', {})
    const first = await asked(supervisor, { ...form, clientCapabilities: { elicitation: {} } })
    expect(Object.values(first.requests)).toMatchObject([
      { method: 'elicitation/create', params: { message: expect.any(String) as string } },
    ])
    const filled = await send(supervisor, { ...form, clientCapabilities: { elicitation: {} }, given: give(first, { action: 'decline' }) })
    expect(JSON.stringify(filled)).toContain('declined')
    const sample = { ...tool('trigger-sampling-request', { prompt: 'hi', maxTokens: 5 }), clientCapabilities: { sampling: {} } }
    const second = await asked(supervisor, sample)
    const result = { role: 'assistant', content: { type: 'text', text: 'from the model' }, model: 'm' }
    expect(JSON.stringify(await send(supervisor, { ...sample, given: give(second, result) }))).toContain('from the model')
  }, 30_000)

  it('and that is built with the official library is found to ask although it never tries where nothing was declared', async () => {
    const script = join(bench.folder, 'project', 'official.mjs')
    writeFileSync(script, OFFICIAL)
    const supervisor = bench.start(deploymentOf({ args: [script] }))
    await supervisor.describe(soon())
    const count = (i: number): UpstreamRequest => ({ ...call(`caller-${i % 2}`, ''), params: { name: 'pid', arguments: {} } })
    for (let i = 0; i < LIMITS.interactiveProbeCalls; i++) await send(supervisor, count(i))
    const order: UpstreamRequest = { ...call('late', ''), params: { name: 'order', arguments: {} } }
    expect(await send(supervisor, order)).toMatchObject({ ok: true, result: { isError: true } })
    const question = await asked(supervisor, order)
    const answer = await send(supervisor, { ...order, given: give(question, { action: 'accept', content: { size: 'large' } }) })
    expect(answer).toMatchObject({ ok: true, result: { content: [{ type: 'text', text: 'A large one' }] } })
  }, 30_000)
})
