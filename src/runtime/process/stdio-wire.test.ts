import { describe, expect, it } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { interactiveCapabilities, isDeclared } from './declared-input.ts'
import { readAnswer, wireParams } from './stdio-wire.ts'

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const FORM = { method: 'elicitation/create', params: { message: 'Name?' } }

const request = (clientCapabilities: Record<string, unknown>, method = 'tools/call'): UpstreamRequest => ({
  method,
  params: { name: 'book' },
  deadlineAtMs: 0,
  clientCapabilities,
})

/** How a modern result is read; the text of the problem when it is not. */
function read(result: Record<string, unknown>, capabilities: Record<string, unknown> = {}, method?: string): UpstreamAnswer | string {
  try {
    return readAnswer('server', { result }, request(capabilities, method), 'modern')
  } catch (error) {
    if (error instanceof Problem && error.type === 'upstream-failed') return error.message
    throw error
  }
}

const wanting = (...requests: unknown[]): Record<string, unknown> => ({
  resultType: 'input_required',
  inputRequests: Object.fromEntries(requests.map((wanted, i) => [`key-${i}`, wanted])),
})

describe('the envelope of a modern request', () => {
  it('carries what the client of this call can be asked, and what a retry brings back', () => {
    const given = { responses: { a: { action: 'accept' } }, state: 'opaque' }
    expect(wireParams({ ...request({ roots: {} }), given }, 7, 'modern', '2026-07-28', { name: 'us' })).toEqual({
      name: 'book',
      inputResponses: given.responses,
      requestState: 'opaque',
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': { roots: {} },
        'io.modelcontextprotocol/clientInfo': { name: 'us' },
      },
    })
    const { clientCapabilities: _, ...nobody } = request({})
    expect(wireParams({ ...nobody, given: { ...given, state: null } }, 7, 'modern', '2026-07-28', {})).toMatchObject({
      _meta: { 'io.modelcontextprotocol/clientCapabilities': {} },
    })
    expect(wireParams({ ...nobody, given: { ...given, state: null } }, 7, 'modern', '2026-07-28', {})).not.toHaveProperty('requestState')
  })

  it('is not that of the era before', () => {
    expect(wireParams({ ...request({ roots: {} }), given: { responses: { a: {} }, state: null } }, 7, 'legacy', '2025-11-25', {})).toEqual({
      name: 'book',
    })
  })
})

describe('a modern result', () => {
  it('is complete, in two spellings', () => {
    expect(read({ content: [] })).toEqual({ ok: true, result: { content: [] } })
    expect(read({ resultType: 'complete', content: [] })).toEqual({ ok: true, result: { content: [] } })
  })

  it('asks for input, as far as the client declared it', () => {
    const roots = { method: 'roots/list' }
    expect(read({ ...wanting(FORM, roots), requestState: 's' }, { elicitation: {}, roots: {} })).toEqual({
      ok: 'input',
      input: { requests: { 'key-0': FORM, 'key-1': { method: 'roots/list', params: {} } }, state: 's' },
    })
    expect(read({ resultType: 'input_required', requestState: 's' })).toEqual({ ok: 'input', input: { requests: {}, state: 's' } })
    for (const method of ['prompts/get', 'resources/read'])
      expect(read(wanting(roots), { roots: {} }, method)).toMatchObject({ ok: 'input' })
  })

  it.each([
    ['asks for what was not declared', wanting(FORM), { roots: {} }, undefined],
    [
      'asks for a URL to be visited where forms are filled in',
      wanting({ ...FORM, params: { mode: 'url', url: 'https://x.example' } }),
      { elicitation: { form: {} } },
      undefined,
    ],
    ['asks in a way that nobody knows', wanting({ method: 'shell/run', params: {} }), { roots: {} }, undefined],
    ['asks with parameters that are none', wanting({ method: 'roots/list', params: 'all' }), { roots: {} }, undefined],
    ['asks for a text', wanting('roots/list'), { roots: {} }, undefined],
    ['asks for nothing', { resultType: 'input_required' }, {}, undefined],
    ['asks for a list', { resultType: 'input_required', inputRequests: [FORM] }, { elicitation: {} }, undefined],
    ['has a state that is no text', { resultType: 'input_required', requestState: 5 }, {}, undefined],
    [
      'has a state that is too long',
      { resultType: 'input_required', requestState: 'x'.repeat(LIMITS.upstreamStateBytesMax) },
      {},
      undefined,
    ],
    [
      'asks for too much',
      wanting(...Array.from({ length: LIMITS.serverRequestsMax + 1 }, () => ({ method: 'roots/list' }))),
      { roots: {} },
      undefined,
    ],
    ['asks during a list', wanting({ method: 'roots/list' }), { roots: {} }, 'tools/list'],
    ['is a task that was not asked for', { resultType: 'task', taskId: '1' }, { roots: {} }, undefined],
    ['is a task of something else', { resultType: 'task', taskId: '1' }, TASKS, 'prompts/get'],
    ['is of a kind that nobody knows', { resultType: 'dream' }, TASKS, undefined],
    ['is of no kind', { resultType: null }, {}, undefined],
  ])('that %s is refused', (_, result, capabilities, method) => {
    expect(read(result, capabilities, method)).toEqual(expect.stringMatching(/^server /))
  })

  it('is a task where the extension was declared, and says so', () => {
    const task = { resultType: 'task', taskId: '1', status: 'working' }
    expect(read(task, TASKS)).toEqual({ ok: true, result: task })
  })
})

describe('capabilities', () => {
  it.each([
    [{ elicitation: {} }, true, false],
    [{ elicitation: { form: {} } }, true, false],
    [{ elicitation: { url: {} } }, false, true],
    [{ elicitation: { form: {}, url: {} } }, true, true],
    [{ elicitation: true }, false, false],
    [{}, false, false],
  ])('%j: forms %s, URLs %s', (capabilities, forms, urls) => {
    const asks = (params: Record<string, unknown>): boolean => isDeclared(capabilities, { method: 'elicitation/create', params })
    expect([asks({}), asks({ mode: 'form' }), asks({ mode: 'url' }), asks({ mode: 'telepathy' })]).toEqual([forms, forms, urls, false])
  })

  it('of sampling with tools are declared apart', () => {
    const asks = (capabilities: Record<string, unknown>): boolean =>
      isDeclared(capabilities, { method: 'sampling/createMessage', params: { messages: [], tools: [] } })
    expect([asks({ sampling: {} }), asks({ sampling: { tools: {} } })]).toEqual([false, true])
  })

  it('that a process is started for are few, whatever a client writes into them', () => {
    const many = {
      elicitation: { form: { x: 1 }, later: {} },
      sampling: { tools: {} },
      roots: { listChanged: true },
      ...TASKS,
      experimental: {},
    }
    expect(interactiveCapabilities(many)).toEqual({ elicitation: { form: {} }, sampling: { tools: {} }, roots: {} })
    expect(interactiveCapabilities(TASKS)).toBeNull()
    expect(interactiveCapabilities({ roots: 'yes' })).toBeNull()
    expect(interactiveCapabilities(undefined)).toBeNull()
  })
})
