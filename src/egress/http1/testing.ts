import { once } from 'node:events'
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createEgress, type OutboundHandler, type OutboundPool, type OutboundRequest, type PoolOptions, type Resolve } from '../index.ts'

// Servers of the tests of this folder, and a pool to talk to them.

const cleanups: (() => unknown)[] = []

/** Something to be undone after the test, last first. */
export const undoLater = (undo: () => unknown): void => void cleanups.push(undo)

export async function undoAll(): Promise<void> {
  for (const undo of cleanups.splice(0).toReversed()) await undo()
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined))
  })
  server.listen(0, host)
  await once(server, 'listening')
  cleanups.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** A server that speaks bytes: it is given each request's text, which here is always one packet. */
export async function speak(answer: (socket: Socket, text: string, nth: number) => void): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = []
  const port = await listen(
    createSocketServer((socket) => {
      let nth = 0
      socket.on('data', (data) => {
        seen.push(data.toString().split(' ', 1)[0]!)
        answer(socket, data.toString(), nth++)
      })
    }),
  )
  return { port, seen }
}

export function open(
  port: number,
  options: PoolOptions = { isTrusted: true },
  url = `http://127.0.0.1:${port}/`,
  resolve?: Resolve,
): OutboundPool {
  const pool = createEgress({ allow: [], ...(resolve === undefined ? {} : { resolve }) }).openPool(url, options)
  cleanups.push(() => pool.destroy())
  return pool
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export function send(pool: OutboundPool, request: Partial<OutboundRequest> = {}, over: Partial<OutboundHandler> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    const chunks: Buffer[] = []
    const handler: OutboundHandler = {
      onHead: (got) => void (status = got),
      onData: (chunk) => chunks.push(chunk) > 0,
      onEnd: () => resolve({ status, body: Buffer.concat(chunks).toString() }),
      onError: reject,
      ...over,
    }
    pool.dispatch({ method: 'POST', path: '/', headers: [], body: Buffer.from('{}'), ...request }, handler)
  })
}

export const ok = (body: string, ...headers: string[]): string =>
  `HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
