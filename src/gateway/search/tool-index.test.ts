import { describe, expect, it } from 'vitest'
import { corpusTools, QUERIES } from './testing.ts'
import type { ListedTool } from '../federate/view.ts'
import { indexOf } from './tool-index.ts'

const listed = corpusTools().map((definition) => ({ name: definition.name, definition }) as unknown as ListedTool)
const all = (): boolean => true

describe('the search over tools', () => {
  it('finds what people ask for in their own words among 1,000 tools', async () => {
    const index = await indexOf(listed)
    const missed = QUERIES.filter(([query, tool]) => !index.find(query, 5, all).some(({ name }) => name === tool))
    expect(missed.length / QUERIES.length).toBeLessThanOrEqual(0.1)
  })

  it('forgives a letter, and finds by the beginning of a word', async () => {
    const index = await indexOf(listed)
    expect(index.find('kubernets namespaces', 5, all).map(({ name }) => name)).toContain('kubernetes__list_namespace')
    expect(index.find('kuber namesp', 8, all).map(({ name }) => name)).toContain('kubernetes__list_namespace')
  })

  it('shows nobody what they may not use', async () => {
    const index = await indexOf(listed)
    const found = index.find('github issue', 20, (name) => name.startsWith('gitlab__'))
    expect(found.every(({ name }) => name.startsWith('gitlab__'))).toBe(true)
  })

  it('is made once for a list and anew for another one', async () => {
    expect(indexOf(listed)).toBe(indexOf(listed))
    expect(indexOf([...listed])).not.toBe(indexOf(listed))
  })

  it.each(['', '   ', '!!!', 'the of to', 'x'.repeat(100_000), '\u0000\ud800'])('takes %j without harm', async (query) => {
    const index = await indexOf(listed)
    const startedAt = performance.now()
    expect(index.find(query, 5, all)).toEqual([])
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
