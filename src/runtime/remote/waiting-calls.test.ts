import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import {
  accepted,
  askingOnce,
  booked,
  given,
  inputOf,
  isCancelled,
  interactiveCall as call,
  matching,
  notice,
  question,
  refusalOf,
  remoteFor,
  responses,
  responseTo,
  resultFor,
  sendJson,
  startScriptedServer,
  talking,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

type Under = { server: ScriptedServer } & RemoteUnderTest

async function start(script: Script, now?: () => number): Promise<Under> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url, now === undefined ? {} : { now })
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}

describe('a call that waits for its client', () => {
  it('is taken up only by its own client for the same thing, once, and nothing tells which of these was not so', async () => {
    const { server, remote } = await start(askingOnce())
    const { state, keys } = inputOf(await remote.request(call()).answer)
    const mine = call({ given: given(state, [keys[0]!, accepted]) })
    const foreign: UpstreamRequest[] = [
      { ...mine, principal: 'bob' },
      { ...mine, principal: '' },
      call({ ...mine, given: given('made up', [keys[0]!, accepted]) }),
      { ...mine, params: { name: 'pay', arguments: {} } },
      { ...mine, method: 'prompts/get' },
    ]
    const { principal: _, ...nobody } = mine
    const refusals = await Promise.all([...foreign, nobody].map((request) => refusalOf(remote.request(request).answer)))
    expect(responses(server)).toEqual([])
    expect(await remote.request(mine).answer).toMatchObject({ ok: true })
    refusals.push(await refusalOf(remote.request(mine).answer))
    expect(refusals[0]).toMatchObject({ type: 'invalid-params' })
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
    expect(server.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1)
  })

  it('is given up when its time is over, like one that never was', async () => {
    let nowMs = Date.now()
    const { server, remote } = await start(askingOnce(), () => nowMs)
    const first = inputOf(await remote.request(call({ deadlineAtMs: nowMs + 15_000 })).answer)
    const unknown = await refusalOf(remote.request(call({ deadlineAtMs: nowMs + 15_000, given: given('made up') })).answer)
    nowMs += LIMITS.parkedCallMsMax
    // Nobody comes back for it: the sweep finds it.
    expect((await server.awaitSeen(isCancelled)).message.params).toMatchObject({ reason: 'Its client has not answered in time.' })
    const late = call({ deadlineAtMs: nowMs + 15_000, given: given(first.state, [first.keys[0]!, accepted]) })
    expect(await refusalOf(remote.request(late).answer)).toEqual(unknown)
    expect(await server.awaitSeen(({ message }) => message.method === undefined && message.id !== undefined)).toMatchObject({
      message: { error: { code: -32603 } },
    })
  })

  it('is one of so many of a client, and the one too many is cancelled', async () => {
    const { server, remote } = await start(askingOnce())
    const parked = await Promise.all(Array.from({ length: LIMITS.parkedCallsPerPrincipalMax }, () => remote.request(call()).answer))
    expect(new Set(parked.map((answer) => inputOf(answer).state)).size).toBe(LIMITS.parkedCallsPerPrincipalMax)
    await expect(remote.request(call()).answer).rejects.toMatchObject({ type: 'overloaded', remedy: matching(/./) })
    await server.awaitSeen(isCancelled)
    expect(inputOf(await remote.request(call({ principal: 'bob' })).answer).keys).toHaveLength(1)
    const { state, keys } = inputOf(parked[0]!)
    expect(await remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).toMatchObject({ ok: true })
    expect(inputOf(await remote.request(call()).answer).keys).toHaveLength(1)
  })

  it.each([
    ['breaks', (response: ServerResponse) => void response.destroy(), 'upstream-failed'],
    ['ends without an answer', (response: ServerResponse) => void response.end(), 'upstream-failed'],
    ['says what is not JSON', (response: ServerResponse) => void response.end('data: }{\n\n'), 'upstream-failed'],
  ])('has failed when its stream %s, and its client hears so', async (_what, spoil, type) => {
    const closed = Promise.withResolvers<void>()
    const { remote } = await start(
      talking((_seen, response) => {
        response.write(question('q'))
        response.on('close', () => closed.resolve())
        setTimeout(() => spoil(response), 50)
      }),
    )
    const { state, keys } = inputOf(await remote.request(call()).answer)
    await closed.promise
    await expect(remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).rejects.toMatchObject({ type })
  })

  it('has failed when the server takes no answer to what it asked', async () => {
    const script = talking((_seen, response) => void response.write(question('q')))
    const { remote } = await start((seen, response, request) => {
      if (responseTo('q')(seen)) response.writeHead(404).end()
      else script(seen, response, request)
    })
    const { state, keys } = inputOf(await remote.request(call()).answer)
    await expect(remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).rejects.toMatchObject({
      type: 'upstream-failed',
    })
  })

  it('keeps an answer that came without waiting for its client', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        response.write(question('q', 'roots/list', {}))
        setTimeout(() => response.end(booked(seen, 'did without') + booked(seen, 'twice')), 30)
      }),
    )
    const { state, keys } = inputOf(await remote.request(call()).answer)
    expect(await remote.request(call({ given: given(state, [keys[0]!, { roots: [] }]) })).answer).toMatchObject({
      ok: true,
      result: { content: [{ text: 'did without' }] },
    })
    expect(await server.awaitSeen(responseTo('q'))).toMatchObject({ message: { result: { roots: [] } } })
  })

  it('is asked once for what the server asks twice, not for what it withdraws, and never after the answer', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        response.write(
          question('q') +
            question('q') +
            question('gone') +
            notice('notifications/cancelled', { requestId: 'gone', reason: 'changed my mind' }),
        )
        server.awaitSeen(responseTo('q')).then(
          () => response.end(question('q') + booked(seen) + question('late')),
          () => undefined,
        )
      }),
    )
    const told: string[] = []
    remote.onNotification((method) => void told.push(method))
    const { state, keys } = inputOf(await remote.request(call()).answer)
    expect(keys).toHaveLength(1)
    expect(await remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).toMatchObject({ ok: true })
    expect(responses(server)).toMatchObject([{ id: 'q', result: accepted }])
    expect(told).not.toContain('notifications/cancelled')
  })

  it('is not drowned: a server may ask so much at once and no more', async () => {
    const { server, remote } = await start(
      talking(
        (_seen, response) => void response.write(Array.from({ length: LIMITS.serverRequestsMax + 3 }, (_, i) => question(i)).join('')),
      ),
    )
    expect(inputOf(await remote.request(call()).answer).keys).toHaveLength(LIMITS.serverRequestsMax)
    await server.awaitSeen(responseTo(LIMITS.serverRequestsMax + 2))
    expect(responses(server)).toMatchObject(Array.from({ length: 3 }, () => ({ error: { code: -32603 } })))
  })

  it('does not take the connections of other calls', async () => {
    const asking = askingOnce()
    const { remote } = await start((seen, response, request) => {
      if (seen.message.params?.['name'] === 'quick') sendJson(response, 200, resultFor(seen, { content: [] }))
      else asking(seen, response, request)
    })
    const parked = await Promise.all(
      Array.from({ length: LIMITS.upstreamConnectionsMax + 6 }, (_, i) => remote.request(call({ principal: `client ${i % 5}` })).answer),
    )
    expect(parked.every(({ ok }) => ok === 'input')).toBe(true)
    expect(await remote.request(call({ params: { name: 'quick' } })).answer).toMatchObject({ ok: true })
    expect(await remote.request({ method: 'tools/list', params: {}, deadlineAtMs: Date.now() + 15_000 }).answer).toMatchObject({ ok: true })
  })

  it('is given up when the upstream is closed', async () => {
    const { server, remote } = await start(askingOnce())
    inputOf(await remote.request(call()).answer)
    await remote.close()
    expect(server.seen.filter(({ verb }) => verb === 'DELETE').map(({ headers }) => headers['mcp-session-id'])).toEqual(['s1', 's2'])
  })
})
