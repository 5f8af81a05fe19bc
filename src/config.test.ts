import { describe, expect, it } from 'vitest'
import { loadSettings, SETTINGS } from './config.ts'

const load = (redisUrl: string) => loadSettings({ env: { SALLYPORT_REDIS_URL: redisUrl }, flags: {}, cwd: '/' })

describe('the address of Redis', () => {
  it.each(['redis://127.0.0.1', 'rediss://someone:p%40ss@[::1]:6380/15'])('is taken as it is: %s', (url) => {
    const { settings, origins } = load(url)
    expect([settings.redisUrl, origins.redisUrl]).toEqual([url, 'environment'])
  })

  it.each(['canary-4711', 'http://:canary-4711@one', 'redis:canary-4711', 'redis:///canary-4711', 'rediss://:canary-4711@'])(
    'is refused without being shown: %s',
    (url) => {
      expect(() => load(url)).toThrow(/^SALLYPORT_REDIS_URL must look like redis:/)
      expect(() => load(url)).not.toThrow(/canary-4711/)
    },
  )

  it('is none without the setting, and never shown', () => {
    expect(loadSettings({ env: {}, flags: {}, cwd: '/' }).settings.redisUrl).toBeUndefined()
    expect(SETTINGS.redisUrl.isSecret).toBe(true)
  })
})
