import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretName } from './is-secret-name.ts'
import { redactText } from './redact-text.ts'

const redact = (text: string, known: readonly string[] = []): string => redactText(text, known).text
const A = 'aB3_'.repeat(10)

describe('a text', () => {
  it.each([
    ['Authorization: Bearer abc123def', 'Authorization: Bearer [redacted: credential]'],
    ['curl -H "authorization: basic dXNlcjpwYXNzd29yZA=="', 'curl -H "authorization: basic [redacted: credential]"'],
    [`key sp_${A} is ours`, 'key [redacted: key] is ours'],
    [`a ghp_${A}, a github_pat_${A}, a sk-${A}, a xoxb-${A}`, 'a [redacted: key], a [redacted: key], a [redacted: key], a [redacted: key]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted: key]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-nature', '[redacted: token]'],
    ['postgres://ada:hunter2@db.example/x', 'postgres://[redacted: password]@db.example/x'],
    ['PASSWORD=hunter2 PATH=/bin', 'PASSWORD=[redacted: secret] PATH=/bin'],
    ['https://a.example/?access_token=hunter2&page=2', 'https://a.example/?access_token=[redacted: secret]&page=2'],
    ['{\\"api_key\\": \\"hunter2\\"}', '{\\"api_key\\": \\"[redacted: secret]\\"}'],
    ['{"password": "correct horse, \\"battery\\"", "a": 1}', '{"password": "[redacted: secret]", "a": 1}'],
    ['{\\"secret\\": \\"two words\\", \\"a\\": 1}', '{\\"secret\\": \\"[redacted: secret]\\", \\"a\\": 1}'],
    ["token='it is long' and on", "token='[redacted: secret]' and on"],
    ['card 4111 1111 1111 1111 12/29', 'card [redacted: card number] 12/29'],
    ['12 34 56 78 4111-1111-1111-1111', '12 34 56 78 [redacted: card number]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- after', '[redacted: private key] after'],
    ['a -----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn and never an end', 'a [redacted: private key]'],
    [`src="data:image/png;base64,${'QUJD'.repeat(4000)}"`, 'src="[image/png, 12 kB]"'],
    ['QUJD'.repeat(400), '[base64, 1 kB]'],
  ])('loses what looks like a secret: %s', (text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  it.each([
    'Bearer authentication is explained in the basic understanding guide',
    'risk-assessment-framework-for-teams and disk-usage-statistics-tool',
    'order 1234567890123456, time 1795219200000, 4111 1111 1111 1112',
    'The token was refused, the password is too short.',
    'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '-----BEGIN CERTIFICATE-----',
  ])('keeps what does not: %s', (text) => {
    expect(redactText(text, [])).toEqual({ text, redactions: 0 })
  })

  it('loses secrets that are known, in every spelling, the longest first', () => {
    const secret = 'hunter2 "and more"'
    const text = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      `${secret} still`,
    ].join('|')
    const { text: kept, redactions } = redactText(text, [secret, `Bearer ${secret}`, `${secret} still`, 'short'])
    expect(kept).toBe(
      '[redacted: secret]|"[redacted: secret]"|[redacted: secret]|[redacted: secret]==|[redacted: secret]'.replace(
        '==',
        Buffer.from(secret).toString('base64').endsWith('==') ? '==' : '',
      ),
    )
    expect(redactions).toBe(5)
  })

  it('never shows a known secret, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        expect(redact(`${before} k9f8e7d6c5b4 ${after}`, ['k9f8e7d6c5b4'])).not.toContain('k9f8e7d6c5b4')
      }),
    )
  })

  // A pattern that takes quadratic time would need minutes for these, and the test its timeout.
  it.each([
    ['bearer ', 'bearer'.repeat(300_000)],
    ['bearer and spaces', `bearer${' '.repeat(2_000_000)}`],
    ['eyJ', 'eyJ'.repeat(600_000)],
    ['token', 'token'.repeat(400_000)],
    ['token=', 'token='.repeat(300_000)],
    ['token with quotes', 'token:"'.repeat(300_000)],
    ['a quote without an end', `token:"${'\\\\a'.repeat(600_000)}`],
    ['digits', '4 '.repeat(1_000_000)],
    ['one number', '4'.repeat(2_000_000)],
    ['addresses', '://a:'.repeat(400_000)],
    ['keys without an end', '-----BEGIN PRIVATE KEY-----'.repeat(80_000)],
    ['blobs that are too short', `${'A'.repeat(511)} `.repeat(4_000)],
    ['data:', 'data:a/b;base64'.repeat(130_000)],
  ])('of two million characters is looked through in linear time: %s', (_, text) => {
    expect(redactText(text, ['not in it at all']).text.length).toBeGreaterThan(0)
  })
})

describe('a name', () => {
  it.each([
    'password',
    'DB_PASSWORD',
    'apiKey',
    'X-API-Key',
    'accessToken',
    'Authorization',
    'set-cookie',
    'client_secret',
    'private.key',
    'otp',
  ])('%s is one of a secret', (name) => expect(isSecretName(name)).toBe(true))
  it.each(['name', 'path', 'key', 'author', 'passed', 'compass', 'spinner', 'description'])('%s is not', (name) =>
    expect(isSecretName(name)).toBe(false),
  )
})
