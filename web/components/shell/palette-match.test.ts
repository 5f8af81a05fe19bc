import { describe, expect, it } from 'vitest'
import { findBest, matchScore } from './palette-match.ts'

const ITEMS = [
  { label: 'Overview', words: 'go page' },
  { label: 'Deployments', words: 'go page' },
  { label: 'Add deployment', words: 'new server create' },
  { label: 'docs', words: 'Documentation Deployments' },
  { label: 'dev-tools', words: 'Profiles' },
]
const found = (search: string) => findBest(ITEMS, search, 10).map(({ label }) => label)

describe('the search of the palette', () => {
  it('lists all in their order without a search', () => {
    expect(found(' ')).toEqual(ITEMS.map(({ label }) => label))
    expect(findBest(ITEMS, '', 2)).toHaveLength(2)
  })

  it('puts what begins with the search first', () => {
    expect(found('dep')[0]).toBe('Deployments')
    expect(found('doc')[0]).toBe('docs')
  })

  it('finds by other words, after what has the name itself', () => {
    expect(found('server')).toEqual(['Add deployment'])
    expect(found('deployments').indexOf('docs')).toBeGreaterThan(0)
  })

  it('takes several words in any order', () => expect(found('deployment add')[0]).toBe('Add deployment'))
  it('forgives left-out letters', () => {
    expect(found('dplo')).toContain('Deployments')
    expect(found('dt')).toContain('dev-tools')
  })

  it('finds nothing in what has nothing to do with it', () => {
    expect(found('zzq')).toEqual([])
    expect(matchScore('a very long text with many letters in it', 'vqx')).toBeNull()
  })

  it('is not slow on hostile input', () => expect(matchScore('a'.repeat(100_000), `${'a'.repeat(200)}b`)).toBeNull())
})
