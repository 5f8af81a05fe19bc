import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { readOnly } from './host-programs.ts'
import { ungrantedPaths } from './ungranted-paths.ts'

describe('the paths among the arguments that a sandbox would not show', () => {
  let folder: string
  let notes: string
  let project: string
  let dataDir: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-paths-'))
    ;[notes, project, dataDir] = ['notes', 'project', 'data'].map((name) => join(folder, name)) as [string, string, string]
    for (const one of [notes, project, dataDir]) mkdirSync(one)
    writeFileSync(join(dataDir, 'vault.key'), '')
    return () => rmSync(folder, { recursive: true, force: true })
  })

  const find = (args: readonly string[], granted: readonly string[] = []): string[] => {
    const files = granted.map((path) => ({ path, mode: 'ro' as const }))
    const view = { mounts: [readOnly(project)], links: [{ target: 'usr/bin', at: '/bin' }] }
    return ungrantedPaths({ files }, { args, view }, dataDir)
  }

  it('are those that the host has, each once, also behind a flag', () => {
    expect(
      find([notes, `${notes}/`, `--root=${notes}/../notes`, join(notes, 'missing'), 'relative', '--x', 'https://example.com/tmp']),
    ).toEqual([notes])
    expect(find([`--root=${notes}`])).toEqual([notes])
    expect(find([`ROOT=${notes}`])).toEqual([notes])
  })

  it('are not those that are granted or shown anyway', () => {
    expect(find([notes, join(notes, '.')], [notes])).toEqual([])
    expect(find([notes], [join(notes, 'deeper')])).toEqual([notes])
    expect(find([join(project, 'main.js'), project, '/bin/sh', '/tmp', '/etc/passwd'])).toEqual([])
  })

  it('never tell of what could not be granted: the kernel, the data folder, and links that lead there', () => {
    symlinkSync(join(dataDir, 'vault.key'), join(folder, 'key'))
    symlinkSync('/proc/self', join(folder, 'self'))
    const sly = [join(dataDir, 'vault.key'), dataDir, '/proc/self/environ', '/dev/null', '/', '/sallyport/bin/node']
    expect(find([...sly, join(folder, 'key'), join(folder, 'self'), join(folder, 'self/environ'), `${notes}\0`])).toEqual([])
  })
})
