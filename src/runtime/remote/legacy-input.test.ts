import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import {
  accepted,
  askingOnce,
  booked,
  errorFor,
  eventOf,
  given,
  inputOf,
  isCancelled,
  interactiveCall as call,
  matching,
  notice,
  question,
  remoteFor,
  responses,
  responseTo,
  startScriptedServer,
  talking,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  type Seen,
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

describe('a legacy server that asks the client of a call', () => {
  it('is told in its session what the client can be asked, and nothing of extensions', async () => {
    const { server, remote } = await start(askingOnce())
    await remote.request(call()).answer
    const handshakes = server.seen
      .filter(({ message }) => message.method === 'initialize')
      .map(({ message }) => message.params!['capabilities'])
    expect(handshakes).toEqual([{}, { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }])
  })

  it.each([
    ['elicitation/create', { message: 'When?', requestedSchema: { type: 'object' } }, accepted],
    ['elicitation/create', { message: 'When?', requestedSchema: { type: 'object' } }, { action: 'decline' }],
    ['elicitation/create', { mode: 'url', message: 'Pay', url: 'https://pay.example/?a=1' }, { action: 'cancel' }],
    ['sampling/createMessage', { messages: [], maxTokens: 5 }, { role: 'assistant', content: { type: 'text', text: 'Hm' }, model: 'm' }],
    ['roots/list', {}, { roots: [{ uri: 'file:///home' }] }],
  ])('waits while %s %j is asked, and goes on with the answer', async (method, params, answer) => {
    const { server, remote } = await start(askingOnce(method, params))
    const { requests, state, keys } = inputOf(await remote.request(call()).answer)
    expect(Object.values(requests)).toEqual([{ method, params }])
    expect(responses(server)).toEqual([])
    expect(state).toMatch(/^[\w-]{22,}$/)
    expect(await remote.request(call({ given: given(state, [keys[0]!, answer]) })).answer).toEqual({
      ok: true,
      result: { content: [{ type: 'text', text: JSON.stringify(answer) }] },
    })
    expect(server.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1)
    expect(server.seen.find(({ message }) => message.method === undefined && message.id !== undefined)!.headers['mcp-session-id']).toBe(
      's2',
    )
  })

  it('may ask several things at once, and again', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        response.write(question(1) + question('1', 'roots/list', {}))
        Promise.all([server.awaitSeen(responseTo(1)), server.awaitSeen(responseTo('1'))])
          .then(() => response.write(question(2, 'sampling/createMessage', { messages: [] })))
          .then(() => server.awaitSeen(responseTo(2)))
          .then(
            () => response.end(booked(seen)),
            () => undefined,
          )
      }),
    )
    const first = inputOf(await remote.request(call()).answer)
    expect(Object.values(first.requests).map(({ method }) => method)).toEqual(['elicitation/create', 'roots/list'])
    const second = inputOf(
      await remote.request(call({ given: given(first.state, [first.keys[0]!, accepted], [first.keys[1]!, { roots: [] }]) })).answer,
    )
    expect(Object.values(second.requests).map(({ method }) => method)).toEqual(['sampling/createMessage'])
    expect(second.keys).not.toContain(first.keys[0])
    expect(await remote.request(call({ given: given(second.state, [second.keys[0]!, { model: 'm' }]) })).answer).toMatchObject({ ok: true })
  })

  it('is not answered before everything is, and what is missing or no answer is asked for again', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        response.write(question('a') + question('b'))
        server.awaitSeen(responseTo('b')).then(
          () => response.end(booked(seen)),
          () => undefined,
        )
      }),
    )
    const first = inputOf(await remote.request(call()).answer)
    const again = inputOf(await remote.request(call({ given: given(first.state) })).answer)
    expect(again.requests).toEqual(first.requests)
    const partly = inputOf(
      await remote.request(call({ given: given(again.state, [first.keys[0]!, accepted], [first.keys[1]!, 'yes'], ['else', accepted]) }))
        .answer,
    )
    expect(partly.keys).toEqual([first.keys[1]])
    expect(
      await remote.request(call({ given: given(partly.state, [first.keys[0]!, { action: 'cancel' }], [first.keys[1]!, accepted]) })).answer,
    ).toMatchObject({ ok: true })
    expect(responses(server)).toMatchObject([
      { id: 'a', result: accepted },
      { id: 'b', result: accepted },
    ])
  })

  it('reports to whoever waits now: progress, log and deadline are of the retry', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        const progressToken = (seen.message.params!['_meta'] as Record<string, unknown>)['progressToken']
        response.write(notice('notifications/progress', { progressToken, progress: 1 }) + question('q'))
        // Nobody waits at this moment.
        setTimeout(() => response.write(notice('notifications/progress', { progressToken, progress: 1.5 })), 30)
        server.awaitSeen(responseTo('q')).then(
          () =>
            response.write(
              notice('notifications/progress', { progressToken, progress: 2 }) +
                notice('notifications/message', { level: 'info', data: 'quiet' }) +
                notice('notifications/message', { level: 'error', data: 'loud' }),
            ),
          () => undefined,
        )
      }),
    )
    const heard: unknown[] = []
    const hear = (who: string) => ({
      onProgress: ({ progress }: Record<string, unknown>) => void heard.push([who, progress]),
      onLog: ({ data }: Record<string, unknown>) => void heard.push([who, data]),
    })
    const { state, keys } = inputOf(await remote.request(call({ ...hear('first'), deadlineAtMs: Date.now() + 14_000 })).answer)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const retry = call({
      ...hear('second'),
      logLevel: 'error',
      deadlineAtMs: Date.now() + 1_500,
      given: given(state, [keys[0]!, accepted]),
    })
    await expect(remote.request(retry).answer).rejects.toMatchObject({ type: 'upstream-timeout' })
    expect(heard).toEqual([['first', 1], ['second', 2], ['second', 'loud']]) // prettier-ignore
    expect((await server.awaitSeen(isCancelled)).message.params).toMatchObject({ reason: 'The deadline has passed.' })
  })

  it('is not told of a deadline that passes while its client thinks', async () => {
    const { server, remote } = await start(askingOnce())
    inputOf(await remote.request(call()).answer)
    const deadlineAtMs = Date.now() + 1_000
    const { state, keys } = inputOf(await remote.request(call({ deadlineAtMs })).answer)
    // That nothing happens at a moment can only be seen after it.
    await new Promise((resolve) => setTimeout(resolve, deadlineAtMs + 200 - Date.now()))
    expect(server.seen.some(isCancelled)).toBe(false)
    expect(await remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).toMatchObject({ ok: true })
  })

  it('is told when a call is cancelled before it asked and after it was answered, and not in between', async () => {
    const { server, remote } = await start(talking((seen, response) => void response.write(question(`q${seen.message.id}`))))
    const pending = remote.request(call())
    const { state, keys } = inputOf(await pending.answer)
    pending.cancel('too late')
    const retry = remote.request(call({ given: given(state, [keys[0]!, accepted]) }))
    await server.awaitSeen(({ message }) => message['result'] !== undefined)
    expect(server.seen.some(isCancelled)).toBe(false)
    retry.cancel('enough')
    await expect(retry.answer).rejects.toMatchObject({ type: 'upstream-failed', message: matching('cancelled') })
    expect((await server.awaitSeen(isCancelled)).message.params).toMatchObject({ reason: 'enough' })
  })

  it('is refused what its session did not declare, and pings are answered', async () => {
    const { server, remote } = await start(
      talking((seen, response) => {
        response.write(
          question('p', 'ping', {}) +
            question('u', 'elicitation/create', { mode: 'url', message: 'm', url: 'https://a.example' }) +
            question('s', 'sampling/createMessage', { messages: [], tools: [] }) +
            question('t', 'tasks/get', { taskId: 't' }),
        )
        Promise.all(['p', 'u', 's', 't'].map((id) => server.awaitSeen(responseTo(id)))).then(
          () => response.end(booked(seen)),
          () => undefined,
        )
      }),
    )
    expect(await remote.request(call({ clientCapabilities: { elicitation: {}, sampling: {} } })).answer).toMatchObject({ ok: true })
    expect(responses(server)).toMatchObject([
      { id: 'p', result: {} },
      { id: 'u', error: { code: -32601 } },
      { id: 's', error: { code: -32601 } },
      { id: 't', error: { code: -32601, message: 'This client does not support tasks/get' } },
    ])
  })

  it('gets addresses visited before the same call is made again (-32042), where the client visits addresses', async () => {
    const elicitations = [{ mode: 'url', elicitationId: 'e1', message: 'Sign in', url: 'https://a.example' }]
    let calls = 0
    const { server, remote } = await start(
      talking((seen, response) =>
        response.end(calls++ % 2 === 0 ? eventOf(errorFor(seen, -32042, 'URL elicitation required', { elicitations })) : booked(seen)),
      ),
    )
    const answer = await remote.request(call()).answer
    if (answer.ok !== 'input') throw new Error('no input is asked for')
    expect(Object.values(answer.input.requests)).toMatchObject([
      { method: 'elicitation/create', params: { mode: 'url', message: 'Sign in', url: 'https://a.example' } },
    ])
    expect(
      await remote.request(
        call({ given: { responses: { [Object.keys(answer.input.requests)[0]!]: { action: 'accept' } }, state: answer.input.state } }),
      ).answer,
    ).toMatchObject({ ok: true })
    const made = server.seen.filter(({ message }) => message.method === 'tools/call')
    expect(made.map(({ message }) => Object.keys(message.params!))).toEqual([['name', 'arguments'], ['name', 'arguments']]) // prettier-ignore
    expect(await remote.request(call({ clientCapabilities: { elicitation: { form: {} } } })).answer).toMatchObject({
      ok: false,
      error: { code: -32042, data: { elicitations } },
    })
  })
})

describe('a server that asks on the stream of the session', () => {
  /** Asks there as soon as so many calls are under way. */
  const askingApart = (count: number): Script => {
    const streams: ServerResponse[] = []
    const calls: { seen: Seen; response: ServerResponse }[] = []
    const script = talking(
      (seen, response) => {
        calls.push({ seen, response })
        if (calls.length === count) streams.at(-1)!.write(question('apart'))
      },
      (response) => void streams.push(response),
    )
    return (seen, response, request) => {
      script(seen, response, request)
      if (!responseTo('apart')(seen)) return
      for (const { seen: asked, response: open } of calls)
        open.end(booked(asked, JSON.stringify(seen.message['result'] ?? seen.message['error'])))
    }
  }

  it('asks the only call that is under way', async () => {
    const { server, remote } = await start(askingApart(1))
    const { state, keys } = inputOf(await remote.request(call()).answer)
    expect(server.seen.find(({ verb }) => verb === 'GET')!.headers).toMatchObject({ 'mcp-session-id': 's2' })
    expect(await remote.request(call({ given: given(state, [keys[0]!, accepted]) })).answer).toMatchObject({
      result: { content: [{ text: JSON.stringify(accepted) }] },
    })
  })

  it('is refused when it could be either of two', async () => {
    const { remote } = await start(askingApart(2))
    const answers = await Promise.all([remote.request(call()).answer, remote.request(call()).answer])
    for (const answer of answers) expect(JSON.stringify(answer)).toContain('does not say to which call it belongs')
  })

  it('asks in the first call what it wanted to know before there was one', async () => {
    const { server, remote } = await start(
      talking(
        (seen, response) => {
          server.awaitSeen(responseTo('early')).then(
            () => response.end(booked(seen)),
            () => undefined,
          )
        },
        (response) =>
          void response.write(
            question('early', 'roots/list', {}) + question('withdrawn') + notice('notifications/cancelled', { requestId: 'withdrawn' }),
          ),
      ),
    )
    const { requests, state, keys } = inputOf(await remote.request(call()).answer)
    expect(Object.values(requests)).toEqual([{ method: 'roots/list', params: {} }])
    expect(await remote.request(call({ given: given(state, [keys[0]!, { roots: [] }]) })).answer).toMatchObject({ ok: true })
  })
})
