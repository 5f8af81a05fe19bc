import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stall, type StalledClient } from './attack-upstreams.ts'
import { rssKib, type Sallyport, startSallyport } from './harness.ts'

let sallyport: Sallyport

beforeAll(async () => {
  sallyport = await startSallyport()
})
afterAll(() => sallyport?.stop())

describe('a crowd without a credential', () => {
  const CLIENTS = 300
  const GROUP = 20
  const DECLARED_BYTES = 4 * 1024 * 1024
  /** Of each: kept, they and their connections would be more than the growth allowed. */
  const SENT_BYTES = 192 * 1024
  const ANSWERED_MS_MAX = 5_000
  const GROWTH_KIB_MAX = 60 * 1024

  it('is turned away before its bodies are read', async () => {
    // The first of a kind costs what it takes to load and compile its way.
    for (let i = 0; i < GROUP; i++) {
      const client = await stall(`${sallyport.url}/mcp`, DECLARED_BYTES, SENT_BYTES)
      await client.answered
      client.close()
    }
    const before = rssKib(sallyport.pid)
    const started = performance.now()
    const crowd: StalledClient[] = []
    const lines: string[] = []
    // Not all at the same moment: what they leave behind for good counts, not what is in the air.
    while (crowd.length < CLIENTS) {
      const group = await Promise.all(Array.from({ length: GROUP }, () => stall(`${sallyport.url}/mcp`, DECLARED_BYTES, SENT_BYTES)))
      crowd.push(...group)
      lines.push(...(await Promise.all(group.map(({ answered }) => answered))))
    }
    const tookMs = performance.now() - started
    const growth = rssKib(sallyport.pid) - before
    for (const client of crowd) client.close()
    expect(new Set(lines)).toEqual(new Set(['HTTP/1.1 401 Unauthorized']))
    expect(tookMs).toBeLessThan(ANSWERED_MS_MAX)
    expect(growth).toBeLessThan(GROWTH_KIB_MAX)
  })
})
