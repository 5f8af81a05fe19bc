// Calls at a steady pace over connections that stay open, and what came of each: the traffic that the tests disturb.
import { createHash } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { readyWorkers, spoolBytes } from './processes.ts'
import type { Sallyport } from '../e2e/harness.ts'
import { modernRequest } from '../e2e/wire.ts'

/** A call that got nothing in this time is one that hangs. */
const CALL_MS_MAX = 8_000
/** The operating system decides which process takes a connection. */
const CONNECT_TRIES_MAX = 200

/** An answer whose head has arrived: the server has committed itself to it. */
export interface Answer {
  /** What the call carried in its arguments, and its result must carry too. */
  readonly callId: string
  /** Id of the event in the audit. */
  readonly flight: string
  readonly status: number
  readonly sentAtMs: number
  /** SHA-256 of the request body, as the audit has it. */
  readonly bodySha256: string
  /** The whole body once `isComplete`. */
  text: string
  isComplete: boolean
}

/** One client: a single connection that is kept alive, opened by its first request. */
export interface Connection {
  /** Sends any request and gives the answer as soon as its head is there. Header names of the answer are lower-case. */
  request(method: string, path: string, headers?: Readonly<Record<string, string>>, body?: string): Promise<IncomingMessage>
  /** Calls the echo. */
  call(callId: string, shape?: Shape): Promise<Answer>
  close(): void
}

/** Relayed byte for byte, federated in the neutral model, or plain JSON. */
export const SHAPES = ['relay', 'federated', 'invoke'] as const
export type Shape = (typeof SHAPES)[number]

export interface Caller {
  readonly url: string
  readonly key: string
}

/** The server that all calls go to: its only tool says the id of the call again. */
export const startEcho = (): Promise<RawServer> =>
  startModernUpstream(
    (message, response) => {
      const given = message.params?.['arguments'] as { id?: string } | undefined
      sendResult(response, message.id, textResult(`echo ${given?.id ?? ''}`))
    },
    [tool('echo')],
  )

/** The declared file with that server and nothing else. */
export const declaredEcho = (upstream: RawServer) => ({ mcpServers: { echo: { url: upstream.url, sallyport: { access: 'tenant' } } } })

export function openConnection({ url, key }: Caller, onHead: (answer: Answer) => void = () => {}): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send: Connection['request'] = (method, path, headers = {}, body = '') =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${url}${path}`, { method, agent, headers: { authorization: `Bearer ${key}`, ...headers } })
      const hung = setTimeout(() => outgoing.destroy(Object.assign(new Error('No answer'), { code: 'HUNG' })), CALL_MS_MAX)
      outgoing.once('close', () => clearTimeout(hung))
      outgoing.once('error', reject)
      outgoing.once('response', (incoming) => {
        if ((incoming.headers['content-type'] ?? '').startsWith('text/event-stream')) clearTimeout(hung)
        resolve(incoming)
      })
      outgoing.end(body)
    })
  return {
    request: send,
    async call(callId, shape = 'relay') {
      const { path, headers, body } = bodyOf(callId, shape)
      const sentAtMs = performance.now()
      const incoming = await send('POST', path, headers, body)
      const flight = incoming.headers['sallyport-flight']
      const answer: Answer = {
        callId,
        flight: typeof flight === 'string' ? flight : '',
        status: incoming.statusCode ?? 0,
        sentAtMs,
        bodySha256: createHash('sha256').update(body).digest('hex'),
        text: '',
        isComplete: false,
      }
      onHead(answer)
      answer.text = await textOf(incoming)
      answer.isComplete = true
      return answer
    },
    close: () => agent.destroy(),
  }
}

export async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function bodyOf(id: string, shape: Shape): { path: string; headers: Record<string, string>; body: string } {
  if (shape === 'invoke') {
    return {
      path: '/mcp/echo/invoke',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'echo', arguments: { id } }),
    }
  }
  const name = shape === 'relay' ? 'echo' : 'echo__echo'
  const { headers, message } = modernRequest('tools/call', { name, arguments: { id } })
  return { path: shape === 'relay' ? '/mcp/echo' : '/mcp', headers, body: JSON.stringify(message) }
}

export interface LoadOptions extends Caller {
  readonly perSecond: number
  readonly connections: number
  /** Start of every call id, so that rounds can be told apart. */
  readonly name: string
}

export interface Load {
  /** Every answer so far, in the order in which their heads arrived. */
  readonly answers: readonly Answer[]
  /** Why calls got no whole answer, such as `ECONNRESET`; `HUNG` when nothing came. */
  readonly failures: readonly string[]
  /** The next whole answer from now on that is like this. Rejects after `withinMs`. */
  next(isWanted: (answer: Answer) => boolean, withinMs: number): Promise<Answer>
  /** Sends nothing more and waits for the calls under way. */
  stop(): Promise<void>
}

/** Starts calling, the three shapes in turn. */
export function startLoad({ url, key, perSecond, connections, name }: LoadOptions): Load {
  const answers: Answer[] = []
  const watchers = new Set<(answer: Answer) => void>()
  const stopping = new AbortController()
  const failures: string[] = []
  let count = 0

  const keepCalling = async (): Promise<void> => {
    const connection = openConnection({ url, key }, (answer) => answers.push(answer))
    const pauseMs = (1000 * connections) / perSecond
    for (let dueMs = performance.now(); !stopping.signal.aborted; dueMs = Math.max(dueMs + pauseMs, performance.now() - pauseMs)) {
      await delay(Math.max(0, dueMs - performance.now()), undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) break
      const id = count++
      try {
        const answer = await connection.call(`${name}-${String(id)}`, SHAPES[id % SHAPES.length])
        for (const watch of watchers) watch(answer)
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error))
      }
    }
    connection.close()
  }
  const loops = Array.from({ length: connections }, keepCalling)

  return {
    answers,
    failures,
    async next(isWanted, withinMs) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const last = (): string => JSON.stringify(answers.slice(-3))
      const timer = setTimeout(() => reject(new Error(`No such answer in ${String(withinMs)} ms. The last ones: ${last()}`)), withinMs)
      const watch = (answer: Answer): void => void (isWanted(answer) && resolve(answer))
      watchers.add(watch)
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        watchers.delete(watch)
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

/** A connection to each of the two data-plane processes of a server that nobody else uses at the moment. By process id. */
export async function connectToEach(sallyport: Sallyport, key: string): Promise<ReadonlyMap<number, Connection>> {
  const workers = await readyWorkers(sallyport)
  const found = new Map<number, Connection>()
  for (let tries = 0; found.size < workers.length && tries < CONNECT_TRIES_MAX; tries++) {
    const connection = openConnection({ url: sallyport.url, key })
    const before = spoolBytes(sallyport.dataDir)
    // A recorded call shows in the spool of the process that answered it.
    const listed = await connection.request(
      'POST',
      '/mcp',
      modernRequest('server/discover').headers,
      JSON.stringify(modernRequest('server/discover').message),
    )
    if (listed.statusCode !== 200) throw new Error(await textOf(listed))
    listed.resume()
    const after = spoolBytes(sallyport.dataDir)
    const worker = workers.find((pid) => (after.get(pid) ?? 0) > (before.get(pid) ?? 0))
    if (worker === undefined || found.has(worker)) connection.close()
    else found.set(worker, connection)
  }
  if (found.size < workers.length) throw new Error(`Only ${String(found.size)} of ${String(workers.length)} processes took a connection.`)
  return found
}

/** Whether a call was answered with its own result and nobody else's. */
export const isAnswered = ({ status, text, callId, isComplete }: Answer): boolean =>
  isComplete && status === 200 && text.includes(`"echo ${callId}"`)
