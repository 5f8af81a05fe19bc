import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Problem } from '#std/index.ts'
import { makeCertificate, temporaryFolder } from './testing.ts'
import { readTlsPair, type TlsFiles } from './tls-pair.ts'

const YEAR_MS = 365 * 24 * 3_600_000

function refusal(files: TlsFiles, nowMs = Date.now()): Problem {
  try {
    readTlsPair(files, nowMs)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('It was taken')
}

describe('the pair of certificate and key', () => {
  it('is taken when it fits', (ctx) => {
    const files = makeCertificate(ctx, temporaryFolder())
    const pair = readTlsPair(files, Date.now())
    expect(pair.subject).toContain('IP Address:127.0.0.1')
    expect(pair.expiresAtMs).toBeGreaterThan(Date.now())
  })

  it('is refused with what is wrong and what mends it', (ctx) => {
    const files = makeCertificate(ctx, temporaryFolder())
    const other = makeCertificate(ctx, temporaryFolder())
    const garbage = join(files.folder, 'garbage.pem')
    writeFileSync(garbage, 'no PEM')
    const locked = join(files.folder, 'locked.pem')
    execFileSync('openssl', ['pkey', '-in', files.key, '-aes256', '-passout', 'pass:secret-word', '-out', locked])
    const large = join(files.folder, 'large.pem')
    writeFileSync(large, Buffer.alloc(2_000_000))
    const cases: [TlsFiles, RegExp, RegExp][] = [
      [{ ...files, key: other.key }, /is not the key of the certificate/, /made together/],
      [
        { ...files, cert: join(files.folder, 'absent.pem') },
        /SALLYPORT_TLS_CERT=.*absent\.pem cannot be read: it is not there/,
        /SALLYPORT_TLS_CERT/,
      ],
      [{ ...files, key: files.folder }, /SALLYPORT_TLS_KEY=.* cannot be read: EISDIR/, /SALLYPORT_TLS_KEY/],
      [{ ...files, cert: garbage }, /garbage\.pem holds no certificate/, /BEGIN CERTIFICATE/],
      [{ ...files, key: garbage }, /garbage\.pem holds no private key/, /BEGIN PRIVATE KEY/],
      [{ ...files, key: locked }, /is encrypted/, /openssl pkey/],
      [{ ...files, cert: large }, /larger than/, /SALLYPORT_TLS_CERT/],
    ]
    for (const [given, detail, remedy] of cases) {
      const { type, message, remedy: said } = refusal(given)
      expect(type).toBe('invalid-input')
      expect(message).toMatch(detail)
      expect(said).toMatch(remedy)
    }
    expect(refusal(files, Date.now() + YEAR_MS).message).toMatch(/has expired: /)
    expect(refusal(files, Date.now() - YEAR_MS).message).toMatch(/is not valid before /)
  })

  it('shows nothing of a key in what it says', (ctx) => {
    const files = makeCertificate(ctx, temporaryFolder())
    const broken = join(files.folder, 'broken.pem')
    writeFileSync(broken, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWJ5dGVz\n-----END PRIVATE KEY-----\n')
    const { message, remedy } = refusal({ ...files, key: broken })
    expect(`${message} ${remedy ?? ''}`).not.toContain('c2VjcmV0')
  })
})
