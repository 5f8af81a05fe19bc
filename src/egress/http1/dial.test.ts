import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createEgress, type OutboundPool, type Resolve } from '../index.ts'
import { listen, ok, open, send, speak, undoAll, undoLater } from './testing.ts'

afterEach(undoAll)

describe('the gatekeeper of a pool', () => {
  it('refuses what is private, as a literal and behind a name', async () => {
    const { port, seen } = await speak((socket) => socket.write(ok('')))
    await expect(send(open(port, {}))).rejects.toMatchObject({ type: 'egress-denied' })
    const named = open(port, {}, `http://inside.example:${port}/`, async () => ['127.0.0.1'])
    await expect(send(named)).rejects.toMatchObject({ type: 'egress-denied' })
    expect(seen).toEqual([])
  })

  it('is asked once per connection, and its answer is what is dialled', async () => {
    const { port } = await speak((socket) => socket.write(ok('x', 'connection: close')))
    let asked = 0
    const pool = createEgress({
      allow: ['127.0.0.1/32'],
      resolve: async () => (++asked === 1 ? ['127.0.0.1'] : ['169.254.169.254']),
    }).openPool(`http://rebind.example:${port}/`)
    undoLater(() => pool.destroy())
    expect((await send(pool)).body).toBe('x')
    expect(asked).toBe(1)
    await expect(send(pool)).rejects.toMatchObject({ type: 'egress-denied' })
    expect(asked).toBe(2)
  })

  it('may answer with several addresses: the one that works is found', async () => {
    const { port } = await speak((socket) => socket.write(ok('x')))
    const pool = open(port, { isTrusted: true }, `http://two.example:${port}/`, async () => ['::1', '127.0.0.1'])
    expect((await send(pool)).body).toBe('x')
  })
})

describe('TLS', () => {
  it('is spoken with a server that proves its name, and with no other', async (context) => {
    const made = makeCertificates()
    if (made === null) return context.skip('openssl is not installed')
    const { key, cert, authority } = made
    const names: unknown[] = []
    const server = createTlsServer(
      { key, cert, SNICallback: (name, done) => done(null, void names.push(name)), ALPNProtocols: ['http/1.1'] },
      (request, response) => {
        const { alpnProtocol } = request.socket as unknown as { alpnProtocol: unknown }
        response.write(String(alpnProtocol))
        request.pipe(response)
      },
    )
    const port = await listen(server)
    const resolve: Resolve = async () => ['127.0.0.1']
    const openTls = (host: string): OutboundPool => open(port, { isTrusted: true }, `https://${host}:${port}/`, resolve)
    await expect(send(openTls('good.example'))).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })

    const before = getCACertificates()
    undoLater(() => setDefaultCACertificates(before))
    setDefaultCACertificates([...before, authority])
    names.length = 0
    const pool = openTls('good.example')
    const body = 'x'.repeat(300_000)
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(pool, { body: Buffer.from(body) })))
    expect(answers.every((answer) => answer.body === `http/1.1${body}`)).toBe(true)
    expect(new Set(names)).toEqual(new Set(['good.example']))
    await expect(send(openTls('other.example'))).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    await expect(send(openTls('127.0.0.1'))).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})

/** An authority and a certificate of `good.example` by it; null without openssl. */
function makeCertificates(): { key: string; cert: string; authority: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
  const openssl = (...args: string[]): boolean => spawnSync('openssl', args, { cwd: folder }).status === 0
  const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  try {
    const isMade =
      openssl(...fresh, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt') &&
      openssl(
        ...fresh,
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-subj',
        '/CN=x',
        '-addext',
        'subjectAltName=DNS:good.example',
        '-addext',
        'basicConstraints=critical,CA:FALSE',
        '-keyout',
        'a.key',
        '-out',
        'a.crt',
      )
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
    return isMade ? { key: read('a.key'), cert: read('a.crt'), authority: read('ca.crt') } : null
  } finally {
    rmSync(folder, { recursive: true })
  }
}
