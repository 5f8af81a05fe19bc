import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '#config.ts'
import { PROBLEMS } from './problem.ts'
import { MENDERS, PROBLEM_DESCRIPTIONS } from './problem-guide.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

describe('the guide to problems', () => {
  it('describes each problem of the catalogue once', () => {
    expect(PROBLEM_DESCRIPTIONS.map(({ type }) => type)).toEqual(Object.keys(PROBLEMS))
  })

  it.each(PROBLEM_DESCRIPTIONS)('says of $type what it means, who mends it and how', ({ meaning, mend, mendedBy }) => {
    expect(mendedBy.length).toBeGreaterThan(0)
    expect(mendedBy.filter((mender) => !(mender in MENDERS))).toEqual([])
    expect(mend.length).toBeGreaterThan(0)
    for (const sentence of [meaning, ...mend]) {
      expect(sentence).toMatch(/\.$/)
      expect(sentence.split('`').length % 2, `unpaired backquote: ${sentence}`).toBe(1)
    }
  })

  it('names only settings and commands that exist', () => {
    const codes = PROBLEM_DESCRIPTIONS.flatMap(({ mend }) =>
      mend.flatMap((sentence) => sentence.split('`').filter((_, at) => at % 2 === 1)),
    )
    const settings = codes.flatMap((code) => code.match(/SALLYPORT_\w+/g) ?? [])
    const known = new Set<string>(Object.values(SETTINGS).map(({ env }) => env))
    expect(settings.length).toBeGreaterThan(0)
    expect(settings.filter((name) => !known.has(name))).toEqual([])
    const reference = read('docs/reference/cli.md')
    const commands = codes.filter((code) => code.startsWith('sallyport ')).map((code) => /^sallyport( [a-z]+)+/.exec(code)![0])
    expect(commands.length).toBeGreaterThan(0)
    expect(commands.filter((command) => !reference.includes(`\n## ${command}\n`))).toEqual([])
  })
})
