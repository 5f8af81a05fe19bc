import { afterEach, describe, expect, it } from 'vitest'
import { NO_TOOL_RULES } from '#profile/index.ts'
import { EVERYTHING_CAPABLE, profileNamed } from '../federate/testing.ts'
import { type FederationBench, keyNamed, OWNER, startFederation } from '../testing.ts'

type Json = Record<string, unknown>

let bench: FederationBench
afterEach(() => bench.close())

const tool = (name: string, description: string): Json => ({ name, description, inputSchema: { type: 'object', properties: {} } })
const TOOLS = [tool('read_sensor', 'Reads the temperature'), tool('wipe_disk', 'Removes the temperature log for good')]

function start(): void {
  const answers = {
    'tools/list': () => ({ tools: TOOLS }),
    'tools/call': ({ name, arguments: given }: Json) => ({ content: [{ type: 'text', text: `${String(name)} ${JSON.stringify(given)}` }] }),
  }
  const profile = profileNamed('lean', ['store'])
  bench = startFederation({
    servers: { store: { capabilities: EVERYTHING_CAPABLE, answers } },
    profiles: [{ ...profile, tools: { ...NO_TOOL_RULES, search: true } }],
    keys: [keyNamed('reader', { tools: ['store__read_sensor'] })],
  })
}

const ask = async (method: string, params: Json = {}, key = OWNER, era: 'legacy' | 'modern' = 'modern'): Promise<Json> =>
  (await bench.ask('/mcp/lean', method, params, { key, era })).message as unknown as Json
const call = (name: string, given: Json, key?: string, era?: 'legacy' | 'modern'): Promise<Json> =>
  ask('tools/call', { name, arguments: given }, key, era)
const namesOf = (list: unknown): unknown[] => (list as Json[]).map(({ name }) => name)

describe('a profile in search mode', () => {
  it('lists two tools, finds the others by words and calls them', async () => {
    start()
    expect(namesOf(((await ask('tools/list'))['result'] as Json)['tools'])).toEqual(['search_tools', 'call_tool'])
    const found = (await call('search_tools', { query: 'temperature' }))['result'] as { structuredContent: { tools: Json[] } }
    expect(new Set(namesOf(found.structuredContent.tools))).toEqual(new Set(['store__read_sensor', 'store__wipe_disk']))
    const called = await call('call_tool', { name: 'store__read_sensor', arguments: { a: 1 } })
    expect(called['result']).toMatchObject({ content: [{ text: 'read_sensor {"a":1}' }] })
    expect(bench.events.at(-1)).toMatchObject({ target: 'store__read_sensor', deployment: 'store', outcome: 'ok' })
  })

  it.each(['legacy', 'modern'] as const)('R9: is no way around the tools of a credential, %s', async (era) => {
    start()
    const found = (await call('search_tools', { query: 'temperature' }, 'reader', era))['result'] as {
      structuredContent: { tools: Json[] }
    }
    expect(namesOf(found.structuredContent.tools)).toEqual(['store__read_sensor'])
    expect(await call('call_tool', { name: 'store__read_sensor' }, 'reader', era)).toHaveProperty('result')
    const hidden = await call('call_tool', { name: 'store__wipe_disk' }, 'reader', era)
    const unknown = await call('call_tool', { name: 'store__wipe_disc' }, 'reader', era)
    const text = (answer: Json): string => JSON.stringify(answer['error']).replaceAll(/wipe_dis[ck]/g, '')
    expect(text(hidden)).toBe(text(unknown))
    expect(bench.servers['store']!.seen.filter(({ params }) => params['name'] === 'wipe_disk')).toEqual([])
  })

  it.each([
    ['call_tool', {}],
    ['call_tool', { name: 'call_tool' }],
    ['call_tool', { name: 'store__read_sensor', arguments: [] }],
    ['call_tool', { name: 'store__read_sensor', more: 1 }],
    ['search_tools', { query: ' ' }],
    ['search_tools', { query: 'x', limit: 1_000 }],
  ])('refuses %s with %j', async (name, given) => {
    start()
    expect((await call(name, given))['error']).toMatchObject({ code: -32602 })
  })
})
