import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import {
  eventOf,
  legacyScript,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  matching,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
async function setUp(script: Script): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** Collects notifications and lets a test wait for the n-th. */
function listen(remote: RemoteUnderTest['remote']): { heard: string[]; until: (count: number) => Promise<void>; stop: () => void } {
  const heard: string[] = []
  const waiting = new Set<() => void>()
  const stop = remote.onNotification((method, params) => {
    heard.push(`${method} ${JSON.stringify(params)}`)
    for (const check of waiting) check()
  })
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (heard.length < count) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return { heard, until, stop }
}

const capabilities = { tools: { listChanged: true }, prompts: {}, resources: { listChanged: true } }
const changed = (kind: string, params?: object): object => ({
  jsonrpc: '2.0',
  method: `notifications/${kind}/list_changed`,
  ...(params === undefined ? {} : { params }),
})

/** Calls `onStream` with each stream that is opened, in the way of the era. */
const eras: [string, boolean, (onStream: (write: (message: object) => void, response: ServerResponse) => void) => Script][] = [
  [
    'modern',
    true,
    (onStream) =>
      modernScript((seen, response) => {
        if (seen.message.method !== 'subscriptions/listen') return sendJson(response, 200, resultFor(seen, {}))
        const _meta = { 'io.modelcontextprotocol/subscriptionId': seen.message.id }
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(
          eventOf({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: { notifications: {}, _meta } }),
        )
        onStream((message) => void response.write(eventOf({ params: { _meta }, ...message })), response)
      }, capabilities),
  ],
  [
    'legacy',
    false,
    (onStream) =>
      legacyScript((seen, response) => {
        if (seen.verb !== 'GET') return sendJson(response, 200, resultFor(seen, {}))
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
        onStream((message) => void response.write(eventOf(message)), response)
      }, capabilities),
  ],
]

describe.each(eras)('notifications of a %s server', (_era, isModern, wrap) => {
  it('are heard while somebody listens, over one stream, and not before or after', async () => {
    const closed: Promise<void>[] = []
    const { server, remote } = await setUp(
      wrap((write, response) => {
        closed.push(new Promise((resolve) => void response.on('close', resolve)))
        write(changed('tools'))
        write(changed('resources'))
      }),
    )
    await remote.describe(Date.now() + 5_000)
    const isStream = ({ verb, message }: ScriptedServer['seen'][number]): boolean =>
      verb === 'GET' || message.method === 'subscriptions/listen'
    expect(server.seen.some(isStream)).toBe(false)
    const [first, second] = [listen(remote), listen(remote)]
    await Promise.all([first.until(2), second.until(2)])
    expect(first.heard).toEqual(['notifications/tools/list_changed {}', 'notifications/resources/list_changed {}'])
    expect(second.heard).toEqual(first.heard)
    const streams = server.seen.filter(isStream)
    expect(streams).toHaveLength(1)
    const wanted = isModern
      ? { message: { params: { notifications: { toolsListChanged: true, resourcesListChanged: true } } } }
      : { headers: { accept: matching('text/event-stream'), 'mcp-session-id': 's1' } }
    expect(streams[0]).toMatchObject(wanted)
    first.stop()
    second.stop()
    await Promise.all(closed)
    expect(closed).toHaveLength(1)
  })

  it('come again after the stream broke, and the gap counts as a change of every announced list', async () => {
    let opened = 0
    const { remote } = await setUp(
      wrap((write, response) => {
        opened++
        if (opened === 1) {
          write(changed('tools'))
          setTimeout(() => response.destroy(), 10)
        } else write(changed('tools', { second: true }))
      }),
    )
    const { heard, until } = listen(remote)
    await until(4)
    expect(heard.map((text) => text.split(' ')[0])).toEqual([
      'notifications/tools/list_changed',
      'notifications/tools/list_changed',
      'notifications/resources/list_changed',
      'notifications/tools/list_changed',
    ])
    expect(heard[3]).toContain('"second":true')
  })

  it('are not asked for where the server announces none, nor for ever where it has no stream', async () => {
    const quiet = isModern
      ? modernScript((_seen, response) => response.writeHead(500).end())
      : legacyScript((_seen, response) => response.writeHead(500).end())
    const { server, remote } = await setUp(quiet)
    const { stop } = listen(remote)
    await remote.describe(Date.now() + 5_000)
    stop()
    const without = isModern
      ? modernScript((_seen, response) => response.writeHead(404).end(), capabilities)
      : legacyScript((_seen, response) => response.writeHead(405).end(), capabilities)
    const second = await setUp(without)
    listen(second.remote)
    await second.server.awaitSeen(({ verb, message }) => verb === 'GET' || message.method === 'subscriptions/listen')
    // Longer than the first wait before another attempt: that nothing comes cannot be awaited.
    await new Promise((resolve) => setTimeout(resolve, LIMITS.restartBackoffMsMin + 200))
    expect(second.server.seen.filter(({ verb, message }) => verb === 'GET' || message.method === 'subscriptions/listen')).toHaveLength(1)
    expect(server.seen.some(({ verb }) => verb === 'GET')).toBe(false)
  })
})
