import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { ResponseHeaders } from './response-head.ts'
import { ResponseParser } from './response-parser.ts'

interface Outcome {
  status: number
  headers: ResponseHeaders
  body: string
  chunks: number
  hasEnded: boolean
  idleMs: number
  /** Bytes after the answer. */
  excess: number
}

/** Reads an answer that comes in pieces of the given sizes; the last piece is the rest. */
function parse(text: string, sizes: readonly number[] = [], parser = new ResponseParser()): Outcome {
  const outcome: Outcome = { status: 0, headers: {}, body: '', chunks: 0, hasEnded: false, idleMs: 0, excess: 0 }
  parser.start({
    onHead(status, headers) {
      expect(outcome.status).toBe(0)
      Object.assign(outcome, { status, headers })
    },
    onData(chunk) {
      outcome.body += chunk.toString('latin1')
      outcome.chunks++
      return true
    },
  })
  const all = Buffer.from(text, 'latin1')
  for (let at = 0, piece = 0; at < all.length && !parser.hasEnded; piece++) {
    const size = Math.max(1, sizes[piece] ?? all.length)
    const bytes = Buffer.from(all.subarray(at, at + size))
    const read = parser.read(bytes, bytes.length)
    at += read
    // What was handed over must not change when the connection reads on into the same memory.
    bytes.fill('!')
    if (parser.hasEnded) outcome.excess = all.length - at
  }
  outcome.hasEnded = parser.hasEnded
  outcome.idleMs = parser.idleMs
  return outcome
}

const codeOf = (text: string, sizes?: readonly number[]): unknown => {
  try {
    return parse(text, sizes)
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

/** What is left of an answer that must not depend on how it was cut: its body and whether it is complete, or that it was refused. */
const essenceOf = (outcome: unknown): unknown =>
  typeof outcome === 'string' ? outcome.slice(0, 4) : { body: (outcome as Outcome).body, hasEnded: (outcome as Outcome).hasEnded }

const byteByByte = (text: string): number[] => Array.from({ length: text.length }, () => 1)
const head = (...lines: string[]): string => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
const chunked = (body: string): string => head('Transfer-Encoding: chunked') + body

describe('an answer', () => {
  it('has its headers in lower case, duplicates joined, and set-cookie as a list', () => {
    const { status, headers, hasEnded, excess } = parse(
      head(
        'Content-Type:application/json',
        'X-A: \t1 \t',
        'x-a: 2',
        'Set-Cookie: a',
        'SET-COOKIE: b',
        '__proto__: p',
        'x-e:',
        'Content-Length: 0',
      ),
    )
    expect({ status, hasEnded, excess }).toEqual({ status: 200, hasEnded: true, excess: 0 })
    expect(Object.entries(headers)).toEqual([
      ['content-type', 'application/json'],
      ['x-a', '1, 2'],
      ['set-cookie', ['a', 'b']],
      ['__proto__', 'p'],
      ['x-e', ''],
      ['content-length', '0'],
    ])
    expect(Object.getPrototypeOf(headers)).toBeNull()
  })

  const body = '{"jsonrpc":"2.0"}\r\n\r\nHTTP/1.1 200 OK\r\n'
  const chunks = `5;a="b"\r\n${body.slice(0, 5)}\r\n00C\r\n${body.slice(5, 17)}\r\n${(body.length - 17).toString(16)}\r\n${body.slice(17)}\r\n0\r\nx-t: 1\r\n\r\n`
  const forms = {
    'of known length': head(`content-length: ${body.length}`) + body,
    'in chunks with extensions and trailers': chunked(chunks),
    'after interim answers': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${head(`content-length: ${body.length}`)}${body}`,
  }
  it.each(Object.entries(forms))('%s is the same however it is cut, and ends where it ends', (_form, text) => {
    const whole = parse(`${text}EXCESS`)
    expect(whole).toMatchObject({ status: 200, body, chunks: 1, hasEnded: true, excess: 6, idleMs: LIMITS.upstreamIdleMsDefault })
    expect(parse(text, byteByByte(text))).toMatchObject({ status: 200, headers: whole.headers, body, hasEnded: true, excess: 0 })
    for (let cut = 1; cut < text.length; cut++) expect(parse(text, [cut])).toMatchObject({ body, hasEnded: true })
    for (let length = 0; length < text.length; length++) expect(parse(text.slice(0, length)).hasEnded).toBe(false)
  })

  it('in any chunks comes out as it went in, however it is cut', () => {
    const pieces = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 8 })
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (parts, sizes) => {
        const encoded = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')
        expect(parse(chunked(`${encoded}0\r\n\r\n`), sizes)).toMatchObject({ body: parts.join(''), hasEnded: true, excess: 0 })
      }),
    )
  })

  it('that is any bytes at all is read or refused, and never anything else', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 60 }),
      fc.constantFrom('\r\n', ':', ' ', '0\r\n\r\n', 'content-length: 3', '5\r\n'),
    )
    fc.assert(
      fc.property(
        fc.array(noise),
        fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', chunked('')),
        fc.integer({ min: 1, max: 50 }),
        (parts, start, size) => {
          const text = start + parts.join('')
          const sizes = Array.from({ length: text.length }, () => size)
          expect(essenceOf(codeOf(text, sizes))).toEqual(essenceOf(codeOf(text)))
        },
      ),
    )
  })

  it('has no body with 204 and 304, whatever its headers say', () => {
    for (const status of [204, 304]) {
      const text = `HTTP/1.1 ${status} X\r\ncontent-length: 5\r\n\r\n`
      expect(parse(text)).toMatchObject({ status, body: '', hasEnded: true, excess: 0 })
    }
  })

  it('without a length ends with a connection that is to be closed, and only there', () => {
    for (const text of [`${head('connection: foo, Close')}rest`, 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\nrest']) {
      const parser = new ResponseParser()
      expect(parse(text, [], parser)).toMatchObject({ body: 'rest', hasEnded: false, idleMs: 0 })
      expect(parser.readEnd()).toBe(true)
    }
    expect(codeOf(head('connection: keep-alive'))).toBe('HPE_INVALID_CONTENT_LENGTH')
    for (const text of [chunked('5\r\nhe'), `${head('connection: close', 'content-length: 5')}he`, 'HTTP/1.1 200 OK\r\n']) {
      const parser = new ResponseParser()
      parse(text, [], parser)
      expect(parser.readEnd()).toBe(false)
    }
  })

  it.each([
    ['keep-alive: timeout=5, max=100', 5_000 - LIMITS.upstreamIdleMarginMs],
    ['keep-alive: max=100,TIMEOUT = 7', 7_000 - LIMITS.upstreamIdleMarginMs],
    ['keep-alive: timeout=1', 0],
    ['keep-alive: timeout=999999999', LIMITS.upstreamIdleMsMax],
    ['keep-alive: nothing', LIMITS.upstreamIdleMsDefault],
    ['connection: close', 0],
    ['connection: upgrade,  CLOSE ', 0],
    ['connection: closed', LIMITS.upstreamIdleMsDefault],
  ])('with "%s" lets its connection be kept for %i ms', (line, idleMs) => {
    expect(parse(head(line, 'content-length: 0')).idleMs).toBe(idleMs)
  })
})

describe('an answer after another on the same connection', () => {
  const body = (text: string): string => `${head('content-type: application/json', `content-length: ${text.length}`)}${text}`

  it('is read like the first one, with the same head and with any other, however it is cut', () => {
    const texts = [
      body('{"a":1}'),
      body('{"b":2}'),
      body('{"c":34}'),
      body('{"d":56}'),
      body('{"d":56}').replace('200', '201'),
      `${head('content-type: application/json', 'content-length: 2', `x-long: ${'x'.repeat(2000)}`)}{}`,
      `${head('content-type: application/json', 'content-length: 2', `x-long: ${'x'.repeat(2000)}`)}[]`,
      `HTTP/1.1 100 Continue\r\n\r\n${body('{"e":7}')}`,
      body('{"f":8}'),
      chunked('2\r\n{}\r\n0\r\n\r\n'),
      chunked('2\r\n[]\r\n0\r\n\r\n'),
    ]
    for (let size = 1; size < 200; size += 3) {
      const parser = new ResponseParser()
      const sizes = Array.from({ length: 3000 }, () => size)
      for (const text of texts) expect(parse(text, sizes, parser)).toEqual(parse(text, sizes))
    }
    const parser = new ResponseParser()
    for (const text of [...texts, ...texts]) expect(parse(text, [], parser)).toEqual(parse(text))
  })

  it('is refused like the first one, also when its head begins like one that was taken', () => {
    const good = body('{}')
    for (const bad of [
      good.replace('{}', ''),
      good.replace('\r\n\r\n', '\r\ncontent-length: 3\r\n\r\n'),
      good.replace('json\r', 'json\n'),
    ]) {
      const parser = new ResponseParser()
      parse(good, [], parser)
      const outcome = (each: ResponseParser): unknown => {
        try {
          return parse(bad, [], each)
        } catch (error) {
          return (error as { code?: unknown }).code
        }
      }
      expect(outcome(parser)).toEqual(outcome(new ResponseParser()))
    }
  })
})

describe('what is refused', () => {
  const empty = 'content-length: 0'
  const heads: readonly (readonly [what: string, text: string, code: string])[] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/0.9', '<html>', 'HPE_INVALID_CONSTANT'],
    ['an empty line first', `\r\n${head(empty)}`, 'HPE_INVALID_CONSTANT'],
    ['a tab after the version', 'HTTP/1.1\t200 OK\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a status without digits', 'HTTP/1.1 abc\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a status above 599', 'HTTP/1.1 600 X\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a status below 100', 'HTTP/1.1 099 X\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['a length beside an encoding', head('content-length: 5', 'transfer-encoding: chunked'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['an encoding beside a length', head('transfer-encoding: chunked', 'content-length: 5'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['both with 204', 'HTTP/1.1 204 X\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n', 'HPE_INVALID_TRANSFER_ENCODING'],
    ['chunked twice', head('transfer-encoding: chunked', 'transfer-encoding: chunked'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['gzip as transfer encoding', head('transfer-encoding: gzip, chunked'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['identity as transfer encoding', head('transfer-encoding: identity'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['xchunked', head('transfer-encoding: xchunked'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['an empty transfer encoding', head('transfer-encoding:', 'content-length: 1'), 'HPE_INVALID_TRANSFER_ENCODING'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'HPE_INVALID_TRANSFER_ENCODING'],
    ['two lengths', head('content-length: 5', 'Content-Length: 6'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['one length twice', head('content-length: 5', 'content-length: 5'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a list as length', head('content-length: 5, 5'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a negative length', head('content-length: -1'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a length with a plus', head('content-length: +1'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a hexadecimal length', head('content-length: 0x10'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a length beyond exact numbers', head('content-length: 9007199254740993'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['an empty length', head('content-length:'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a length with a no-break space', head('content-length: 1\xa0'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a bare line feed', `HTTP/1.1 200 OK\n${empty}\n\n`, 'HPE_INVALID_HEADER_TOKEN'],
    ['a bare line feed in a header', head(`a: b\n${empty}`), 'HPE_INVALID_HEADER_TOKEN'],
    ['a bare carriage return', head(`a: b\r${empty}`), 'HPE_INVALID_HEADER_TOKEN'],
    ['a NUL', head('a: b\0', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a control character', head('a: \x7f', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a folded line', head('a: b', ' c', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a blank before the colon', head('content-length : 5'), 'HPE_INVALID_HEADER_TOKEN'],
    ['a line without colon', head('abc', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a header without name', head(': x', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a name that is no token', head('a(b): x', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['a name beyond ASCII', head('\xe4: x', empty), 'HPE_INVALID_HEADER_TOKEN'],
    ['too many headers', head(...Array.from({ length: LIMITS.headersMax + 1 }, (_, i) => `a${i}: x`)), 'HPE_HEADER_OVERFLOW'],
    ['too large headers', head(`a: ${'x'.repeat(LIMITS.headerBytesMax)}`), 'HPE_HEADER_OVERFLOW'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'a: x\r\n'.repeat(LIMITS.headerBytesMax)}`, 'HPE_HEADER_OVERFLOW'],
    ['interim answers without end', 'HTTP/1.1 100 X\r\n\r\n'.repeat(LIMITS.upstreamInterimAnswersMax + 1), 'HPE_HEADER_OVERFLOW'],
  ]
  const bodies: readonly (readonly [what: string, text: string, code: string])[] = [
    ['a chunk without size', chunked('\r\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a negative chunk', chunked('-1\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['0x before the size', chunked('0x5\r\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a chunk of 2⁶⁴ bytes', chunked('10000000000000005\r\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a size with leading zeros without end', chunked(`${'0'.repeat(64)}5\r\n`), 'HPE_INVALID_CHUNK_SIZE'],
    ['a blank after the size', chunked('5 \r\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a size that ends in a line feed', chunked('5\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a carriage return alone after the size', chunked('5\rhello'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a line feed in an extension', chunked('5;a\nb\r\nhello\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a chunk longer than its size', chunked('5\r\nhello!\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['a chunk that ends in a line feed', chunked('5\r\nhello\n0\r\n\r\n'), 'HPE_INVALID_CHUNK_SIZE'],
    ['extensions without end', chunked(`1;${'x'.repeat(9000)}\r\na\r\n`.repeat(2)), 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
    ['trailers without end', chunked(`0\r\n${'a: x\r\n'.repeat(LIMITS.headerBytesMax)}`), 'HPE_HEADER_OVERFLOW'],
    ['a trailer that is none', chunked('0\r\nhello\r\n\r\n'), 'HPE_INVALID_HEADER_TOKEN'],
    ['a trailer with a bare line feed', chunked('0\r\na: b\n\r\n'), 'HPE_INVALID_HEADER_TOKEN'],
  ]
  it.each([...heads, ...bodies])('%s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code)
    expect(codeOf(text, byteByByte(text))).toBe(code)
  })

  it('is never repeated in the error', () => {
    for (const [, text] of [...heads, ...bodies]) {
      const marked = text.replaceAll('x', 'SECRET')
      expect(() => parse(marked)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('SECRET') as unknown }))
    }
  })

  it('costs no more than its length: a megabyte of one-byte chunks, byte by byte', () => {
    const text = chunked(`${'1\r\na\r\n'.repeat(170_000)}0\r\n\r\n`)
    expect(parse(text).chunks).toBe(1)
    expect(parse(text, byteByByte(text))).toMatchObject({ hasEnded: true, chunks: 170_000 })
  })
})
