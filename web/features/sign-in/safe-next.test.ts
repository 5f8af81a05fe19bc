import { describe, expect, it } from 'vitest'
import { safeNext } from './safe-next.ts'

const ORIGIN = 'http://127.0.0.1:7255'

describe('where a sign-in leads', () => {
  it.each([
    ['/app', '/app'],
    ['/app/keys', '/app/keys'],
    ['/app/activity?verdict=deny#x', '/app/activity?verdict=deny#x'],
    ['/app/profiles/../keys', '/app/keys'],
  ])('goes on to %s', (next, to) => expect(safeNext(next, ORIGIN)).toBe(to))

  it.each([
    undefined,
    '',
    '/',
    '/docs',
    '/apples',
    '//evil.example/app',
    'https://evil.example/app',
    '/app/../welcome',
    '/app/../../app/..//evil.example',
    '/app\\@evil.example/..\\..\\',
    'javascript:alert(1)//app',
    '/app/sign-in?next=/app/keys',
  ])('goes to the first page instead of %s', (next) => expect(safeNext(next, ORIGIN)).toBe('/app'))
})
