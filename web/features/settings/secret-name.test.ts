import { describe, expect, it } from 'vitest'
import { secretNameFault } from './secret-name.ts'

describe('the name of a new secret', () => {
  it.each(['docs-token', 'input/token', 'a.b_c/D-1'])('may be %s', (name) => {
    expect(secretNameFault(name, [])).toBe(null)
  })

  it.each(['', 'a b', '/a', 'a/', 'a//b', '-a', 'ä', 'deployment/docs/header/authorization', 'declared/x', 'taken', 'a'.repeat(257)])(
    'may not be %o',
    (name) => {
      expect(secretNameFault(name, ['taken'])).toMatch(/\.$/)
    },
  )
})
