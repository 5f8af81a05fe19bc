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
    ['GET /\r\nCookie: a=1; sid=hunter2; b=2\r\nHost: x', 'GET /\r\nCookie: [redacted: secret]\r\nHost: x'],
    ['Authorization: ApiKey hunter2\nnext', 'Authorization: [redacted: secret]\nnext'],
    ['Authorization: Digest username="u", response="hunter2"', 'Authorization: Digest [redacted: credential]'],
    ['Proxy-Authorization: Bearer hunter\\nnext', 'Proxy-Authorization: Bearer [redacted: credential]\\nnext'],
    ['mysql --password hunter2 -u root', 'mysql --password [redacted: secret] -u root'],
    ["tool --api-key 'two words' --verbose", 'tool --api-key [redacted: secret] --verbose'],
    ['curl -u ada:hunter2 https://x.example', 'curl -u ada:[redacted: password] https://x.example'],
    ['Uid=sa;Pwd=hunter2;AccountKey=abc==;', 'Uid=sa;Pwd=[redacted: secret];AccountKey=[redacted: secret];'],
    ['password => "hunter2", secret := hunter2', 'password => "[redacted: secret]", secret := [redacted: secret]'],
    ['a=1%26password%3Dhunter2', 'a=1%26password%3D[redacted: secret]'],
    ['x "\\\\\\"password\\\\\\": \\\\\\"hunter2\\\\\\"', 'x "\\\\\\"password\\\\\\": \\\\\\"[redacted: secret]\\\\\\"'],
    ['private_key: |\n  abc\n  def\nnext: 1', 'private_key: |\n  [redacted: secret]\nnext: 1'],
    ['<password>hunter2</password>', '<password>[redacted: secret]</password>'],
    ['<add key="DbPassword" value="hunter2" />', '<add key="DbPassword" value="[redacted: secret]" />'],
    [
      `x\\nghp_${A}%3Dsk-${A}\\u000asp_${A}\u001b[31mhf_${A}`,
      'x\\n[redacted: key]%3D[redacted: key]\\u000a[redacted: key]\u001b[31m[redacted: key]',
    ],
    [`ya29.${A} xapp-${A} sk_test_${A} shpat_${A}`, '[redacted: key] [redacted: key] [redacted: key] [redacted: key]'],
    [`123456789:AA${A}`, '[redacted: key]'],
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

  it('loses secrets that are known in base64 of something longer, and in hexadecimal digits', () => {
    const secret = 'correct-horse?battery>>'
    for (const around of ['', 'a', 'ab', 'abc']) {
      const bytes = Buffer.from(`${around}${secret}${around}`)
      for (const coding of ['base64', 'base64url', 'hex'] as const) {
        const { text, redactions } = redactText(bytes.toString(coding), [secret])
        expect(redactions).toBe(1)
        expect(Buffer.from(text.replace('[redacted: secret]', ''), coding).toString()).not.toMatch(/corr|orse|batt|tery/)
      }
    }
    expect(redact('CAFF%c3%a9!ab', ['é!abcdef', 'CAFFé!ab'])).toBe('[redacted: secret]')
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
    ['headers', 'cookie:'.repeat(280_000)],
    ['headers in quotes', '"cookie: '.repeat(220_000)],
    ['flags', '--token '.repeat(250_000)],
    ['dashes', '-'.repeat(2_000_000)],
    ['backslashes', '\\'.repeat(2_000_000)],
    ['token and backslashes', 'token\\\\'.repeat(280_000)],
    ['elements', '<token>'.repeat(280_000)],
    ['attributes', 'key="token" value="'.repeat(100_000)],
    ['blocks', 'token: |\n '.repeat(200_000)],
    ['indented lines', `token: |\n${' \n'.repeat(900_000)}`],
    ['sk-', 'sk-'.repeat(660_000)],
    ['numbers of bots', '123456789:AA'.repeat(160_000)],
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
    'ｐａｓｓｗｏｒｄ',
    `${'x'.repeat(300)}_password`,
  ])('%s is one of a secret', (name) => expect(isSecretName(name)).toBe(true))
  it.each(['name', 'path', 'key', 'author', 'passed', 'compass', 'spinner', 'description'])('%s is not', (name) =>
    expect(isSecretName(name)).toBe(false),
  )
})
