import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { prepareDataFolder } from './data-folder.ts'

const isRoot = process.getuid?.() === 0
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-folder-'))
  return () => rmSync(folder, { recursive: true, force: true })
})

const refusal = (why: string): object => ({
  type: 'invalid-input',
  message: expect.stringContaining(why) as string,
  remedy: expect.stringContaining('--data-dir') as string,
})
const failure = (path: string): unknown => {
  try {
    prepareDataFolder(path)
  } catch (error) {
    return error
  }
  return null
}

describe('the data folder', () => {
  it('is made with its parents, ours alone, and closed to others when it is there already', () => {
    const path = join(folder, 'a/b/c')
    prepareDataFolder(path)
    for (const made of [path, join(folder, 'a')]) expect(statSync(made).mode & 0o777).toBe(0o700)
    chmodSync(path, 0o755)
    prepareDataFolder(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  it('cannot be a folder with files of others, which stays as it is', () => {
    const foreign = join(folder, 'srv')
    mkdirSync(join(foreign, 'spool'), { recursive: true })
    writeFileSync(join(foreign, 'index.html'), 'precious')
    chmodSync(foreign, 0o755)
    expect(failure(foreign)).toMatchObject(refusal(`${foreign} cannot be used: it holds files, and none of them is Sallyport's`))
    expect(failure(foreign)).toMatchObject({ remedy: expect.stringContaining('a new or an empty folder') as string })
    expect(statSync(foreign).mode & 0o777).toBe(0o755)
    expect(readdirSync(foreign)).toEqual(['index.html', 'spool'])
  })

  it.each(['sallyport.db', 'vault.key', 'cli.key'])('may hold whatever it likes beside %s: it was a data folder before', (name) => {
    writeFileSync(join(folder, name), '')
    writeFileSync(join(folder, 'notes.txt'), '')
    chmodSync(folder, 0o755)
    prepareDataFolder(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('may be the root of a fresh file system, with the declared file in it', () => {
    mkdirSync(join(folder, 'lost+found'))
    writeFileSync(join(folder, 'sallyport.json'), '{}')
    expect(failure(folder)).toBeNull()
  })

  it('cannot be a file, nor lie below one', () => {
    const file = join(folder, 'file')
    writeFileSync(file, 'precious', { mode: 0o644 })
    expect(failure(file)).toMatchObject(refusal(`${file} is a file, not a folder`))
    expect(failure(join(file, 'deeper/still'))).toMatchObject(refusal('is a file, not a folder'))
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })

  it('cannot be a link that leads nowhere', () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
    expect(failure(join(folder, 'link'))).toMatchObject(refusal('a link that leads nowhere'))
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  it.skipIf(!existsSync('/proc/self'))('cannot lie where the kernel makes no folders, which is said at once', () => {
    expect(failure('/proc/nope/deeper')).toMatchObject(refusal('The data folder /proc/nope/deeper cannot be used'))
  })

  it.skipIf(isRoot)('must be writable for this user', () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o500 })
    expect(failure(join(closed, 'data'))).toMatchObject(refusal(`${closed} is not writable for this user`))
  })

  it.skipIf(isRoot)('must not belong to another user', () => {
    expect(failure('/')).toMatchObject(refusal('/ belongs to another user (user id 0)'))
    expect(failure('/sallyport-test/data')).toMatchObject(refusal('/ belongs to another user (user id 0)'))
  })
})
