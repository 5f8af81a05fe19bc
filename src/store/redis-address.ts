import { Problem } from '#std/index.ts'

/** Where Redis is, and as whom we come. Only `shown` may be shown. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** `host:port`: what logs and errors say. */
  readonly shown: string
}

const PORT_DEFAULT = 6379
const DATABASE = /^\/?(\d{0,5})$/

/**
 * Reads `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`. Throws `invalid-input` for anything else. Parameters are
 * refused rather than overlooked: whoever wrote `?tls=…` believes that it does something.
 */
export function readRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '')
    throw misfit('It must look like redis://HOST:PORT or rediss://USER:PASSWORD@HOST:PORT/DATABASE')
  if (url.search !== '' || url.hash !== '') throw misfit('It takes no parameters: leave out what follows ? or #')
  const database = DATABASE.exec(url.pathname)?.[1]
  if (database === undefined) throw misfit('After the port only the number of a database may follow, such as /1')
  const port = url.port === '' ? PORT_DEFAULT : Number(url.port)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    isTls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(database),
    shown: `${url.hostname}:${port}`,
  }
}

function decoded(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw misfit('In its user and password write % as %25')
  }
}

/** Never with what was given: there is a password in it. */
const misfit = (why: string): Problem =>
  new Problem('invalid-input', `SALLYPORT_REDIS_URL cannot be used. ${why}.`, {
    remedy: 'Set SALLYPORT_REDIS_URL to an address of that form, or unset it to share nothing between nodes.',
  })
