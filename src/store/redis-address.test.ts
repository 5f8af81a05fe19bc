import { describe, expect, it } from 'vitest'
import { readRedisUrl } from './redis-address.ts'
import { problem } from './testing.ts'

describe('the address of Redis', () => {
  it.each([
    ['redis://one', { host: 'one', port: 6379, isTls: false, username: undefined, password: undefined, database: 0, shown: 'one:6379' }],
    ['rediss://one.example:7000/', { host: 'one.example', port: 7000, isTls: true, database: 0, shown: 'one.example:7000' }],
    ['redis://:p%40ss@127.0.0.1/15', { username: undefined, password: 'p@ss', database: 15, shown: '127.0.0.1:6379' }],
    ['redis://us%C3%A4r:a:b@[::1]:1', { host: '::1', port: 1, username: 'usär', password: 'a:b', shown: '[::1]:1' }],
  ])('is read from %s', (text, address) => {
    expect(readRedisUrl(text)).toMatchObject(address)
  })

  it.each([
    '',
    'redis:',
    'redis://',
    'redis://:secret-4711@',
    'http://secret-4711@one',
    'unix:///secret-4711',
    'redis://:secret-4711@one:99999',
    'redis://:secret-4711@one/db',
    'redis://:secret-4711@one/1/2',
    'redis://:secret-4711@one/123456',
    'redis://:secret-4711@one?tls=true',
    'redis://:secret-4711@one#1',
    'redis://:secret-4711%@one',
  ])('is refused as %j, without showing it', (text) => {
    let failure: unknown
    try {
      readRedisUrl(text)
    } catch (error) {
      failure = error
    }
    expect(failure).toEqual(problem('invalid-input', 'SALLYPORT_REDIS_URL'))
    expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain('secret-4711')
    expect((failure as Error).cause).toBeUndefined()
  })
})
