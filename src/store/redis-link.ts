import { isIP } from 'node:net'
import { createClient } from '@redis/client'
import { backoffMs, LIMITS } from '#std/index.ts'
import type { RedisAddress } from './redis-address.ts'
import { asRedisProblem, isWrongServer, NoAnswer, redisAway, redisBusy } from './redis-failure.ts'

export type RedisConnection = ReturnType<typeof makeConnection>

export interface RedisLinkOptions {
  readonly address: RedisAddress
  /** What `CLIENT LIST` of Redis shows. */
  readonly name: string
  /** Does on each fresh connection what must be there before it counts, such as subscribing. */
  readonly prepare?: (connection: RedisConnection) => Promise<unknown>
  /** Told why Redis went away, and `null` when it is back. */
  readonly onChange?: (reason: unknown) => void
  readonly commandMsMax?: number
}

/**
 * One connection to Redis that comes back by itself. While it is away nothing waits for it: every command is refused at
 * once with `store-unavailable`. A command that gets no answer in time costs the connection, because whoever does not
 * answer one will not answer the next.
 *
 * The client's own way to reconnect is not used: it gives up no connection on which commands were sent and nothing comes
 * back, and its time-outs end when a command is written.
 */
export class RedisLink {
  readonly #options: RedisLinkOptions
  readonly #commandMsMax: number
  #connection: RedisConnection | null = null
  /** Why there is none. */
  #reason: unknown = null
  #inFlight = 0
  #attempt = 0
  #isClosed = false
  #retry: NodeJS.Timeout | undefined
  #ping: NodeJS.Timeout | undefined

  private constructor(options: RedisLinkOptions) {
    this.#options = options
    this.#commandMsMax = options.commandMsMax ?? LIMITS.redisCommandMsMax
  }

  /** Connects. Rejects with the reason as it is when that fails: at the start somebody is there to mend it. */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options)
    link.#connection = await link.#connect()
    const ping = (): void => {
      if (link.#connection !== null) link.run((connection) => connection.ping()).catch(() => undefined)
    }
    link.#ping = setInterval(ping, LIMITS.redisPingMs)
    return link
  }

  /** Why Redis is away; null when it is not. */
  get reason(): unknown {
    return this.#connection === null ? (this.#reason ?? new Error('closed')) : null
  }

  /** Rejects with `store-unavailable`, with `overloaded`, or with the bug that Redis complained of. */
  async run<T>(command: (connection: RedisConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection
    if (connection === null) throw redisAway(this.#reason)
    if (this.#inFlight >= LIMITS.redisCommandsMax) throw redisBusy()
    this.#inFlight += 1
    try {
      return await within(command(connection), this.#commandMsMax)
    } catch (error) {
      if (error instanceof NoAnswer || isWrongServer(error)) this.#lose(connection, error)
      throw asRedisProblem(error)
    } finally {
      this.#inFlight -= 1
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#ping)
    clearTimeout(this.#retry)
    const connection = this.#connection
    this.#connection = null
    if (connection === null) return
    await within(connection.close(), this.#commandMsMax).catch(() => connection.destroy())
  }

  async #connect(): Promise<RedisConnection> {
    const connection = makeConnection(this.#options.address, this.#options.name)
    connection.on('error', (error: unknown) => this.#lose(connection, error))
    const connected = connection.connect().then(() => this.#options.prepare?.(connection))
    try {
      await within(connected, LIMITS.redisConnectMsMax)
      if (this.#isClosed || !connection.isReady) throw new Error('lost at once')
      return connection
    } catch (error) {
      connection.destroy()
      // A socket that was not there yet escapes being destroyed, so it is done again when there is one.
      void connected.catch(() => undefined).finally(() => connection.destroy())
      throw error
    }
  }

  #lose(connection: RedisConnection, reason: unknown): void {
    if (connection !== this.#connection) return
    this.#connection = null
    this.#attempt = 0
    connection.destroy()
    this.#retryLater(reason)
    this.#options.onChange?.(reason)
  }

  #retryLater(reason: unknown): void {
    this.#reason = reason
    if (this.#isClosed) return
    const pauseMs = backoffMs(this.#attempt, LIMITS.redisRetryMsMin, LIMITS.redisRetryMsMax)
    this.#attempt += 1
    this.#retry = setTimeout(() => void this.#connectAgain(), pauseMs)
  }

  async #connectAgain(): Promise<void> {
    try {
      this.#connection = await this.#connect()
    } catch (error) {
      return this.#retryLater(error)
    }
    this.#options.onChange?.(null)
  }
}

/** No more than a connection: it is not opened yet, and does not come back when it is lost. */
function makeConnection({ host, port, isTls, username, password, database }: RedisAddress, name: string) {
  // Half of the time for the socket, so that none can come about after the whole has passed.
  const way = { host, port, connectTimeout: LIMITS.redisConnectMsMax / 2, reconnectStrategy: false } as const
  // RFC 6066 §3: the name of a server is never an address.
  const tls = isIP(host) === 0 ? { tls: true, servername: host } : { tls: true }
  return createClient({
    socket: isTls ? { ...way, ...tls, tls: true as const } : way,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    name,
    disableClientInfo: true,
    disableOfflineQueue: true,
    commandsQueueMaxLength: LIMITS.redisCommandsMax,
    // Ours is `within`.
    commandOptions: { timeout: 0 },
    // A server that may tell its clients to connect elsewhere could send them, and our password, anywhere.
    maintNotifications: 'disabled',
  })
}

/** Rejects when there is no answer in time. What has arrived while this process was busy is read first: it is an answer. */
export function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new NoAnswer(ms))), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
