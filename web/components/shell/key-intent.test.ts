import { describe, expect, it } from 'vitest'
import { createKeyReader, type PressedKey } from './key-intent.ts'

const press = (key: string, more: Partial<PressedKey> = {}): PressedKey => ({
  key,
  hasCommand: false,
  hasOther: false,
  isTaken: false,
  atMs: 0,
  ...more,
})
const reader = () => createKeyReader([{ key: 'd', to: '/app/deployments' }])

describe('what keys mean', () => {
  it('opens the palette from everywhere, fields included', () => {
    expect(reader()(press('k', { hasCommand: true, isTaken: true }), true)).toEqual({ kind: 'palette' })
    expect(reader()(press('K', { hasCommand: true }), false)).toEqual({ kind: 'palette' })
    expect(reader()(press('k', { hasCommand: true, hasOther: true }), true)).toBeNull()
  })

  it('goes to a place by g and its letter', () => {
    const read = reader()
    expect(read(press('g'), true)).toBeNull()
    expect(read(press('d', { atMs: 400 }), true)).toEqual({ kind: 'go', to: '/app/deployments' })
    expect(read(press('d', { atMs: 500 }), true)).toBeNull()
  })

  it('forgets g after a while, and after another key', () => {
    const read = reader()
    read(press('g'), true)
    expect(read(press('d', { atMs: 5_000 }), true)).toBeNull()
    read(press('g', { atMs: 6_000 }), true)
    read(press('x', { atMs: 6_100 }), true)
    expect(read(press('d', { atMs: 6_200 }), true)).toBeNull()
  })

  it('leaves letters to fields, to other modifiers, and to those who turned them off', () => {
    for (const key of ['/', '?']) {
      expect(reader()(press(key), true)).not.toBeNull()
      expect(reader()(press(key, { isTaken: true }), true)).toBeNull()
      expect(reader()(press(key, { hasOther: true }), true)).toBeNull()
      expect(reader()(press(key, { hasCommand: true }), true)).toBeNull()
      expect(reader()(press(key), false)).toBeNull()
    }
  })

  it('does not take up g typed in a field', () => {
    const read = reader()
    read(press('g', { isTaken: true }), true)
    expect(read(press('d', { atMs: 100 }), true)).toBeNull()
  })
})
