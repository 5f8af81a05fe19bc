import { describe, expect, it } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import { createLogger, type Log, type LogOptions } from './log.ts'
import { maskText, registerSecret } from './mask.ts'
import { Secret } from './secret.ts'

const METHODS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

function collect(options: Partial<LogOptions> = {}): { log: Log; lines: string[]; last: () => Record<string, unknown> } {
  const lines: string[] = []
  const log = createLogger({ level: 'trace', isTerminal: false, stream: { write: (line) => lines.push(line) }, ...options })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> }
}

/** Secrets by how they can be recognised: by their looks, by where they stand, or because they were registered. */
const LOOKS = {
  key: 'sp_Zk3vQ8xW2nR7tY5uB1mC9dF4gH6jK0lP_aSeDrFtGyHu',
  cookieHalf: 'spc_Qk3vQ8xW2nR7tY5uB1mC9dF4gH6jK0lP_aSeDrFtGyHu',
  proofHalf: 'spp_Wk3vQ8xW2nR7tY5uB1mC9dF4gH6jK0lP_aSeDrFtGyHu',
  bearer: 'Bearer opaque-Canary-4711',
  basic: `Basic ${Buffer.from('ada:canary-4712').toString('base64')}`,
  jwt: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ',
  userinfo: 'postgres://ada:canary-4713@db.internal:5432/x',
  query: 'https://example.com/cb?code=canary-4714&state=canary-4715#access_token=canary-4716',
}
const UNKNOWN = 'canary-without-any-shape'
const REGISTERED = 'registered "canary"\\with\nodd characters ü'

/** Every part of the above that must never be seen. */
const CANARIES = [
  LOOKS.key, LOOKS.cookieHalf, LOOKS.proofHalf, 'opaque-Canary-4711', LOOKS.basic.slice(6), ...LOOKS.jwt.split('.'), 'canary-4713', 'canary-4714', 'canary-4715', 'canary-4716', UNKNOWN,
  REGISTERED, JSON.stringify(REGISTERED).slice(1, -1), encodeURIComponent(REGISTERED), Buffer.from(REGISTERED).toString('base64'),
] // prettier-ignore

function expectNone(output: string): void {
  expect(output.length).toBeGreaterThan(0)
  expect(CANARIES.filter((canary) => output.includes(canary))).toEqual([])
}

/** Everything that somebody might hand to a logger by mistake. */
function mistakes(): (readonly [Record<string, unknown>, string])[] {
  const anywhere = [...Object.values(LOOKS), REGISTERED, encodeURIComponent(REGISTERED), Buffer.from(REGISTERED).toString('base64')]
  const deep = (value: unknown): unknown => ({ a: { b: [{ c: value }] } })
  const headers = { authorization: UNKNOWN, Cookie: UNKNOWN, 'X-Api-Key': UNKNOWN, 'x-anything': UNKNOWN, accept: 'text/html' }
  const named = [
    'password',
    'token',
    'apiKey',
    'api_key',
    'clientSecret',
    'authorization',
    'cookie',
    'sallyport-proof',
    'ownerKey',
    'sessionId',
    'env',
    'databaseUrl',
    'x-vendor-key',
  ]
  const failure = Object.assign(
    new Error('outer', { cause: new AggregateError([new Error(LOOKS.bearer)], REGISTERED, { cause: new Error(LOOKS.query) }) }),
    {
      config: { headers },
      request: UNKNOWN,
      response: { body: UNKNOWN },
    },
  )
  return [
    ...anywhere.flatMap((text) => [
      [{}, `a message with ${text}`] as const,
      [{ text, list: [text], deep: deep(text), [text]: 1 }, 'fields'] as const,
      [{ err: new Error(`failed with ${text}`, { cause: text }) }, 'an error'] as const,
      [
        { json: JSON.stringify({ text }), problem: new Problem('upstream-failed', text, { cause: new Error(text), remedy: text }) },
        'inside JSON',
      ] as const,
    ]),
    ...named.map((name) => [{ [name]: UNKNOWN, nested: deep({ [name]: [UNKNOWN] }) }, 'by name'] as const),
    [
      { headers, request: { method: 'POST', url: `/mcp?key=${UNKNOWN}`, headers, body: UNKNOWN }, res: { statusCode: 200, headers } },
      'headers',
    ],
    [{ headers: new Headers(headers), req: { headers: Object.entries(headers) } }, 'headers of the web'],
    [{ headers: Object.entries(headers).flat() }, 'raw headers'],
    [{ headers: UNKNOWN }, 'no headers at all'],
    [{ err: failure, reason: failure }, 'an error with what a library hung onto it'],
    [{ secret: new Secret(UNKNOWN), other: new Secret(UNKNOWN), list: [new Secret(UNKNOWN)] }, `a secret ${String(new Secret(UNKNOWN))}`],
    [
      {
        bytes: Buffer.from(UNKNOWN),
        map: new Map([['a', UNKNOWN]]),
        set: new Set([UNKNOWN]),
        fn: () => UNKNOWN,
        url: new URL(LOOKS.query),
      },
      'objects',
    ],
    [{ text: `${'x'.repeat(LIMITS.logTextLengthMax - 10)}${LOOKS.key}` }, 'a text that is cut where a secret stands'],
    [{ text: `${LOOKS.key} `.repeat(5_000) }, 'a text that is too long to be searched'],
  ]
}

describe('the log', () => {
  it.each([
    ['JSON lines', false],
    ['lines for a terminal', true],
  ])('shows no secret in %s, whatever is handed to it', (_, isTerminal) => {
    const forget = registerSecret(REGISTERED)
    const { log, lines } = collect({ isTerminal, bindings: { token: UNKNOWN, key: LOOKS.key } })
    const child = log.child({ caller: { apiKey: UNKNOWN, text: REGISTERED } }).child({ url: LOOKS.userinfo })
    for (const [fields, message] of mistakes()) {
      for (const method of METHODS) {
        log[method](fields, message)
        log[method](message)
        child[method](fields, message)
      }
    }
    forget()
    expect(lines.length).toBeGreaterThanOrEqual(mistakes().length * METHODS.length * 3)
    expectNone(lines.join('\n'))
  })

  it('says what happened: level, time, message, fields, errors with their causes', () => {
    const { log, last } = collect({ bindings: { node: 'a' } })
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    log
      .child({ deployment: 'docs' })
      .warn(
        { err: new Problem('upstream-failed', 'It went away.', { cause }), bytes: 3, at: new Date(0), none: undefined },
        'a call failed',
      )
    expect(last()).toMatchObject({
      level: 'warn',
      node: 'a',
      deployment: 'docs',
      msg: 'a call failed',
      bytes: 3,
      at: '1970-01-01T00:00:00.000Z',
    })
    expect(last()).toMatchObject({
      err: { type: 'upstream-failed', message: 'It went away.', cause: { type: 'Error', code: 'ECONNREFUSED' } },
    })
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(last()).not.toHaveProperty('none')
  })

  it('keeps what is harmless of a request', () => {
    const { log, last } = collect()
    log.info(
      { req: { method: 'POST', url: '/mcp/docs?x=1', headers: { Accept: 'text/html', 'MCP-Protocol-Version': '2026-07-28' } } },
      'request',
    )
    expect(last()['req']).toEqual({
      method: 'POST',
      path: '/mcp/docs',
      headers: { accept: 'text/html', 'mcp-protocol-version': '2026-07-28' },
    })
    log.info('listening on http://127.0.0.1:7255/mcp for key_01jd, 3 tokens left')
    expect(last()['msg']).toBe('listening on http://127.0.0.1:7255/mcp for key_01jd, 3 tokens left')
  })

  it('keeps fields apart from what the line itself says, and takes any name', () => {
    const { log, last } = collect()
    log.info({ level: 'strong', time: 'noon', msg: 'x', ['__proto__']: { polluted: true } }, 'isolation')
    expect(last()).toMatchObject({ level: 'info', level_: 'strong', time_: 'noon', msg: 'isolation', msg_: 'x' })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('says nothing below its level, and survives what cannot be written as JSON', () => {
    const { log, lines } = collect({ level: 'warn' })
    log.info('quiet')
    expect(lines).toEqual([])
    expect([log.isEnabled('info'), log.isEnabled('error')]).toEqual([false, true])
    const circle: Record<string, unknown> = { big: 10n }
    circle['self'] = circle
    const looped = new Error('looped')
    looped.cause = looped
    log.error({ circle, err: looped, wide: Array.from({ length: 1_000 }, (_, i) => i) }, 'odd')
    expect(lines).toHaveLength(1)
    expect(lines[0]!.length).toBeLessThan(LIMITS.logTextLengthMax * 4)
  })
})

describe('masking', () => {
  it('takes linear time, whatever the text', () => {
    const forget = registerSecret('a'.repeat(40))
    const nasty = ['eyJ', 'sp_', 'Bearer ', '://', '?a=', '://a@', 'a', '%20', '-', 'sk-', 'A'.repeat(39), '@']
    for (const piece of nasty) {
      const text = piece.repeat(Math.ceil(200_000 / piece.length))
      const start = performance.now()
      maskText(text)
      expect(performance.now() - start).toBeLessThan(1_000)
    }
    forget()
  })

  it('hides a registered secret until it is let go of as often as it was registered', () => {
    const text = 'the value of some header'
    const forgets = [registerSecret(text), registerSecret(text)]
    forgets[0]!()
    forgets[0]!()
    expect(maskText(`x ${text} y`)).toBe('x [secret] y')
    forgets[1]!()
    expect(maskText(`x ${text} y`)).toBe(`x ${text} y`)
  })

  it('knows the secret of a header without its scheme, and the longest of several', () => {
    const forgets = [registerSecret('Bearer long-opaque'), registerSecret('long-opa'), registerSecret('Token other-opaque')]
    expect(maskText('got long-opaque and other-opaque')).toBe('got [secret] and [secret]')
    for (const forget of forgets) forget()
  })

  it('leaves short texts alone: they are words', () => {
    registerSecret('debug')
    registerSecret('')
    expect(maskText('debug this')).toBe('debug this')
  })

  it('stays within its bound, and lets the oldest go', () => {
    const forgets = Array.from({ length: LIMITS.maskedSecretsMax + 1 }, (_, i) => registerSecret(`numbered secret ${i};`))
    expect(maskText('numbered secret 0; and numbered secret 1;')).toBe('numbered secret 0; and [secret]')
    for (const forget of forgets) forget()
    expect(maskText('numbered secret 1;')).toBe('numbered secret 1;')
  })
})
