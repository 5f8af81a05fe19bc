import { isIP } from 'node:net'
import { Problem } from '#std/index.ts'

/** Where a connection goes. */
export interface Destination {
  /** Lower-case name without a dot at its end, or an IP address without brackets. */
  readonly host: string
  readonly port: number
}

/** Ports below this are other services than the web's: not reachable for whoever may only use the public internet. */
const UNPRIVILEGED_PORT_MIN = 1024

/** Reads a URL that somebody gave. Throws `egress-denied` for anything but plain http(s) without user and password. */
export function readUrl(text: string | URL): URL {
  const url = typeof text === 'string' && !URL.canParse(text) ? null : new URL(text)
  if (url === null) throw new Problem('egress-denied', 'This is not a URL.')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Problem('egress-denied', `Only http and https go out, not ${url.protocol.slice(0, 20)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new Problem('egress-denied', 'A URL with a user name or password is not accepted.', { remedy: 'Send credentials as a header.' })
  }
  return url
}

export function destinationOf(url: URL): Destination {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { host: plainHost(url.hostname), port }
}

/** Reads `host:port` or `[address]:port`; null when it is neither. Spellings of one host become the same text. */
export function readHostPort(text: string): Destination | null {
  const colon = text.lastIndexOf(':')
  const digits = text.slice(colon + 1)
  const host = text.slice(0, colon)
  if (colon < 1 || !/^\d{1,5}$/.test(digits) || /[/@?#\s]/.test(host)) return null
  const port = Number(digits)
  if (port < 1 || port > 65_535 || !URL.canParse(`http://${host}:1/`)) return null
  return { host: plainHost(new URL(`http://${host}:1/`).hostname), port }
}

export const isAddress = (host: string): boolean => isIP(host) !== 0

export const isWebPort = (port: number): boolean => port === 80 || port === 443 || port >= UNPRIVILEGED_PORT_MIN

/** `name:port`, with the brackets that an IPv6 address needs. */
export const hostPortText = ({ host, port }: Destination): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

function plainHost(hostname: string): string {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}
