import { describe, expect, it } from 'vitest'
import { isPrivateUri, isSharedUri, qualifyUri, readQualified } from './qualified-uri.ts'

const SERVERS = new Set(['notes', 'ssh', 'my-server'])
const isServer = (name: string): boolean => SERVERS.has(name)

describe('a qualified URI', () => {
  it.each([
    ['demo://x/1', 'demo+notes://x/1'],
    ['file:///etc/hosts', 'file+notes:///etc/hosts'],
    ['urn:isbn:1', 'urn+notes:isbn:1'],
    ['test://template/{id}', 'test+notes://template/{id}'],
    ['git+https://host/x', 'git+https+notes://host/x'],
    ['ui://panel', 'ui://notes/panel'],
    ['ui:///panel', 'ui://notes//panel'],
    ['UI://panel', 'UI://notes/panel'],
    ['skill://pdf/SKILL.md', 'skill://notes/pdf/SKILL.md'],
    ['skill://{+path}', 'skill://notes/{+path}'],
    ['ui:panel', 'ui+notes:panel'],
  ])('%s is said as %s, and read back', (uri, qualified) => {
    expect(qualifyUri('notes', uri)).toBe(qualified)
    expect(readQualified(qualified, isServer)).toEqual({ server: 'notes', uri })
  })

  it.each(['panel', '/a/b', '', ':x', '1x:y', 'a b:c', '{+path}', `${'x'.repeat(65)}:y`])('%j has no scheme to carry a name', (uri) => {
    expect(qualifyUri('notes', uri)).toBeNull()
  })

  it.each(['demo://x', 'demo+other://x', 'ui://other/panel', 'ui://notes', '+notes:x', 'x', `${'x'.repeat(200)}+notes:y`])(
    '%j names none of the servers',
    (uri) => {
      expect(readQualified(uri, isServer)).toBeNull()
    },
  )

  it('is read by the last name in it', () => {
    expect(readQualified('demo+notes+my-server://x', isServer)).toEqual({ server: 'my-server', uri: 'demo+notes://x' })
    expect(readQualified('git+ssh://host/x', isServer)).toEqual({ server: 'ssh', uri: 'git://host/x' })
  })

  it('tells what is private from what is the same for everybody', () => {
    expect(['ui://x', 'skill://x', 'UI://x', 'ui:x', 'uix://x', 'file:///x'].map(isPrivateUri)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
    expect(['https://x', 'HTTP://x', 'file:///x', 'data:,x', 'demo://x', 'x'].map(isSharedUri)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
