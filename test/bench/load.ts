// The load generator, a process of its own: takes one order at a time over IPC and reports what it saw.
import { BenchConnection, postBytes } from './http-client.ts'

export interface Request {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Order =
  /** As many calls as `connections` clients can make, each waiting for its answer. */
  | { readonly kind: 'closed'; readonly request: Request; readonly connections: number; readonly durationMs: number }
  /** A fixed rate, whatever the answers do. */
  | {
      readonly kind: 'open'
      readonly request: Request
      readonly connections: number
      readonly durationMs: number
      readonly perSecond: number
    }
  /** Opens `count` event streams, spread over `requests`, and holds them until the next order. */
  | { readonly kind: 'streams'; readonly requests: readonly Request[]; readonly count: number }
  | { readonly kind: 'close' }

export interface Report {
  readonly calls: number
  /** Answers that were not 200, or not a JSON-RPC result. */
  readonly errors: number
  /** The first such answer. */
  readonly firstError: string
  readonly durationMs: number
  /** Latencies in milliseconds: 50th, 90th, 99th percentile and the worst. Open loop: from the intended time. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly worst: number
}

const GRACE_MS = 5_000
/** A timer fires this late without anybody's fault; what is later counts as waiting (no coordinated omission). */
const TIMER_GRAIN_MS = 2
const STREAMS_AT_ONCE = 64

let held: BenchConnection[] = []

process.on('message', (order: Order) => {
  void obey(order).then((report) => process.send?.(report))
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Report> {
  for (const connection of held) connection.close()
  held = []
  if (order.kind === 'close') return new Tally().report(0)
  return order.kind === 'streams' ? await openStreams(order) : await run(order)
}

class Tally {
  readonly #latencies: number[] = []
  #errors = 0
  #firstError = ''

  count(status: number, answer: Buffer, latencyMs: number): void {
    this.#latencies.push(latencyMs)
    if (status === 200 && answer.includes('"result"') && !answer.includes('"isError":true')) return
    this.#errors++
    if (this.#firstError === '') this.#firstError = `${status} ${answer.toString('utf8', 0, 300)}`
  }

  report(durationMs: number): Report {
    const sorted = Float64Array.from(this.#latencies).toSorted()
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return {
      calls: sorted.length,
      errors: this.#errors,
      firstError: this.#firstError,
      durationMs,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      worst: at(1),
    }
  }
}

async function run(order: Extract<Order, { kind: 'closed' | 'open' }>): Promise<Report> {
  const { request, durationMs } = order
  const bytes = postBytes(request.port, request.path, request.headers, request.body)
  const connections = await connectAll(request.port, order.connections)
  const tally = new Tally()
  const startedAt = performance.now()
  if (order.kind === 'closed') await driveClosed(connections, bytes, startedAt + durationMs, tally)
  else await driveOpen(connections, bytes, startedAt, order, tally)
  const tookMs = performance.now() - startedAt
  for (const connection of connections) connection.close()
  return tally.report(tookMs)
}

function driveClosed(connections: readonly BenchConnection[], bytes: Buffer, endsAt: number, tally: Tally): Promise<void> {
  return new Promise((resolve) => {
    let open = connections.length
    const next = (connection: BenchConnection): void => {
      const sentAt = performance.now()
      if (sentAt >= endsAt) {
        if (--open === 0) resolve()
        return
      }
      connection.send(bytes, (status, answer) => {
        tally.count(status, answer, performance.now() - sentAt)
        next(connection)
      })
    }
    for (const connection of connections) next(connection)
  })
}

function driveOpen(
  connections: readonly BenchConnection[],
  bytes: Buffer,
  startedAt: number,
  order: Extract<Order, { kind: 'open' }>,
  tally: Tally,
): Promise<void> {
  const intervalMs = 1000 / order.perSecond
  const total = Math.floor(order.durationMs / intervalMs)
  return new Promise((resolve) => {
    const free = [...connections]
    const waiting: number[] = []
    let due = 0
    let answered = 0
    const giveUp = setTimeout(() => {
      for (; answered < total; answered++) tally.count(0, Buffer.from('no answer in time'), GRACE_MS)
      resolve()
    }, order.durationMs + GRACE_MS)
    const send = (intendedAt: number): void => {
      const connection = free.pop()
      if (connection === undefined) {
        waiting.push(intendedAt)
        return
      }
      connection.send(bytes, (status, answer) => {
        tally.count(status, answer, performance.now() - intendedAt)
        free.push(connection)
        const next = waiting.shift()
        if (next !== undefined) send(next)
        if (++answered < total) return
        clearTimeout(giveUp)
        resolve()
      })
    }
    const tick = (): void => {
      const now = performance.now()
      for (; due < total && startedAt + due * intervalMs <= now; due++) {
        const intendedAt = startedAt + due * intervalMs
        send(now - intendedAt < TIMER_GRAIN_MS ? now : intendedAt)
      }
      if (due < total) setTimeout(tick, 1)
    }
    tick()
  })
}

function connectAll(port: number, count: number): Promise<BenchConnection[]> {
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<BenchConnection>((resolve) => {
          const connection = new BenchConnection(port, () => resolve(connection))
        }),
    ),
  )
}

/** Resolves when every stream has delivered its first bytes. */
async function openStreams(order: Extract<Order, { kind: 'streams' }>): Promise<Report> {
  const startedAt = performance.now()
  const tally = new Tally()
  let next = 0
  const openNext = async (): Promise<void> => {
    for (let index = next++; index < order.count; index = next++) {
      const request = order.requests[index % order.requests.length]
      if (request === undefined) throw new Error('no request for the streams')
      const [connection] = await connectAll(request.port, 1)
      if (connection === undefined) continue
      held.push(connection)
      const sentAt = performance.now()
      const [status, head] = await connection.open(postBytes(request.port, request.path, request.headers, request.body))
      tally.count(status, Buffer.from(status === 200 ? '"result"' : head), performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: STREAMS_AT_ONCE }, openNext))
  return tally.report(performance.now() - startedAt)
}
