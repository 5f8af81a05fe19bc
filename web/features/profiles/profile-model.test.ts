import { describe, expect, it } from 'vitest'
import { nameFault, normalisedName } from './profile-model.ts'

describe('the name of a profile', () => {
  it.each(['dev', 'Dev team', 'a', 'x'.repeat(63), 'año'])('may be %s', (text) => expect(nameFault(text, [])).toBe(null))

  it.each([
    ['', 'Give it a name.'],
    ['   ', 'Give it a name.'],
    ['a__b', 'Two underscores'],
    ['x'.repeat(64), 'At most 63'],
    ['Invoke', 'means something else'],
    ['___', 'Two underscores'],
    ['!!', 'at least one letter'],
    ['Dev', 'is taken'],
  ])('may not be “%s”', (text, why) => expect(nameFault(text, ['dev'])).toContain(why))

  it('becomes part of an address', () => expect(normalisedName(' Dev Team ')).toBe('dev-team'))
})
