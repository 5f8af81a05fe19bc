// What a server behind the gateway may try, to get an answer past the record or another one in its place.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RpcMessage as UpstreamMessage, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { callModern, modernRequest, type RpcMessage, send, type WireOptions } from './wire.ts'

const FAILED = 5020
/** Far below the deadline of a call, after which an unrecorded one would be recorded anyway. */
const RECORDED_MS_MAX = 3_000

let modern: RawServer
let sallyport: Sallyport
let onCall: (message: UpstreamMessage, response: ServerResponse) => void

beforeAll(async () => {
  modern = await startModernUpstream((message, response) => onCall(message, response), [tool('echo')])
  sallyport = await startSallyport({ declared: { mcpServers: { modern: { url: modern.url } } } })
})

afterAll(async () => {
  await sallyport?.stop()
  await modern?.close()
})

const at = (name: string) => `${sallyport.url}/mcp/${name}`
const owner = (): WireOptions => ({ key: sallyport.ownerKey })
const rpc = (members: object) => JSON.stringify({ jsonrpc: '2.0', ...members })

describe('an upstream that hides its answer', () => {
  const result = JSON.stringify(textResult('hidden'))
  const DISGUISES: Readonly<Record<string, (id: unknown) => string>> = {
    'nothing at all': (id) => `data: {"jsonrpc":"2.0","id":${String(id)},"result":${result}}\n\n`,
    'an escaped key': (id) => `data: {"jsonrpc":"2.0","id":${String(id)},"\\u0072esult":${result}}\n\n`,
    'a byte order mark': (id) => `\uFEFFdata: {"jsonrpc":"2.0","id":${String(id)},"result":${result}}\n\n`,
    'both, and lone carriage returns': (id) =>
      `\uFEFFdata:{"jsonrpc":"2.0",\rdata:"\\u0069d":${String(id)},"\\u0072esult":${result}}\r\r: \n`,
  }

  it.each(Object.entries(DISGUISES))('behind %s shows it only once it is recorded', async (_name, disguise) => {
    onCall = ({ id }, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(disguise(id))
    const { response, abort } = await callOnStream()
    const first = await firstText(response)
    expect(first).toContain('hidden')
    await expectRecord(response, 'ok')
    abort()
  })

  it.each([
    ['a method of null', '"method":null'],
    ['a method beside it', '"method":"notifications/message"'],
    ['an error beside it', '"error":{"code":1,"message":"both"}'],
  ])('behind %s does not get it past the record', async (_name, member) => {
    onCall = ({ id }, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: {"jsonrpc":"2.0","id":${String(id)},${member},"result":${result}}\n\n`)
    const { response, abort } = await callOnStream()
    const first = await firstText(response)
    const { outcome } = await recordOf(response)
    expect(first.includes('hidden') ? ['ok', 'rpc-error'] : ['upstream-failed']).toContain(outcome)
    abort()
  })

  it.each(['a second one at once', 'a second one later', 'a broken connection'])(
    'and lets %s follow, has answered: the client gets the first and no more',
    async (when) => {
      const more = Promise.withResolvers<void>()
      onCall = ({ id }, response) => {
        const answer = (text: string) => `data: ${rpc({ id, result: textResult(text) })}\n\n`
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        if (when === 'a second one at once') return void response.write(answer('first') + answer('second'))
        if (when === 'a broken connection') return void response.write(answer('first'), () => response.destroy())
        response.write(answer('first'))
        void more.promise.then(() => response.write(answer('second')))
      }
      const { response, id } = await callOnStream()
      const text = await allText(response, () => more.resolve())
      expect(text).not.toContain('second')
      expect(answersTo(id, text)).toEqual([expect.objectContaining({ result: textResult('first') })])
      await expectRecord(response, 'ok')
    },
  )

  it.each([
    ['another number', (id: number) => id + 1],
    ['a text of the same digits', (id: number) => String(id)],
    ['null', () => null],
    ['none', () => undefined],
  ])('under another id (%s) gets an error in its place', async (_name, idOf) => {
    onCall = ({ id }, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: ${rpc({ id: idOf(Number(id)), result: textResult('foreign') })}\n\n`)
    const { response, id } = await callOnStream()
    const text = await allText(response)
    expect(text).not.toContain('foreign')
    expect(answersTo(id, text).map(({ error }) => error?.code)).toEqual([FAILED])
    await expectRecord(response, 'upstream-failed')
  })

  it.each([
    ['nothing', () => ''],
    ['progress only', () => `data: ${rpc({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })}\n\n`],
    ['an answer that lacks its end', (id: unknown) => `data: ${rpc({ id, result: textResult('unfinished') })}\n`],
  ])('and ends its stream after %s has failed', async (_name, body) => {
    onCall = ({ id }, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body(id))
    const { response, id } = await callOnStream()
    const text = await allText(response)
    expect(text).not.toContain('unfinished')
    expect(answersTo(id, text).map(({ error }) => error?.code)).toEqual([FAILED])
    await expectRecord(response, 'upstream-failed')
  })

  it('under the id null in plain JSON is refused', async () => {
    onCall = (_message, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(rpc({ id: null, result: textResult('nameless') }))
    const answer = await callModern(at('modern'), 'tools/call', { name: 'echo', arguments: {} }, owner())
    expect(answer.message?.error?.code).toBe(FAILED)
    expect(answer.text).not.toContain('nameless')
  })

  async function callOnStream() {
    const { headers, message } = modernRequest('tools/call', { name: 'echo', arguments: {} })
    const abort = new AbortController()
    const response = await send(at('modern'), JSON.stringify(message), { ...owner(), headers, signal: abort.signal })
    return { response, id: message.id, abort: () => abort.abort() }
  }

  /** The record of a call whose stream may be open still. The list follows the durable record within a drain. */
  function recordOf(response: Response): Promise<{ outcome: string }> {
    const flight = response.headers.get('sallyport-flight')
    return vi.waitFor(async () => {
      const answer = await fetch(`${sallyport.url}/api/v1/activity?limit=10`, {
        headers: { authorization: `Bearer ${sallyport.ownerKey}` },
      })
      const { items } = (await answer.json()) as { items: { id: string; outcome: string }[] }
      const record = items.find(({ id }) => id === flight)
      if (record === undefined) throw new Error(`${String(flight)} is not among ${items.map(({ id }) => id).join()}`)
      return record
    }, RECORDED_MS_MAX)
  }

  const expectRecord = async (response: Response, outcome: string) => expect((await recordOf(response)).outcome).toBe(outcome)
})

/** The text of a stream up to its first event. */
async function firstText(response: Response): Promise<string> {
  let text = ''
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  while (!/\}[\r\n]{2}/.test(text)) {
    const { value, done } = await reader.read()
    if (done) break
    text += value
  }
  return text
}

async function allText(response: Response, onFirst: () => void = () => undefined): Promise<string> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    onFirst()
  }
  return text
}

/** Everything that a client could take for an answer: in whatever form the text has come. */
function answersTo(id: number, text: string): RpcMessage[] {
  const data = text.startsWith('{') ? [text] : text.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []))
  return data.map((part) => JSON.parse(part) as RpcMessage).filter((message) => message.method === undefined && message.id === id)
}
