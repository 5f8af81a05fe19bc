import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { readRedisUrl } from './redis-address.ts'
import { RedisLink, type RedisLinkOptions } from './redis-link.ts'
import { freshRedis, NO_REDIS, openWay, problem } from './testing.ts'

const COMMAND_MS_MAX = 300

/** What a link says of itself, and the way to wait for it. */
function collectChanges() {
  const seen: unknown[] = []
  let wake = (): void => undefined
  return {
    seen,
    onChange: (reason: unknown): void => {
      seen.push(reason)
      wake()
    },
    /** The first one of these, also when it was before. */
    until: async (isIt: (reason: unknown) => boolean): Promise<unknown> => {
      for (let at = 0; ; at += 1) {
        while (at >= seen.length) await new Promise<void>((resolve) => (wake = resolve))
        if (isIt(seen[at])) return seen[at]
      }
    },
  }
}

const isBack = (reason: unknown): boolean => reason === null
const isAway = (reason: unknown): boolean => reason !== null

async function open(url: string, options: Partial<RedisLinkOptions> = {}) {
  const changes = collectChanges()
  const link = await RedisLink.open({ address: readRedisUrl(url), name: 'sallyport-test', onChange: changes.onChange, ...options })
  onTestFinished(() => link.close())
  return { link, changes }
}

/** The outcome of what waits for nothing: no timer, no socket. */
async function atOnce(work: Promise<unknown>): Promise<PromiseSettledResult<unknown> | 'waits'> {
  const outcome = Promise.allSettled([work]).then(([first]) => first)
  return Promise.race([outcome, new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'))])
}

const refused = { status: 'rejected', reason: problem('store-unavailable') }

/** A server that answers each connection as the test says. */
async function listen(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `redis://someone:canary-4711@127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a link to Redis that cannot be opened', () => {
  it('rejects when nobody listens, and tries no more', async () => {
    await expect(open('redis://127.0.0.1:1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('rejects when the server refuses us, without the password', async () => {
    const url = await listen((socket) => socket.on('data', () => socket.write('-WRONGPASS invalid username-password pair\r\n')))
    const failure: unknown = await open(url).catch((error: unknown) => error)
    expect((failure as Error).message).toContain('WRONGPASS')
    expect(inspect(failure, { depth: 10 })).not.toContain('canary-4711')
  })

  it('rejects when the server takes the connection and says nothing', async () => {
    const closed: Promise<unknown>[] = []
    const url = await listen((socket) => closed.push(once(socket.resume(), 'close')))
    await expect(open(url)).rejects.toMatchObject({ code: 'NO_ANSWER' })
    await Promise.all(closed)
  })

  it('rejects when the server hangs up', async () => {
    const url = await listen((socket) => socket.on('data', () => socket.end()))
    await expect(open(url)).rejects.toBeInstanceOf(Error)
  })
})

describe('a link to Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  async function openThrough(options: Partial<RedisLinkOptions> = {}) {
    const redis = await freshRedis!()
    const way = await openWay(redis.url, 6379)
    return { redis, way, ...(await open(way.href, options)) }
  }

  it('comes back by itself after the connection was killed, and does again what must be there', async () => {
    const redis = await freshRedis!()
    let prepared = 0
    const { link, changes } = await open(redis.url, { prepare: async () => void (prepared += 1) })
    for (const times of [1, 2]) {
      const id = await link.run((connection) => connection.clientId())
      await redis.stranger.sendCommand(['CLIENT', 'KILL', 'ID', String(id)])
      await changes.until(isAway)
      await expect.poll(() => changes.seen.filter(isBack).length).toBe(times)
      expect(prepared).toBe(times + 1)
      expect(await link.run((connection) => connection.ping())).toBe('PONG')
      expect(link.reason).toBeNull()
    }
  })

  it('refuses at once while Redis is away, what is under way included, and goes on when it is back', async () => {
    const { way, link, changes, redis } = await openThrough()
    const underWay = link.run((connection) => connection.blPop(`${redis.prefix}never`, 60))
    await Promise.all([expect(underWay).rejects.toEqual(problem('store-unavailable')), way.cut()])
    await changes.until(isAway)
    expect(link.reason).not.toBeNull()
    expect(await atOnce(link.run((connection) => connection.ping()))).toEqual(refused)
    await way.mend()
    await changes.until(isBack)
    expect(await link.run((connection) => connection.ping())).toBe('PONG')
    expect(changes.seen.map(isBack), 'each change is told once').toEqual([false, true])
  })

  it('refuses when no answer comes, gives that connection up, and tells nobody where Redis is', async () => {
    const { way, link, changes } = await openThrough({ commandMsMax: COMMAND_MS_MAX })
    way.hold(true)
    const failure: unknown = await link.run((connection) => connection.ping()).catch((error: unknown) => error)
    expect(failure).toEqual(problem('store-unavailable'))
    expect(JSON.stringify(failure) + (failure as Error).message).not.toContain(String(way.port))
    await changes.until(isAway)
    expect(await atOnce(link.run((connection) => connection.ping()))).toEqual(refused)
    way.hold(false)
    await changes.until(isBack)
    expect(await link.run((connection) => connection.ping())).toBe('PONG')
  })

  it('notices by itself that nothing comes back', async () => {
    const { way, changes } = await openThrough({ commandMsMax: COMMAND_MS_MAX })
    way.hold(true)
    expect(await changes.until(isAway)).toMatchObject({ code: 'NO_ANSWER' })
  })

  it('takes what has arrived while this process was busy for an answer', async () => {
    const { link, changes } = await open((await freshRedis!()).url, { commandMsMax: COMMAND_MS_MAX })
    const answer = link.run((connection) => connection.ping())
    // The command is written now, and answered while nobody here looks for longer than an answer may take.
    await new Promise((resolve) => setImmediate(resolve))
    const startMs = performance.now()
    while (performance.now() - startMs < COMMAND_MS_MAX * 2);
    expect(await answer).toBe('PONG')
    expect(changes.seen).toEqual([])
  })

  it('takes no more commands than it may', async () => {
    const { way, link } = await openThrough({ commandMsMax: COMMAND_MS_MAX })
    way.hold(true)
    const commands = Array.from({ length: LIMITS.redisCommandsMax + 1 }, () => link.run((connection) => connection.ping()))
    const outcomes = await Promise.allSettled(commands)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(outcomes.at(-1)).toMatchObject({ reason: { type: 'overloaded' } })
    expect(outcomes.slice(0, -1).every((outcome) => outcome.status === 'rejected' && isUnavailable(outcome.reason))).toBe(true)
  })

  it('keeps what is wrong with a command a bug', async () => {
    const { redis, link, changes } = await openThrough()
    await link.run((connection) => connection.set(`${redis.prefix}text`, 'x'))
    await expect(link.run((connection) => connection.lPush(`${redis.prefix}text`, 'x'))).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringContaining('WRONGTYPE') as unknown,
    })
    expect(changes.seen).toEqual([])
  })

  it('does nothing any more once it is closed', async () => {
    const { way, link, changes } = await openThrough()
    await way.cut()
    await changes.until(isAway)
    await link.close()
    await link.close()
    await way.mend()
    await expect(link.run((connection) => connection.ping())).rejects.toEqual(problem('store-unavailable'))
    expect(changes.seen.filter(isBack)).toEqual([])
  })
})

const isUnavailable = (reason: unknown): boolean => (reason as { type?: unknown }).type === 'store-unavailable'

describe('a server that is the wrong one', () => {
  /** A Redis of a few words: greets, and answers every other command with `reply`. */
  const speak = (reply: string, seen: string[] = []): Promise<string> =>
    listen((socket) =>
      socket.on('data', (chunk) => {
        for (const command of chunk
          .toString()
          .split(/^\*\d+\r\n/m)
          .slice(1)) {
          seen.push(command)
          socket.write(/\r\nHELLO\r\n/.test(command) ? '%1\r\n+server\r\n+redis\r\n' : /\r\nCLIENT\r\n/.test(command) ? '+OK\r\n' : reply)
        }
      }),
    )

  it.each([
    ['LOADING Redis is loading the dataset in memory', 'store-unavailable'],
    ["NOPERM User default has no permissions to run the 'get' command", 'store-unavailable'],
    ['MOVED 3999 127.0.0.1:6381', 'store-unavailable'],
    ["OOM command not allowed when used memory > 'maxmemory'", 'overloaded'],
  ] as const)('refuses what it answers with %s', async (reply, type) => {
    const { link, changes } = await open(await speak(`-${reply}\r\n`))
    await expect(link.run((connection) => connection.get('a'))).rejects.toEqual(problem(type))
    expect(changes.seen).toEqual([])
  })

  it('is left for a fresh connection when it has become a replica', async () => {
    const { link, changes } = await open(await speak("-READONLY You can't write against a read only replica.\r\n"))
    await expect(link.run((connection) => connection.set('a', ''))).rejects.toEqual(problem('store-unavailable'))
    await changes.until(isBack)
  })

  it('cannot send us elsewhere', async () => {
    const seen: string[] = []
    const { link } = await open(await speak('+PONG\r\n', seen))
    await link.run((connection) => connection.ping())
    expect(seen.join('')).toContain('canary-4711')
    expect(seen.join('')).not.toContain('MAINT_NOTIFICATIONS')
  })
})
