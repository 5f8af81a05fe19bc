// The program with a certificate of its own, made for the test. Like `harness.ts`, over https.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, REPOSITORY } from './harness.ts'

const READY_MS_MAX = 30_000
const SERVER_FLAGS = ['--max-semi-space-size=8', '--min-semi-space-size=8', '--disable-warning=ExperimentalWarning']

export interface Pair {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/** Why nothing can be tested here; null where it can. */
export const NO_OPENSSL =
  spawnSync('openssl', ['version']).error === undefined ? null : 'there is no openssl here that could make a certificate'

/** Makes a certificate for this machine that is its own authority. */
export function makePair(folder: string, name: string): Pair {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', ...subject]
  const { status, stderr } = spawnSync('openssl', [...words, '-keyout', key, '-out', cert], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return { cert, key, ca: readFileSync(cert, 'utf8') }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export interface TlsProduct {
  readonly url: string
  readonly folder: string
  readonly pair: Pair
  readonly ownerKey: string
  readonly logs: string
  /** One request over HTTP/2, on a connection that all share. */
  http2(headers: OutgoingHttpHeaders, body?: string): Promise<Answer>
  /** One request over HTTP/1.1. */
  http1(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>
  session(): ClientHttp2Session
  stop(): Promise<void>
}

export async function startTlsProduct(declared: object, args: readonly string[] = []): Promise<TlsProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
  const pair = makePair(folder, 'server')
  const port = await freePort()
  const ownerKey = `owner-${randomBytes(24).toString('hex')}-abcdefgh`
  writeFileSync(join(folder, 'declared.json'), JSON.stringify(declared))
  const env = {
    ...(process.env as Record<string, string>),
    NO_COLOR: '1',
    SALLYPORT_PORT: String(port),
    SALLYPORT_DATA_DIR: join(folder, 'data'),
    SALLYPORT_OWNER_KEY: ownerKey,
    SALLYPORT_CONFIG: join(folder, 'declared.json'),
    SALLYPORT_TLS_CERT: pair.cert,
  }
  const words = [...SERVER_FLAGS, join(REPOSITORY, 'bin/sallyport.mjs'), 'serve', '--tls-key', pair.key, ...args]
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let logs = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (logs += text))
  const exited = once(child, 'exit')
  const url = `https://127.0.0.1:${String(port)}`
  const http1: TlsProduct['http1'] = (method, path, headers = {}, body = '') => overHttp1(url, pair, method, path, headers, body)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  await untilReady(child, http1, () => logs).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  let shared: ClientHttp2Session | undefined
  const session = (): ClientHttp2Session => (shared ??= connect(url, { ca: pair.ca }).on('error', () => {}))
  return {
    url,
    folder,
    pair,
    ownerKey,
    get logs() {
      return logs
    },
    http1,
    session,
    http2: (headers, body = '') => overHttp2(session(), headers, body),
    async stop() {
      shared?.destroy()
      await stop()
    },
  }
}

async function untilReady(child: ChildProcess, http1: TlsProduct['http1'], logs: () => string): Promise<void> {
  for (const until = performance.now() + READY_MS_MAX; performance.now() < until; await delay(50)) {
    if (child.exitCode !== null) throw new Error(`It ended with ${String(child.exitCode)}:\n${logs()}`)
    if ((await http1('GET', '/readyz').catch(() => null))?.status === 200) return
  }
  throw new Error(`It was not ready after ${String(READY_MS_MAX)} ms:\n${logs()}`)
}

async function overHttp1(
  url: string,
  { ca }: Pair,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<Answer> {
  const request = httpsRequest(`${url}${path}`, { method, ca, headers, agent: false })
  request.end(body)
  const [incoming] = (await once(request, 'response')) as [IncomingMessage]
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: await textOf(incoming) }
}

async function overHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body: string): Promise<Answer> {
  const stream = session.request(headers)
  if (body !== '') stream.end(body)
  const [head] = (await once(stream, 'response')) as [Record<string, string>]
  return { status: Number(head[':status']), headers: head, text: await textOf(stream) }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
