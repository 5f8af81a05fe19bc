// Servers behind the gateway that are dead, silent, broken or endless: each is answered for in time, by name of the
// trouble, and none of them is felt by the callers of the others.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BAD_HTTP, ODD_HTTP } from '../fixtures/bad-http.ts'
import { type RawServer, rssKib, type Sallyport, startSallyport } from './harness.ts'
import { stdioFixture, waitForTools } from './upstreams.ts'
import { callModern, textOf, toolNames } from './wire.ts'

const DEADLINE_MS = 1_500
const START_DEADLINE_MS = 3_000
/** Beyond the deadline: what two busy cores may take to notice. */
const MARGIN_MS = 2_000
const GROWTH_KIB_MAX = 200 * 1024

const FAILED = 5020
const DOWN = 5030
const TIMEOUT = 5040

interface Trouble {
  readonly codes: readonly number[]
  /** What the message must say about the cause. */
  readonly cause: RegExp
  /** It lists its tools, so that a federated call gets as far as the trouble. */
  readonly isListed?: true
}

const HTTP_TROUBLES = {
  refusing: { codes: [FAILED, DOWN], cause: /refused/i },
  hanging: { codes: [TIMEOUT], cause: /in time|within|deadline/i },
  silent: { codes: [TIMEOUT], cause: /in time|within|deadline/i },
  foreign: { codes: [FAILED], cause: /text\/html|without answering/i },
  failing: { codes: [FAILED], cause: /500/ },
  garbage: { codes: [FAILED], cause: /JSON/, isListed: true },
  'wrong-type': { codes: [FAILED], cause: /text\/html|type/i, isListed: true },
  'wrong-id': { codes: [FAILED], cause: /another request|\bid\b/i, isListed: true },
  'not-an-answer': { codes: [FAILED], cause: /not a JSON-RPC|without answering/i, isListed: true },
  'cut-off': { codes: [FAILED], cause: /closed|cut|ended|broke|abort|terminated|reset/i, isListed: true },
  endless: { codes: [TIMEOUT], cause: /in time|within|deadline/i, isListed: true },
  'endless-event': { codes: [FAILED, TIMEOUT], cause: /larger|bytes|large|in time|within|deadline/i, isListed: true },
  huge: { codes: [FAILED, TIMEOUT], cause: /larger|bytes|large|in time|within|deadline/i, isListed: true },
  deep: { codes: [FAILED], cause: /nested|deep/i, isListed: true },
} as const satisfies Record<keyof typeof BAD_HTTP, Trouble>

const STDIO_TROUBLES = {
  'dies-at-start': { codes: [DOWN], cause: /exit|ended|code 3|cannot open/i },
  'dies-in-call': { codes: [FAILED, DOWN], cause: /exit|ended|code 7|died/i, isListed: true },
  'never-answers': { codes: [TIMEOUT], cause: /in time|within|deadline/i, isListed: true },
  mute: { codes: [DOWN, TIMEOUT], cause: /start|in time|within|deadline|initialize/i },
  'endless-line': { codes: [FAILED, DOWN], cause: /line|bytes|large/i, isListed: true },
} as const satisfies Record<string, Trouble>

const TROUBLES: Readonly<Record<string, Trouble>> = { ...HTTP_TROUBLES, ...STDIO_TROUBLES }

let servers: Record<string, RawServer> = {}
let sallyport: Sallyport
let rssBefore = 0

beforeAll(async () => {
  const starts = Object.entries({ ...BAD_HTTP, ...ODD_HTTP }).map(async ([name, start]) => [name, await start()] as const)
  servers = Object.fromEntries(await Promise.all(starts))
  const own = { deadlineMs: DEADLINE_MS, startDeadlineMs: START_DEADLINE_MS }
  const remotes = Object.entries(servers).map(([name, { url }]) => [name, { url, sallyport: own }])
  const processes = [...Object.keys(STDIO_TROUBLES), 'noisy', 'floods-stderr', 'good'].map((mode) => [mode, stdioFixture(mode, own)])
  sallyport = await startSallyport({ declared: { mcpServers: Object.fromEntries([...remotes, ...processes]) as object } })
  await waitForTools(sallyport, ['good__work', 'noisy__work', 'floods-stderr__work', 'wordy__work', 'many-tools__work-4999'])
  rssBefore = rssKib(sallyport.pid)
})

afterAll(async () => {
  await sallyport?.stop()
  await Promise.all(Object.values(servers).map((server) => server.close()))
})

const ask = (path: string, method: string, params: Record<string, unknown> = {}) =>
  callModern(sallyport.url + path, method, params, { key: sallyport.ownerKey })

const callWork = (path: string, name: string) => ask(path, 'tools/call', { name, arguments: {} })

describe.each(Object.entries(TROUBLES))('%s', (name, { codes, cause, isListed }) => {
  const ways = [[`/mcp/${name}`, 'work'], ...(isListed === undefined ? [] : [['/mcp', `${name}__work`]])] as [string, string][]

  it.each(ways)('is answered for on %s', async (path, toolName) => {
    const started = performance.now()
    const answer = await callWork(path, toolName)
    expect(performance.now() - started).toBeLessThan(START_DEADLINE_MS + MARGIN_MS)
    expect(codes).toContain(answer.message?.error?.code)
    expect(answer.message?.error?.message).toMatch(cause)
    expect(answer.message?.error?.data).toHaveProperty('problem.remedy')
  })

  it('is not felt by the others', async () => {
    const answer = await callWork('/mcp', 'good__work')
    expect(textOf(answer.message?.result)).toBe('done')
  })
})

describe('strange but legal', () => {
  it('gives the first of two answers, once', async () => {
    const answer = await callWork('/mcp', 'two-answers__work')
    expect(textOf(answer.message?.result)).toBe('first')
    expect(answer.text).not.toContain('second')
  })

  it.each(['noisy', 'floods-stderr'])('calls the server that is %s', async (name) => {
    expect(textOf((await callWork(`/mcp/${name}`, 'work')).message?.result)).toBe('done')
  })

  it.each([
    ['/mcp/many-tools', 'work-4999'],
    ['/mcp', 'many-tools__work-4999'],
  ])('lists 5,000 tools on %s and calls the last', async (path, last) => {
    const names = toolNames((await ask(path, 'tools/list')).message?.result).filter((toolName) => toolName.includes('work-'))
    expect(new Set(names).size).toBe(5_000)
    expect(textOf((await callWork(path, last)).message?.result)).toBe('work-4999')
  })

  it.each([
    ['/mcp/wordy', 'work'],
    ['/mcp', 'wordy__work'],
  ])('keeps a description of a megabyte on %s', async (path, name) => {
    const tools = (await ask(path, 'tools/list')).message?.result?.['tools'] as { name: string; description: string }[]
    expect(tools.find((entry) => entry.name === name)?.description).toHaveLength(1_000_000)
    expect(textOf((await callWork(path, name)).message?.result)).toBe('work')
  })
})

describe('after all that', () => {
  it('lists what works in time, and tells a person what does not', async () => {
    const started = performance.now()
    const names = toolNames((await ask('/mcp', 'tools/list')).message?.result)
    expect(performance.now() - started).toBeLessThan(DEADLINE_MS + MARGIN_MS)
    expect(names).toContain('good__work')
    expect(names.filter((name) => /^(refusing|hanging|foreign|mute)__/.test(name))).toEqual([])
    const overview = await fetch(`${sallyport.url}/mcp`, { headers: { authorization: `Bearer ${sallyport.ownerKey}` } })
    const { servers: entries } = (await overview.json()) as { servers: { name: string; status: unknown }[] }
    const statusOf = (name: string) => JSON.stringify(entries.find((entry) => entry.name === name)?.status)
    expect(statusOf('good')).toMatch(/ready/)
    expect(statusOf('dies-at-start')).toMatch(/failed|backoff/)
  })

  it('has not grown', () => {
    expect(rssKib(sallyport.pid) - rssBefore).toBeLessThan(GROWTH_KIB_MAX)
  })
})
