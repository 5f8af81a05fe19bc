import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactBody } from './redact-body.ts'
import { redactKnown } from './redact-text.ts'

const OPTIONS = { known: [], bytesMax: 16 * 1024, stringLengthMax: 4096 }
const redact = (value: unknown, options = {}) => redactBody(value, { ...OPTIONS, ...options })
const kept = (value: unknown, options = {}): unknown => JSON.parse(redact(value, options).text)

describe('a body', () => {
  it('keeps what is no secret as it is', () => {
    const value = {
      path: '/srv',
      deep: [{ a: 1.5, b: null, c: true, 'ü"': '\u2028' }],
      json: '{ "kept":  "as written", "n": 12345678901234567890 }',
    }
    expect(kept(value)).toEqual(value)
    expect(redact(value)).toMatchObject({ isCut: false, redactions: 0 })
  })

  it('loses values under names of secrets, whatever they are, and says how many', () => {
    const value = {
      user: 'ada',
      password: 'x',
      nested: { api_key: ['a', 'b'], token: { deep: 1 } },
      pin: 1234,
      hasPassword: true,
      secret: null,
      maxTokens: 5,
    }
    expect(kept(value)).toEqual({
      user: 'ada',
      password: '[redacted: secret]',
      nested: { api_key: '[redacted: secret]', token: '[redacted: secret]' },
      pin: '[redacted: secret]',
      hasPassword: true,
      secret: null,
      maxTokens: 5,
    })
    expect(redact(value).redactions).toBe(4)
  })

  it('loses values that stand beside the name of a secret', () => {
    const secret = 'hunter2'
    const value = {
      env: [
        { name: 'API_KEY', value: secret },
        { Key: 'Password', Value: secret },
        { name: 'PATH', value: '/bin' },
      ],
      entries: [
        ['password', secret],
        ['path', '/bin'],
      ],
      argv: ['run', '--token', secret, '--verbose'],
      rawHeaders: ['Host', 'x', 'Cookie', secret, 'X-Api-Key', secret],
      required: ['user', 'password', 'email'],
    }
    const hidden = '[redacted: secret]'
    expect(kept(value)).toEqual({
      env: [
        { name: 'API_KEY', value: hidden },
        { Key: 'Password', Value: hidden },
        { name: 'PATH', value: '/bin' },
      ],
      entries: [
        ['password', hidden],
        ['path', '/bin'],
      ],
      argv: ['run', '--token', hidden, '--verbose'],
      rawHeaders: ['Host', 'x', 'Cookie', hidden, 'X-Api-Key', hidden],
      required: ['user', 'password', 'email'],
    })
  })

  it('loses a private key that goes on in the texts after it', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'
    const hidden = '[redacted: private key]'
    const [begin, end] = ['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----']
    expect(kept([begin, line, line, end, 'after', line])).toEqual([hidden, hidden, hidden, hidden, 'after', line])
    expect(
      kept({
        content: [
          { type: 'text', text: `${begin}\n${line}` },
          { type: 'text', text: line },
        ],
      }),
    ).toEqual({
      content: [
        { type: 'text', text: hidden },
        { type: 'text', text: hidden },
      ],
    })
    expect(kept([`${begin}\n${line}\n${end}`, line])).toEqual([hidden, line])
  })

  it('takes thousands of short texts and long secrets in its stride', () => {
    const known = Array.from({ length: 50 }, (_, index) => `${String(index)}-${'x'.repeat(60_000)}`)
    // Spelling the secrets for each text took seconds for each of these.
    for (let round = 0; round < 20; round++)
      expect(
        redact(
          Array.from({ length: 5_000 }, () => 'a'),
          { known },
        ).isCut,
      ).toBe(true)
  })

  it('loses secrets in JSON within strings, also two levels down, and in names', () => {
    const inner = JSON.stringify({ rows: [{ password: 'hunter2' }], more: JSON.stringify({ token: 'hunter3' }) })
    const { text, redactions } = redact({ content: [{ type: 'text', text: inner }], 'Bearer abc123def': 1 })
    expect(text).not.toMatch(/hunter|abc123def/)
    expect(redactions).toBe(3)
    expect(text).toContain('Bearer [redacted: credential]')
  })

  it('loses card numbers written as numbers, and secrets that are known', () => {
    expect(kept([4111111111111111, 4111111111111112, 1795219200000])).toEqual(['[redacted: card number]', 4111111111111112, 1795219200000])
    expect(kept([98765432, 98765431], { known: ['98765432'] })).toEqual(['[redacted: secret]', 98765431])
    expect(redactKnown('{"a":98765432}', ['98765432'])).toEqual({ text: '"[redacted: secret]"', redactions: 1 })
    expect(kept({ said: 'it is correct-horse.' }, { known: ['correct-horse'] })).toEqual({ said: 'it is [redacted: secret].' })
  })

  it('replaces images, sounds and files by what they are', () => {
    const data = 'QUJD'.repeat(4000)
    expect(
      kept({
        content: [
          { type: 'image', data, mimeType: 'image/png' },
          { type: 'audio', data, mimeType: '"></script>' },
          { type: 'resource', resource: { uri: 'file:///a', mimeType: 'application/pdf', blob: data } },
        ],
      }),
    ).toEqual({
      content: [
        { type: 'image', data: '[image/png, 12 kB]', mimeType: 'image/png' },
        { type: 'audio', data: '[data, 12 kB]', mimeType: '"></script>' },
        { type: 'resource', resource: { uri: 'file:///a', mimeType: 'application/pdf', blob: '[application/pdf, 12 kB]' } },
      ],
    })
  })

  it('cuts long strings and says how long they were, and no secret is halved where it is cut', () => {
    const text = 'word '.repeat(2000)
    const [shown] = kept([text]) as [string]
    expect(shown).toBe(`${text.slice(0, 4096)}… [cut: 10000 characters]`)
    expect(redact([text]).isCut).toBe(true)
    for (let before = 30_000; before < 32_800; before += 2) {
      const shrunk = `${'QUJD'.repeat(before / 4)} correct-horse-battery ${'x '.repeat(2000)}`
      expect(redact([shrunk], { known: ['correct-horse-battery'] }).text).not.toContain('correct')
    }
    for (let before = 4070; before < 4100; before++)
      expect(redact([`${'x '.repeat(before / 2)}sp_${'s3cret'.repeat(10)}`]).text).not.toContain('s3cret')
  })

  it('is valid JSON within its bound, whatever it was', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`name ${String(index)}`, 'value'.repeat(20)]))
    let deep: unknown = 'x'
    for (let level = 0; level < 200; level++) deep = level % 2 === 0 ? [deep] : { a: deep, b: 'y'.repeat(50) }
    for (const value of [
      many,
      Object.values(many),
      deep,
      '\u0001'.repeat(100_000),
      [JSON.stringify(many)],
      { ['n'.repeat(20_000)]: many },
    ]) {
      const { text, isCut } = redact(value)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(OPTIONS.bytesMax)
      expect(() => void JSON.parse(text)).not.toThrow()
      expect(isCut).toBe(true)
    }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40, stringUnit: 'binary' }), fc.integer({ min: 2200, max: 4000 }), (value, bytesMax) => {
        const { text } = redact(value, { bytesMax, stringLengthMax: 100 })
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytesMax)
        JSON.parse(text)
      }),
    )
  })
})
