import { describe, expect, it } from 'vitest'
import { headerValue, parameterHeaders } from './mcp-request.ts'

describe('headerValue', () => {
  it('sends plain ASCII as it is', () => expect(headerValue('clock__time-2.0')).toBe('clock__time-2.0'))

  it.each([' padded', 'ünïcode', 'line\nbreak', '=?base64?eA==?=', '\u202E'])('encodes %j', (text) => {
    const [, encoded] = /^=\?base64\?(.+)\?=$/.exec(headerValue(text))!
    expect(Buffer.from(encoded!, 'base64').toString('utf8')).toBe(text)
  })
})

describe('parameterHeaders', () => {
  const schema = {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      bad: { type: 'string', 'x-mcp-header': 'no good' },
      deep: { properties: { zone: { 'x-mcp-header': 'Zone' } } },
    },
  }

  it('repeats the arguments that a schema marks, and no others', () => {
    expect(parameterHeaders(schema, { region: 'eu', count: 3, bad: 'x', other: 'y', deep: { zone: true } })).toEqual({
      'mcp-param-Region': 'eu',
      'mcp-param-Count': '3',
      'mcp-param-Zone': 'true',
    })
  })

  it('leaves out what is absent, null or no plain value', () => {
    expect(parameterHeaders(schema, { region: null, count: 1.5, deep: [] })).toEqual({})
    expect(parameterHeaders(null, {})).toEqual({})
    expect(parameterHeaders({ properties: { toString: { 'x-mcp-header': 'X' } } }, {})).toEqual({})
  })
})
