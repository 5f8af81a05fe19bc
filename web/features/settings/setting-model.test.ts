import { describe, expect, it } from 'vitest'
import { readSettingsSearch } from './settings-search.ts'
import { arrangeSettings, type Setting, valueText } from './setting-model.ts'

const setting = (over: Partial<Setting>): Setting => ({
  name: 'port',
  env: 'SALLYPORT_PORT',
  flag: 'port',
  origin: 'default',
  isSecret: false,
  isSet: true,
  value: 7255,
  doc: 'Port to listen on.',
  ...over,
})

describe('settings', () => {
  it('put those that were changed first', () => {
    const list = [setting({ name: 'a' }), setting({ name: 'c', origin: 'flag' }), setting({ name: 'b', origin: 'environment' })]
    expect(arrangeSettings(list, '').map(({ name }) => name)).toEqual(['b', 'c', 'a'])
  })

  it('are found by name, variable, origin and meaning', () => {
    const list = [setting({}), setting({ name: 'log', env: 'SALLYPORT_LOG', flag: 'log', doc: 'Log level.', origin: 'file' })]
    for (const [q, found] of [
      ['LISTEN', 'port'],
      ['sallyport_log', 'log'],
      ['declared level', 'log'],
    ] as const) {
      expect(arrangeSettings(list, q).map(({ name }) => name)).toEqual([found])
    }
    expect(arrangeSettings(list, 'listen level')).toHaveLength(0)
  })

  it.each([
    [{ value: 7255 }, '7255'],
    [{ value: false }, 'false'],
    [{ value: ['a:1', 'b:2'] }, 'a:1,b:2'],
    [{ value: [] }, null],
    [{ value: '' }, null],
    [{ value: null }, null],
    [{ value: 'never to be seen', isSecret: true }, null],
  ])('write %o as %o', (over, text) => {
    expect(valueText(setting(over))).toBe(text)
  })

  it('open at what the address says, and at the beginning when it says nonsense', () => {
    expect(readSettingsSearch({ tab: 'secrets', add: 1, q: 7 })).toMatchObject({ tab: 'secrets', add: 1, q: '7' })
    expect(readSettingsSearch({ tab: 'x', ask: 'burn', q: {} })).toEqual({})
  })
})
