import { describe, expect, it } from 'vitest'
import type { ActivityItem } from './activity-search.ts'
import { csvCell, exportText } from './export-text.ts'

const item = {
  id: 'evt_1',
  at: '2026-11-21T10:00:00.000Z',
  kind: 'call',
  actor: { id: 'key_1', kind: 'key', name: 'lap,top "2"' },
  endpoint: 'dev',
  deployment: 'docs',
  method: 'tools/call',
  target: '=HYPERLINK("http://evil.example","x")',
  era: 'modern',
  verdict: 'allow',
  rule: 'grant',
  outcome: 'ok',
  status: 200,
  bytesIn: 1,
  bytesOut: 2,
  us: 3,
} as const satisfies ActivityItem

describe('a cell of the table', () => {
  it('is never a formula', () => {
    for (const bad of ['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '\r=1', '\n@x', '|cmd', '＝1']) {
      expect(csvCell(bad).replace(/^"/, '')).toMatch(/^['⟨]/)
    }
  })

  it('quotes what would end it', () => {
    expect(csvCell('a,b')).toBe('"a,b"')
    expect(csvCell('say "x"')).toBe('"say ""x"""')
    expect(csvCell('two\nlines')).toBe('"two\nlines"')
    expect(csvCell('plain')).toBe('plain')
    expect(csvCell(-5)).toBe('-5')
  })

  it('shows hidden characters', () => {
    expect(csvCell('a\u202Eb\u0000')).toBe('a⟨U+202E⟩b⟨U+0000⟩')
  })
})

describe('an export', () => {
  it('has a line per event and one for the names', () => {
    const lines = exportText([item, item], 'csv').split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^at,id,kind,actor_id/)
    expect(lines[1]).toContain('"lap,top ""2"""')
    expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`)
    expect(lines[3]).toBe('')
  })

  it('is JSON that can be read line by line', () => {
    const lines = exportText([item, item], 'jsonl').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([item, item])
  })
})
