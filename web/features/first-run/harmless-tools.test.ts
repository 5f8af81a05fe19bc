import { describe, expect, it } from 'vitest'
import type { ListedTool } from '@/features/connect/endpoint-view.ts'
import { harmlessTools } from './harmless-tools.ts'

const tool = (name: string, rest: Partial<ListedTool> = {}): ListedTool => ({ name, annotations: { readOnlyHint: true }, ...rest })
const schema = (properties: readonly string[], required: readonly string[] = []) => ({
  inputSchema: { type: 'object', properties: Object.fromEntries(properties.map((each) => [each, {}])), required },
})
const namesOf = (tools: readonly ListedTool[]): string[] => harmlessTools(tools).map(({ name }) => name)

describe('the tools for a first call', () => {
  it('need no argument; those with many stand last', () => {
    const tools = [
      tool('countdown', schema(['steps', 'ms'])),
      tool('time', schema(['zone'])),
      tool('convert', schema(['value'], ['value'])),
      tool('x'),
    ]
    expect(namesOf(tools)).toEqual(['time', 'x', 'countdown'])
  })

  it('are never those that may change something', () => {
    expect(namesOf([tool('a', { annotations: { readOnlyHint: true, destructiveHint: true } })])).toEqual([])
    expect(namesOf([{ name: 'b' }, tool('c', { annotations: { readOnlyHint: false } })])).toEqual([])
  })

  it('may have any schema', () => {
    for (const inputSchema of [null, 7, [], { properties: null, required: 'x' }])
      expect(namesOf([tool('a', { inputSchema })])).toEqual(['a'])
  })
})
