import { expect, it } from 'vitest'
import { createHeaderWriter, toHeaderLines } from './request-head.ts'

const refusals: readonly (readonly [string, readonly string[]])[] = [
  ['a line break in a value', ['accept', 'a\r\nhost: evil']],
  ['a null in a value', ['accept', 'a\0']],
  ['a value beyond Latin-1', ['accept', 'ü€']],
  ['a name with a blank', ['accept ', 'a']],
  ['an empty name', ['', 'a']],
  ['a name without a value', ['accept']],
  ['a length of the body', ['Content-Length', '5']],
  ['an encoding of the body', ['transfer-encoding', 'chunked']],
]

it.each(refusals)('header lines with %s are refused, whatever was written before', (_, headers) => {
  const write = createHeaderWriter()
  write(['accept', 'a', 'x-b', 'b'])
  for (const attempt of [
    () => toHeaderLines(headers),
    () => write(headers),
    () => write(headers),
    () => write(['accept', 'a', ...headers]),
  ]) {
    expect(attempt).toThrow(expect.objectContaining({ type: 'invalid-input' }) as Error)
  }
  expect(write(['accept', 'a', 'x-b', 'b'])).toBe('accept: a\r\nx-b: b\r\n')
})

it('a writer writes what was asked for, however alike it is to what came before', () => {
  const write = createHeaderWriter()
  const long = 'v'.repeat(1000)
  const lists = [
    ['accept', 'a', 'x-b', 'b'],
    ['accept', 'a', 'x-b', 'c'],
    ['x-b', 'a', 'accept', 'c'],
    ['x-b', 'a'],
    ['accept', long, 'x-b', 'c'],
    ['Accept', 'a', 'x-b', 'c'],
    [],
    Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? `x-${i}` : String(i))),
  ]
  for (const headers of [...lists, ...lists.toReversed(), ...lists]) expect(write(headers)).toBe(toHeaderLines(headers))
})
