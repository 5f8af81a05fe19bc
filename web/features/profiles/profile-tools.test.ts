import { describe, expect, it } from 'vitest'
import { isMeant, toolNameFault, toolsOf } from './profile-tools.ts'
import type { ToolRules } from './tool-rules.ts'

const NONE: ToolRules = { include: [], exclude: [], rename: {}, describe: {}, fix: {}, search: false }
const RAW = [
  {
    name: 'search',
    description: 'Finds text',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true, destructiveHint: true },
  },
]

describe('the tools of a profile', () => {
  it('have the names, texts and arguments that its rules give them', () => {
    const rules = {
      ...NONE,
      rename: { docs__search: 'find' },
      describe: { docs__search: 'Look here first' },
      fix: { docs__search: { limit: 5 } },
    }
    expect(toolsOf('docs', RAW, rules, ['find'])[0]).toMatchObject({
      fullName: 'docs__search',
      key: 'docs__search',
      name: 'find',
      description: 'Look here first',
      ownDescription: 'Finds text',
      isOffered: true,
      isRenamed: true,
      isDescribed: true,
      fixed: ['limit'],
      isReadOnly: true,
      isDestructive: false,
    })
  })

  it('are shown when they are left out', () => {
    expect(toolsOf('docs', RAW, { ...NONE, exclude: ['docs__*'] }, [])[0]).toMatchObject({ isOffered: false, name: 'docs__search' })
    expect(toolsOf('docs', RAW, { ...NONE, include: ['other__*'] }, [])[0]).toMatchObject({ isOffered: false })
  })

  it('have a short form when their names are too long, known from the list only', () => {
    const long = [{ name: 'x'.repeat(80) }]
    const alias = `docs__${'x'.repeat(49)}_0a1b2c3d`
    expect(alias).toHaveLength(64)
    expect(toolsOf('docs', long, NONE, [alias])[0]).toMatchObject({ key: alias, name: alias })
    expect(toolsOf('docs', long, NONE, [])[0]).toMatchObject({ key: null, name: `docs__${'x'.repeat(80)}` })
    expect(toolsOf('docs', long, { ...NONE, exclude: [alias] }, [alias])[0]).toMatchObject({ isOffered: false })
  })

  it('are found by any of their words', () => {
    const [tool] = toolsOf('docs', RAW, NONE, [])
    expect(isMeant(tool!, 'TEXT docs')).toBe(true)
    expect(isMeant(tool!, 'text nowhere')).toBe(false)
    expect(isMeant(tool!, '  ')).toBe(true)
  })
})

describe('a new name for a tool', () => {
  it('is one that clients take and no other tool has', () => {
    expect(toolNameFault('', ['a'])).toBe(null)
    expect(toolNameFault('find-it_2.0', ['a'])).toBe(null)
    expect(toolNameFault('a', ['a'])).toContain('Another tool')
    expect(toolNameFault('find it', [])).toContain('Letters')
    expect(toolNameFault('\u202Efind', [])).toContain('Letters')
    expect(toolNameFault('x'.repeat(65), [])).toContain('64')
  })
})
