import { describe, expect, it } from 'vitest'
import { Failure } from './failure.ts'
import { parseToolArguments } from './tool-arguments.ts'

const schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    loud: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'integer' } },
    place: { type: 'object' },
    level: { enum: ['low', 'high', 3] },
    maybe: { type: ['integer', 'null'] },
    either: { anyOf: [{ type: 'number' }, { type: 'boolean' }] },
    linked: { $ref: '#/$defs/amount' },
    free: {},
  },
  $defs: { amount: { type: 'integer' } },
}

describe('tool arguments', () => {
  it.each<[string, string[], unknown]>([
    ['text as it is', ['text=a=b'], { text: 'a=b' }],
    ['digits for a text as text', ['text=007'], { text: '007' }],
    ['an empty text', ['text='], { text: '' }],
    ['an integer', ['count=12'], { count: 12 }],
    ['a number', ['ratio=-0.5e3'], { ratio: -500 }],
    ['a boolean', ['loud=true'], { loud: true }],
    ['a list by repeating the key', ['tags=a', 'tags=b,c'], { tags: ['a', 'b,c'] }],
    ['a list of integers', ['sizes=1', 'sizes=2'], { sizes: [1, 2] }],
    ['a list as JSON', ['sizes=[1,2]'], { sizes: [1, 2] }],
    ['an object as JSON', ['place={"x":1}'], { place: { x: 1 } }],
    ['a word of an enumeration', ['level=high'], { level: 'high' }],
    ['a number of an enumeration', ['level=3'], { level: 3 }],
    ['null where it may be', ['maybe=null'], { maybe: null }],
    ['the type of one of several', ['either=true'], { either: true }],
    ['what a reference inside the schema says', ['linked=5'], { linked: 5 }],
    ['anything else as text', ['free=12', 'unknown=x'], { free: '12', unknown: 'x' }],
    ['JSON after :=', ['free:=12', 'text:="x"'], { free: 12, text: 'x' }],
    ['line breaks', ['text=a\nb'], { text: 'a\nb' }],
  ])('take %s', (_, words, expected) => expect(parseToolArguments(words, schema)).toEqual(expected))

  it.each<[string, string[], string]>([
    ['a word without =', ['text'], '`text` is not KEY=VALUE'],
    ['a word without a key', ['=x'], '`=x` is not KEY=VALUE'],
    ['a name that is almost one', ['cuont=1'], 'The tool takes no `cuont`'],
    ['half an integer', ['count=1.5'], '`count` must be integer'],
    ['no integer', ['count='], '`count` must be integer'],
    ['a number that is none', ['ratio=Infinity'], '`ratio` must be number'],
    ['a boolean that is none', ['loud=yes'], '`loud` must be boolean'],
    ['a word outside an enumeration', ['level=mid'], '`level` cannot be `mid`'],
    ['a key twice', ['text=a', 'text=b'], '`text` is given twice'],
    ['broken JSON', ['place={'], 'The value of `place` is not valid JSON'],
  ])('refuse %s', (_, words, said) => {
    expect(() => parseToolArguments(words, schema)).toThrow(Failure)
    expect(() => parseToolArguments(words, schema)).toThrow(said)
  })

  it('name what is missing and what the tool takes', () => {
    const required = { properties: { a: { type: 'number' }, b: { type: 'string' } }, required: ['a'] }
    expect(() => parseToolArguments(['b=1'], required)).toThrow(
      expect.objectContaining({ message: '`a` is missing', why: 'The tool takes: a (number); b (string), optional.', exit: 2 }),
    )
  })

  it('suggest the key that was meant where no other is allowed', () => {
    const closed = { properties: { message: { type: 'string' } }, additionalProperties: false }
    expect(() => parseToolArguments(['mesage=x'], closed)).toThrow(expect.objectContaining({ why: 'Did you mean `message`?' }))
  })

  it('survive hostile schemas: loops of references, remote ones, wrong types', () => {
    const loop = {
      properties: { a: { $ref: '#/$defs/x' }, b: { $ref: 'https://evil.example/s' }, c: 7, d: { anyOf: [{ $ref: '#' }] } },
      $defs: { x: { $ref: '#/$defs/x' } },
      required: 'a',
    }
    expect(parseToolArguments(['a=1', 'b=2', 'c=3', 'd=4'], loop)).toEqual({ a: '1', b: '2', c: '3', d: '4' })
  })

  it('keep `__proto__` an ordinary key', () => {
    const given = parseToolArguments(['__proto__=x'], {})
    expect(Object.hasOwn(given, '__proto__')).toBe(true)
    expect(JSON.stringify(given)).toBe('{"__proto__":"x"}')
  })
})

it.each([[['value']], [[]]])('says of every argument whether it may be left out, after %j', (words) => {
  const needed = { type: 'object', properties: { value: { type: 'number' }, note: { type: 'string' } }, required: ['value'] }
  const why = 'The tool takes: value (number); note (string), optional.'
  expect(() => parseToolArguments(words, needed)).toThrow(expect.objectContaining({ why }))
})
